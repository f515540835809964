"""What a person typed into a form that could not be taken: kept on the error page, except for secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import request

CSRF_FIELD = "csrf_token"
_SECRET = re.compile(r"password|secret|token|again|present|key", re.IGNORECASE)
_UNSEEN = frozenset({"next", "username"})
_SHORT = 60


@dataclass(frozen=True)
class TypedField:
    """One field as it arrived."""

    name: str
    value: str

    @property
    def is_long(self) -> bool:
        """Whether it needs more than a line."""
        return len(self.value) > _SHORT or "\n" in self.value

    @property
    def is_words(self) -> bool:
        """Whether a person wrote it; numbers and what starts with "_" come from the page itself."""
        is_unseen = self.name.startswith("_") or self.name in _UNSEEN
        return not is_unseen and any(letter.isalpha() for letter in self.value)


@dataclass(frozen=True)
class TypedForm:
    """The form to be sent again, with the token that makes it ours."""

    action: str
    csrf_token: str
    fields: tuple[TypedField, ...]
    is_whole: bool

    @property
    def has_words(self) -> bool:
        """Whether something would be lost with it."""
        return any(field.is_words for field in self.fields)


def typed_form(csrf_token: str | None = None) -> TypedForm | None:
    """Return what the present request brought, None when it brought nothing that is worth keeping.

    ``csrf_token`` is the one to send it with; when it is not given, the one that came is used again.
    """
    if request.method != "POST":
        return None
    all_fields = [
        TypedField(name, value) for name, value in request.form.items(multi=True) if name != CSRF_FIELD
    ]
    kept = tuple(field for field in all_fields if not _SECRET.search(field.name))
    if not any(field.value for field in kept):
        return None
    return TypedForm(
        action=request.full_path.rstrip("?"),
        csrf_token=csrf_token or request.form.get(CSRF_FIELD, ""),
        fields=kept,
        is_whole=len(kept) == len(all_fields) and not request.files,
    )
