"""Pages of the demo mailbox. They are there in demo mode only; everybody who is signed in may look."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, make_response, render_template, send_file
from flask_babel import lazy_gettext as _l

from webapp.core import config, menu
from webapp.core.security_headers import content_security_policy
from webapp.core.static_files import foreign_origins
from webapp.demo import mailbox, mailbox_files, reading
from webapp.demo.mailbox_files import StoredMail
from webapp.people.accounts.rights import signed_in

bp = Blueprint("demo", __name__, url_prefix="/demo")

MOST_SHOWN = 100
# Only the mail's own styles work inside its frame: no scripts, no forms, nothing from elsewhere.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_HEAD = re.compile(r"<head(?:\s[^<>]{0,500})?>", re.IGNORECASE)


def is_demo(_account: object) -> bool:
    """Whether the mailbox is there: this module is read before that is known."""
    return config.current().is_demo


menu.add("work", _l("Demo mailbox"), "demo.mailbox_list", icon="inbox", order=910, who=is_demo)


@bp.get("/mailbox")
@signed_in
def mailbox_list() -> str:
    """Show the newest mails."""
    folder = _folder()
    names = mailbox_files.names(folder)
    stored = [mail for name in names[:MOST_SHOWN] if (mail := mailbox_files.read(folder, name))]
    rows = [(mail, reading.read_headers(mail.content)) for mail in stored]
    return render_template("demo/mailbox_list.html", rows=rows, count=len(names), shown=MOST_SHOWN)


@bp.get("/mailbox/<name>")
@signed_in
def mail(name: str) -> Response:
    """Show one mail: headers, frame with its HTML, text, attachments."""
    stored = _get(name)
    page = render_template("demo/mail.html", stored=stored, mail=reading.read(stored.content))
    response = make_response(page)
    policy = content_security_policy(foreign_origins(current_app), frame_src="'self'")
    response.headers["Content-Security-Policy"] = policy
    return response


@bp.get("/mailbox/<name>/html")
@signed_in
def mail_html(name: str) -> Response:
    """Answer the HTML of a mail for its frame, under a policy of its own."""
    html = reading.read(_get(name).content).html
    # Links open in a new tab: the frame itself may show nothing but this mail.
    response = make_response(_HEAD.sub(r'\g<0><base target="_blank">', html, count=1))
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    return response


@bp.get("/mailbox/<name>/source")
@signed_in
def mail_source(name: str) -> Response:
    """Answer a mail exactly as it came, as plain text."""
    response = make_response(_get(name).content)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@bp.get("/mailbox/<name>/attachments/<int:number>")
@signed_in
def attachment(name: str, number: int) -> Response:
    """Answer an attachment as a download, never as something that the browser would show."""
    found = next(
        (each for each in reading.read(_get(name).content).attachments if each.number == number), None
    )
    if found is None:
        abort(404)
    return send_file(
        BytesIO(found.content),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=found.name,
    )


def _folder() -> Path:
    return mailbox.open_in(config.current().instance).mail_folder


def _get(name: str) -> StoredMail:
    stored = mailbox_files.read(_folder(), name)
    if stored is None:
        abort(404)
    return stored
