"""Cells in which events are handled and in which a person registers a ticket by its form."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from functools import partial
from http.cookiejar import Cookie
from pathlib import Path
from typing import Final

from tests.faults.matrix import cast, mailing
from tests.faults.matrix.checker import Fault, Finding, check_form, check_pages
from tests.faults.matrix.children import Child, wait_for
from tests.faults.matrix.scenes import Scene
from tests.faults.visitor import Answer, Visitor
from tests.support import people
from tests.support.patience import at_most
from webapp.desk.record_templates.queries import get_template
from webapp.desk.records import services as records
from webapp.launcher.browser import Form, Page
from webapp.launcher.environment import free_port
from webapp.people.accounts.models import Role

NEW_TICKET: Final = "/records/ticket/new"
TITLE: Final = "Registered in the middle of a fault"
GIVES_UP_S: Final = 15.0


def worker(scene: Scene) -> None:
    """The one who turns events into messages breaks; another goes on."""
    with scene.stage.prepared():
        connection_id = mailing.connect(scene.server, scene.cell.mode)
        alice, template = people.make_account("Alice Smirnova"), get_template("ticket")
        assert template is not None
        for number in range(3):
            values = {"title": f"Ticket {number}", "requester": alice.id}
            records.create_record(template, values, author=alice)
    scene.start_broken(partial(cast.work, scene.stage.app))
    _go_on(scene, connection_id)
    scene.wait_until_quiet()
    _require_each_told(scene, 3)


def web(scene: Scene) -> None:
    """The web breaks while Alice registers a ticket; she sends the same form again to one that is well."""
    with scene.stage.prepared():
        connection_id = mailing.connect(scene.server, scene.cell.mode)
        alice = people.make_session(people.make_account("Alice Smirnova"))
        bob = people.make_session(people.make_account("Bob Miller", role=Role.SUPPORT, language="en"))
    port = _listening(scene)
    asking, page = _form(port, alice)
    broken_port = _listening(scene, scene.cell.order)
    broken = scene.children[-1]
    elsewhere = replace(page, address=f"http://127.0.0.1:{broken_port}{NEW_TICKET}")
    first = scene.start(partial(_register, asking, elsewhere, page.form(NEW_TICKET), scene.folder / "first"))
    # Where the web stands still it may hold the database's only lock, so it goes on before anybody else acts.
    wait_for(lambda: first.look() is not None or scene.stands(broken), GIVES_UP_S)
    scene.let_late_one_go_on(broken)
    first.wait(GIVES_UP_S)
    again = asking.submit(page, page.form(NEW_TICKET), title=TITLE)
    _go_on(scene, connection_id)
    scene.wait_until_quiet()
    _require_one_ticket(scene, again)
    _require_each_told(scene, 1)
    _look_at_pages(scene, port, bob)


def _go_on(scene: Scene, connection_id: int) -> None:
    scene.start(partial(cast.work, scene.stage.app))
    scene.start(partial(cast.send, scene.stage.app, connection_id))
    scene.start(partial(cast.tick, scene.stage.app))


def _listening(scene: Scene, order: str = "") -> int:
    port = free_port()
    child: Child = scene.start(partial(cast.serve, scene.stage.app, port), order)
    assert wait_for(lambda: child.look() is not None or _takes_connections(port), at_most(5.0))
    return port


def _takes_connections(port: int) -> bool:
    """A request would pass the points that only Alice's own shall pass."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _form(port: int, token: str) -> tuple[Visitor, Page]:
    visitor = signed_in(port, token)
    return visitor, visitor.get(NEW_TICKET)


def signed_in(port: int, token: str) -> Visitor:
    """Return a browser of somebody whose session is there already."""
    visitor = Visitor(f"http://127.0.0.1:{port}")
    visitor.jar.set_cookie(
        Cookie(
            0, people.SESSION_COOKIE, token, None, False, "127.0.0.1", True, False, "/", True, False, None,
            False, None, None, {},
        )
    )  # fmt: skip
    return visitor


def _register(visitor: Visitor, page: Page, form: Form, answer: Path) -> None:
    shown = visitor.submit(page, form, title=TITLE)
    answer.write_text(json.dumps([shown.status, shown.address]), encoding="utf-8")


def _require_one_ticket(scene: Scene, again: Answer) -> None:
    rows = scene.stage.ask("SELECT id FROM record WHERE title = :title", {"title": TITLE})
    first = scene.folder / "first"
    shown = [json.loads(first.read_text(encoding="utf-8"))] if first.exists() else []
    answers = [*shown, (again.status, again.address)]
    scene.findings += check_form(answers, [row.id for row in rows]) + check_pages(
        [(NEW_TICKET, again.status, again.seconds)]
    )


def _require_each_told(scene: Scene, count: int) -> None:
    """Every ticket told its requester by one message."""
    rows = scene.stage.ask("SELECT subject_id FROM message WHERE rule_code = 'ticket.registered.requester'")
    if len({row.subject_id for row in rows}) < count:
        scene.findings.append(Finding(Fault.LOST, f"{len(rows)} of {count} requesters were told"))
    if len(rows) > count:
        scene.findings.append(Finding(Fault.TWICE_PER_CAUSE, f"{len(rows)} messages for {count} tickets"))


def _look_at_pages(scene: Scene, port: int, token: str) -> None:
    bob = signed_in(port, token)
    messages = scene.stage.ask("SELECT id FROM message WHERE id IN (SELECT message_id FROM delivery)")
    paths = ["/records/ticket", *(f"/messages/{row.id}" for row in messages)]
    answers = [(path, bob.get(path)) for path in paths]
    scene.findings += check_pages([(path, answer.status, answer.seconds) for path, answer in answers])
