"""Every page of the program at an address that shows something: from its routes and the demo's numbers."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from tests.browser.conftest import ask
from webapp.app import create_app
from webapp.core.config import Config
from webapp.people.accounts.rights import Rights

#: Who looks at the pages that carry a mark of rights.
READERS = {
    Rights.PUBLIC: None,
    Rights.SIGNED_IN: "alice",
    Rights.STAFF: "bob",
    Rights.TECHNOLOGIST: "carol",
}
#: Not pages: a stream, downloads, fragments for htmx, redirects, what stands in a frame of another page.
NOT_PAGES = frozenset(
    {
        "static", "push.stream", "push.panel", "records.download", "records.export", "records.options",
        "records.go", "records.mentions", "accounts.go", "accounts.managers", "approvals.people",
        "agreements.progress", "journal.progress", "deliveries.progress", "console.names", "messages.html",
        "mail_connections.check_progress", "demo.attachment", "demo.mail_html", "demo.mail_source",
        "escalations.progress",
    }
)  # fmt: skip
TEMPLATES = ("ticket", "service")


@dataclass(frozen=True)
class SomePage:
    """One page: who looks, the route, and how the route's parts are found in a running program."""

    reader: str | None
    endpoint: str
    template_name: str = ""

    def __str__(self) -> str:
        return "-".join(filter(None, (self.reader or "nobody", self.endpoint, self.template_name)))


def list_pages() -> list[SomePage]:
    """Return all pages, each for the person for whom it is made; the common ones also for staff."""
    app = _unopened_app()
    pages = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in NOT_PAGES or "GET" not in (rule.methods or ()):
            continue
        reader = READERS[app.view_functions[rule.endpoint].rights]  # type: ignore[attr-defined] # set by rights
        for template_name in TEMPLATES if "template_name" in rule.arguments else ("",):
            pages += [
                SomePage(one, rule.endpoint, template_name) for one in _readers(rule, reader, template_name)
            ]
    return sorted(pages, key=str)


def _readers(rule: Rule, reader: str | None, template_name: str) -> list[str | None]:
    if template_name == "service":
        return ["carol"]
    if rule.endpoint == "home.settings":  # signed in, and then only whoever has something to set
        return ["bob", "carol"]
    if reader == "alice" and rule.endpoint.startswith(("records.", "home.", "explain.", "push.index")):
        return ["alice", "bob"]
    return [reader]


def address_of(page: SomePage, instance: Path) -> str:
    """Return the address of the page in a running program."""
    app = _unopened_app()
    rule = next(app.url_map.iter_rules(page.endpoint))
    numbers = Numbers(instance)
    values = {name: numbers.value(name, page) for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(page.endpoint, **values)


class Numbers:
    """The numbers in the database of a running demo."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance

    def value(self, argument: str, page: SomePage) -> object:
        """Return something that exists for one part of an address."""
        if argument == "template_name":
            return page.template_name
        if argument in SAME:
            return SAME[argument]
        if argument == "event_id" and page.endpoint == "explain.event":
            return self._one(QUERIES["record_id"].replace("SELECT subject_id", "SELECT event_id"))
        if argument == "rule_code":
            return "ticket.waiting.requester"
        if argument == "name":
            return max((self.instance / "mailbox" / "mail").glob("*.json")).stem
        return self._one(QUERIES[argument])

    def _one(self, query: str) -> int:
        found = ask(self.instance, query)
        assert found, f"the demo has nothing for: {query}"
        return int(found[0])


SAME = {
    "token": "not-a-link-of-ours",
    "invitation": "not-a-link-of-ours",
    "language": "en",
    "code": "ticket.status.requester",
}
QUERIES = {
    # Alice's ticket about which people were told something.
    "record_id": """SELECT subject_id FROM message JOIN record ON record.id = subject_id
                    JOIN account ON account.id = requester_id
                    WHERE subject_type = 'record' AND email = 'alice@example.com' ORDER BY message.id DESC""",
    "account_id": "SELECT id FROM account WHERE email = 'emma@example.com'",
    "team_id": "SELECT id FROM team ORDER BY id",
    "event_id": "SELECT event_id FROM message WHERE event_id IS NOT NULL ORDER BY id DESC",
    "message_id": "SELECT message_id FROM delivery ORDER BY id DESC",
    "connection_id": "SELECT id FROM mail_connection ORDER BY id",
    "calendar_id": "SELECT id FROM working_calendar ORDER BY id",
    "agreement_id": "SELECT id FROM agreement ORDER BY id",
    "note_id": "SELECT id FROM push_note ORDER BY id DESC",
}


def _unopened_app() -> Flask:
    global _app  # noqa: PLW0603 - making it takes a second
    if _app is None:
        folder = Path(tempfile.gettempdir())
        _app = create_app(
            Config(
                instance=folder, database_url=f"sqlite:///{folder}/nowhere.db", redis_url="unix:///nowhere",
                secret_keys=("routes only",), is_demo=True,
            )
        )  # fmt: skip
    return _app


_app: Flask | None = None
