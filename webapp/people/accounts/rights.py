"""Who may open a view: every view carries a mark, and one without a mark is open to nobody."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.htmx import is_htmx, redirect
from webapp.core.typed_text import typed_form
from webapp.people.accounts.models import Account

View = TypeVar("View", bound=Callable[..., Any])

PAGES_WITHOUT_MARK = frozenset({"static"})


class Rights(StrEnum):
    """To whom a view is open."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    STAFF = "staff_only"
    TECHNOLOGIST = "technologist_only"


def is_staff(account: Account) -> bool:
    """Whether the account is of support staff or of a technologist; for menus too."""
    return account.is_staff


def is_technologist(account: Account) -> bool:
    """Whether the account is of a technologist; for menus too."""
    return account.is_technologist


_ALLOWED: dict[Rights, Callable[[Account], bool]] = {
    Rights.PUBLIC: lambda account: True,  # noqa: ARG005 - the table gives each the account
    Rights.SIGNED_IN: lambda account: True,  # noqa: ARG005
    Rights.STAFF: is_staff,
    Rights.TECHNOLOGIST: is_technologist,
}


def public(view: View) -> View:
    """Open the view to everybody."""
    return _mark(view, Rights.PUBLIC)


def signed_in(view: View) -> View:
    """Open the view to everybody who is signed in; what they see of it is the view's own matter."""
    return _mark(view, Rights.SIGNED_IN)


def staff_only(view: View) -> View:
    """Open the view to support staff and technologists."""
    return _mark(view, Rights.STAFF)


def technologist_only(view: View) -> View:
    """Open the view to technologists."""
    return _mark(view, Rights.TECHNOLOGIST)


def rights_of(endpoint: str) -> Rights | None:
    """Return the mark of the view that answers at the endpoint."""
    return getattr(current_app.view_functions[endpoint], "rights", None)


def require(condition: object) -> None:
    """Answer 403 unless the condition holds."""
    if not condition:
        abort(403)


def current_account() -> Account:
    """Return the account that is signed in; answers 401 when nobody is."""
    if not current_user.is_authenticated:
        abort(401)
    return cast("Account", current_user._get_current_object())  # noqa: SLF001 - werkzeug's documented way


def current_session_id() -> int:
    """Return the number of the session in which the present request came."""
    number: int = g.account_session_id
    return number


def init_app(app: Flask) -> None:
    """Let every request be judged by the mark of its view."""
    app.before_request(_judge)


def _mark(view: View, rights: Rights) -> View:
    view.rights = rights  # type: ignore[attr-defined] # a function may carry what it likes
    return view


def _judge() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint in PAGES_WITHOUT_MARK:
        return None
    # Always asked here: later it would be asked in the middle of a view's transaction.
    is_known = current_user.is_authenticated
    rights = rights_of(request.endpoint)
    if rights is None:
        abort(403)
    if rights is Rights.PUBLIC:
        return None
    if not is_known:
        return _to_sign_in()
    require(_ALLOWED[rights](current_account()))
    return None


def _to_sign_in() -> ResponseReturnValue:
    if request.accept_mimetypes.best == "text/event-stream":
        abort(401)  # a stream would take the sign-in page for its events and try again for ever
    is_page = request.method == "GET" and not is_htmx()
    if request.method != "GET" and (is_htmx() or _brought_words()):
        abort(401)  # leaves the page with what was typed, or shows it; a redirect would lose it
    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?") if is_page else None))


def _brought_words() -> bool:
    typed = typed_form()
    return typed is not None and typed.has_words
