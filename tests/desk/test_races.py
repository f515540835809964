"""The same thing done twice at once by two connections: the second waits, and then is told what it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select

from tests.desk.making import make_record, make_ticket
from tests.support.pages import PageClient, form_values
from tests.support.races import let_another_wait
from webapp.core.db import db
from webapp.desk.record_templates.queries import get_template
from webapp.desk.records import services
from webapp.desk.records.models import Comment, Record
from webapp.people.accounts.models import Account

SignIn = Callable[[Account], PageClient]


@contextmanager
def while_another_sends(browser: PageClient, address: str, form: dict[str, Any]) -> Iterator[list[Any]]:
    """Send the form by another connection; what the block does is committed while that one is under way."""
    answers: list[Any] = []
    db.session.commit()
    other = threading.Thread(target=lambda: answers.append(browser.client.post(address, data=form)))
    yield answers
    other.start()
    let_another_wait()
    db.session.commit()
    other.join()


def form_of(browser: PageClient, address: str, selector: str) -> dict[str, Any]:
    return form_values(browser.get(address).select_one(selector))


def test_two_new_records_with_one_unique_value_at_once(bob: Account, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    form = form_of(browser, "/records/asset/new", "form[action$='/new']")
    form |= {"title": "Printer", "inventory_number": "N1"}
    with while_another_sends(browser, "/records/asset/new", form) as answers:
        template = get_template("asset")
        assert template
        services.create_record(template, {"title": "Laptop", "inventory_number": "N1"}, author=bob)
    assert answers[0].status_code == 422
    assert "field-inventory-number-error" in answers[0].get_data(as_text=True)
    assert db.session.scalars(select(Record.title)).all() == ["Laptop"]


def test_two_edits_to_one_unique_value_at_once(bob: Account, sign_in: SignIn) -> None:
    first, second = (make_record("asset", bob, title=title) for title in ("Laptop", "Printer"))
    browser = sign_in(bob)
    address = f"/records/{second.id}/edit"
    form = {**form_of(browser, address, "form[action$='/edit']"), "inventory_number": "N1"}
    with while_another_sends(browser, address, form) as answers:
        services.change_attributes(first, {"inventory_number": "N1"}, actor=bob, version=1, shown={})
    assert answers[0].status_code == 422
    assert "field-inventory-number-error" in answers[0].get_data(as_text=True)
    db.session.expire_all()
    assert (first["inventory_number"], second["inventory_number"]) == ("N1", None)


def test_one_form_of_a_new_record_twice_at_once(bob: Account, sign_in: SignIn) -> None:
    browser = sign_in(bob)
    form = form_of(browser, "/records/asset/new", "form[action$='/new']")
    form |= {"title": "Printer", "inventory_number": "N1"}
    with while_another_sends(browser, "/records/asset/new", form) as answers:
        template = get_template("asset")
        assert template
        values = {"title": "Printer", "inventory_number": "N1"}
        record = services.create_record(template, values, author=bob, nonce=form["_nonce"])
    assert answers[0].headers["Location"] == f"/records/{record.id}"
    assert db.session.scalar(select(func.count(Record.id))) == 1


def test_one_comment_twice_at_once(alice: Account, sign_in: SignIn) -> None:
    ticket = make_ticket(alice)
    browser = sign_in(alice)
    form = {**form_of(browser, f"/records/{ticket.id}", "form.comment-form"), "body": "Hello"}
    with while_another_sends(browser, f"/records/{ticket.id}/comments", form) as answers:
        services.add_comment(ticket, "Hello", author=alice, is_internal=False, nonce=form["nonce"])
    assert answers[0].status_code == 303
    assert db.session.scalar(select(func.count(Comment.id))) == 1
