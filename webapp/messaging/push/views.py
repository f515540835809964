"""The bell on every page, the page of notes, and the live stream."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from webapp.core import htmx, menu, redis
from webapp.core.db import db
from webapp.core.paging import paginate
from webapp.core.slots import slot
from webapp.messaging.push import queries, services
from webapp.messaging.push.hub import Hub
from webapp.messaging.push.listener import listen_for_ever
from webapp.messaging.push.models import PushNote
from webapp.messaging.push.queries import BellState
from webapp.messaging.push.stream import CHANGED_EVENT, Announced, follow, server_event
from webapp.people.accounts.rights import current_account, current_session_id, signed_in

bp = Blueprint("push", __name__, url_prefix="/notes")

PAGE_SIZE = 50
LONGEST_EVENT_ID = 18
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

menu.add("work", _l("Notifications"), "push.index", icon="bell", order=900)


@bp.get("")
@signed_in
def index() -> str:
    """Show all notes, or the unread ones, newest first."""
    only_unread = request.args.get("show") == "unread"
    account_id = current_account().id
    statement = queries.find_notes(account_id, only_unread=only_unread)
    page = paginate(
        db.session, statement, [(PushNote.id, "desc")], cursor=request.args.get("cursor"), size=PAGE_SIZE
    )
    unread = queries.count_unread(account_id)
    return render_template("messaging/push/index.html", page=page, unread=unread, only_unread=only_unread)


@bp.get("/panel")
@signed_in
def panel() -> AnyResponse | str:
    """Answer the bell's state as a fragment: for pages in the background, which keep no stream open."""
    if not htmx.is_htmx():
        return htmx.redirect(url_for("push.index"))
    return _render_state(queries.get_bell_state(current_account().id))


@bp.post("/<int:note_id>")
@signed_in
def open_note(note_id: int) -> AnyResponse:
    """Mark the note as read and go to what it is about."""
    note = services.mark_read(current_account(), note_id)
    if note is None:
        abort(404)
    db.session.commit()
    return htmx.redirect(_address_of(note))


@bp.post("/<int:note_id>/read")
@signed_in
def mark_read(note_id: int) -> AnyResponse | str:
    """Mark the note as read and stay here."""
    if services.mark_read(current_account(), note_id) is None:
        abort(404)
    db.session.commit()
    return _state_after_writing()


@bp.post("/read")
@signed_in
def mark_all_read() -> AnyResponse | str:
    """Mark every note of the person as read."""
    services.mark_all_read(current_account())
    db.session.commit()
    return _state_after_writing()


@bp.get("/stream")
@signed_in
def stream() -> Response:
    """Keep the page's bell in step with the database for as long as both page and session live."""
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined] # noqa: SLF001 - Flask's documented way
    watch = Watch(app, request.environ.copy(), current_account().id, since=_last_event_id())
    texts = follow(_hub(), current_account().id, current_session_id(), watch.look)
    return Response(texts, mimetype="text/event-stream", headers=STREAM_HEADERS)


class Watch:
    """Looks at the database for one stream, each time as if its page asked anew: same rights and language."""

    def __init__(self, app: Flask, environ: dict[str, Any], account_id: int, *, since: int | None) -> None:
        self._app = app
        self._environ = environ
        self._account_id = account_id
        self._announced = Announced(since)
        self._since = since
        self._is_new_page = "HTTP_LAST_EVENT_ID" not in environ
        self._shown: object = None

    def look(self) -> str | None:
        """Return what to send, "" when nothing has changed, None when the session is over."""
        with self._app.request_context(self._environ.copy()):
            if not current_user.is_authenticated or current_account().id != self._account_id:
                return None
            state = queries.get_bell_state(self._account_id)
            shown = (state.unread, [(note.id, note.read_at is None) for note in state.notes])
            if shown == self._shown:
                return ""
            self._shown = shown
            return self._events(state)

    def _events(self, state: BellState) -> str:
        html = _render_state(state, toasts=self._announced.take_new(state.notes))
        text = server_event(html, event_id=state.newest_id)
        if not (self._is_new_page and self._since in {None, state.newest_id}):
            # A list of notes elsewhere on the page fetches itself again; one that has just come needs not.
            text += server_event(str(state.unread), name=CHANGED_EVENT)
        self._is_new_page = False
        return text


@slot("bar.bell")
def bell() -> Markup | None:
    """Fill the place for the bell in the bar."""
    if not current_user.is_authenticated:
        return None
    state = queries.get_bell_state(current_account().id)
    return Markup(render_template("messaging/push/_bell.html", state=state))  # noqa: S704 - Jinja escaped it


@slot("page.end", order=90)
def connection() -> Markup | None:
    """Fill the end of the page with the element that holds the stream."""
    if not current_user.is_authenticated:
        return None
    return Markup(render_template("messaging/push/_connection.html"))  # noqa: S704 - Jinja escaped it


@bp.record_once
def _make_hub(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)

    def listen(hub: Hub) -> None:
        with app.app_context():
            listen_for_ever(redis.long_client, hub)

    app.extensions["push_hub"] = Hub(listen)


def _hub() -> Hub:
    return cast("Hub", current_app.extensions["push_hub"])


def _render_state(state: BellState, toasts: list[PushNote] | None = None) -> str:
    return render_template("messaging/push/_state.html", state=state, toasts=toasts or [])


def _state_after_writing() -> AnyResponse | str:
    if not htmx.is_htmx():
        return htmx.redirect(url_for("push.index"))
    response = Response(_render_state(queries.get_bell_state(current_account().id)))
    response.headers["HX-Trigger"] = CHANGED_EVENT
    return response


def _address_of(note: PushNote) -> str:
    """Return the permalink of what the note is about; its owner answers there and checks rights."""
    if note.subject_type is None or note.subject_id is None:
        return url_for("push.index")
    return f"{request.script_root}/go/{note.subject_type}/{note.subject_id}"


def _last_event_id() -> int | None:
    """Return the newest note that the page shows: by the browser after a cut, by the address before that."""
    text = request.headers.get("Last-Event-ID") or request.args.get("since", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_EVENT_ID else None
