"""What a mail tells the programs that get it: who made it, not to answer it, which conversation it is of.

The same message has the same headers each time, so they are made of nothing that could change meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from webapp.messaging.messages.classes import RULES

#: A mail to many about one record asks for these once.
_KEPT: Final = 1024


@lru_cache(maxsize=_KEPT)
def program_headers(
    message_class: str, subject_type: str | None, subject_id: int | None, domain: str, database: str
) -> Mapping[str, str]:
    """Return the headers of a message of the class about the subject.

    ``domain`` is that of our Message-IDs; ``database`` is the name of the database, by which mail that comes
    back is known as our own, and may be empty.
    """
    rules = RULES[message_class]
    # RFC 3834 §5; for Exchange, whose rules and absence notes do not read it; for all before either.
    headers = {"Auto-Submitted": rules.submitted, "X-Auto-Response-Suppress": "All"}
    if rules.is_bulk:
        headers["Precedence"] = "bulk"
    if database:
        headers["X-Loop"] = f"vestnik-{database}@{domain}"
    if subject_type and subject_id:
        headers |= _of_conversation(f"{subject_type}", subject_id, domain, is_list=rules.is_bulk)
    return MappingProxyType(headers)


def root_id(subject_type: str, subject_id: int, domain: str) -> str:
    """Return the Message-ID to which all mails about one thing answer: no mail has it, and none needs to."""
    return f"<{subject_type}.{subject_id}@{domain}>"


def _of_conversation(subject_type: str, subject_id: int, domain: str, *, is_list: bool) -> dict[str, str]:
    root = root_id(subject_type, subject_id, domain)
    conversation = {"In-Reply-To": root, "References": root}
    if not is_list:
        return conversation
    # RFC 2919: nothing to subscribe to, but a name by which people sort and mute all of it.
    return {"List-Id": f"<{subject_type}-{subject_id}.vestnik.{domain}>"} | conversation
