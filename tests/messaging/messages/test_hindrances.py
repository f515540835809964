"""Loops: nothing goes to our own mailboxes, and no address gets more than the company allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.messaging.messages.rows import write
from tests.support import mail, people
from tests.support.pages import PageClient
from webapp.core.db import db
from webapp.messaging.mail_connections import services as connections
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import compose, flood, services
from webapp.messaging.messages.models import Delivery, MessageClass
from webapp.messaging.messages.orders import Channel
from webapp.messaging.push.models import PushNote
from webapp.people.accounts.models import Account, Role
from webapp.people.company import settings as company

SignIn = Callable[[Account], PageClient]


def allow(most: int | None) -> None:
    company.change(replace(company.get(), most_per_address=most, notify_unregistered=True), actor=None)
    db.session.commit()


def states() -> Counter[tuple[str, str | None]]:
    return Counter((one.state, one.cause) for one in mail.deliveries())


WAITS, HELD = ("waiting", None), ("held", "too_many")


@pytest.mark.parametrize("address", ["vestnik@example.com", "SUPPORT@Example.com", "other@help.example"])
def test_our_own_mailboxes_get_no_mail_whosoever_they_are(alice: Account, address: str) -> None:
    mail.make_connection()
    mail.make_connection().support_address = "Other@help.example"
    alice.email = address
    db.session.commit()
    (done,) = mail.create(mail.make_order(alice))
    assert done.skipped == {Channel.EMAIL: "own_mailbox"}
    assert not mail.deliveries()
    assert db.session.scalars(select(PushNote.account_id)).all() == [alice.id]


def test_an_address_without_an_account_is_no_way_round(app: Flask) -> None:
    mail.make_connection()
    allow(50)
    (done,) = mail.create(mail.make_order(None, address="Support@example.com"))
    assert done.skipped[Channel.EMAIL] == "own_mailbox"


def test_the_mailbox_of_a_deleted_connection_is_nobodys(alice: Account, carol: Account) -> None:
    mail.make_connection()
    other = mail.make_connection()
    other.support_address = alice.email
    connections.delete_connection(other, actor_id=carol.id)
    db.session.commit()
    (done,) = mail.create(mail.make_order(alice))
    assert done.skipped == {}


def test_a_link_for_signing_in_reaches_whoever_shares_a_mailbox_of_ours(alice: Account) -> None:
    mail.make_connection()
    alice.email = mail.SENDING.support_address
    db.session.commit()
    (done,) = mail.create(mail.make_order(alice, message_class=MessageClass.SIGN_IN))
    assert done.skipped == {}


def test_the_journal_tells_who_was_passed_over_and_why(
    alice: Account, carol: Account, sign_in: SignIn, drain: Callable[[], None]
) -> None:
    from tests.desk.making import make_ticket

    mail.make_connection()
    alice.email, carol.language = mail.SENDING.support_address, "en"
    db.session.commit()
    number = make_ticket(alice).id
    drain()
    browser = sign_in(carol)
    browser.get(f"/records/{number}/notifications")
    assert "It is one of our own mailboxes" in browser.text


def test_what_is_too_much_for_one_address_is_held(alice: Account, bob: Account) -> None:
    mail.make_connection()
    allow(5)
    mail.create(*[mail.make_order(one) for _ in range(4) for one in (alice, bob)])
    assert states() == {WAITS: 8}
    mail.create(*[mail.make_order(alice) for _ in range(3)], mail.make_order(bob))
    assert states() == {WAITS: 10, HELD: 2}
    held = [one for one in mail.deliveries() if one.state == "held"]
    assert {one.address for one in held} == {alice.email}
    assert held[0].id == max(one.id for one in mail.deliveries() if one.address == alice.email) - 1


def test_after_ten_quiet_minutes_the_address_gets_mail_again(alice: Account, clock) -> None:
    mail.make_connection()
    allow(2)
    mail.create(*[mail.make_order(alice) for _ in range(3)])
    clock.move(minutes=9)
    mail.create(mail.make_order(alice))
    assert states() == {WAITS: 2, HELD: 2}
    clock.move(minutes=10, seconds=1)
    mail.create(mail.make_order(alice))
    assert states() == {WAITS: 3, HELD: 2}


def test_without_a_limit_nothing_is_held(alice: Account) -> None:
    mail.make_connection()
    allow(None)
    mail.create(*[mail.make_order(alice) for _ in range(120)])
    assert states() == {WAITS: 120}


def test_fifty_are_allowed_by_default_and_links_for_signing_in_are_not_counted(alice: Account) -> None:
    mail.make_connection()
    mail.create(*[mail.make_order(alice) for _ in range(60)])
    assert states() == {WAITS: 50, HELD: 10}
    mail.create(mail.make_order(alice, message_class=MessageClass.SIGN_IN))
    assert states() == {WAITS: 51, HELD: 10}


def test_an_order_that_was_done_before_holds_nothing(alice: Account) -> None:
    mail.make_connection()
    allow(2)
    orders = [mail.make_order(alice) for _ in range(2)]
    mail.create(*orders)
    mail.create(*orders)
    assert states() == {WAITS: 2}


def test_each_of_many_subscribers_gets_the_one_mail(app: Flask) -> None:
    mail.make_connection()
    allow(1)
    mail.create(*[mail.make_order(None, address=f"reader{number}@example.net") for number in range(1200)])
    assert states() == {WAITS: 1200}


@pytest.mark.parametrize("size", [0, 150, 1500])
def test_the_limit_holds_however_many_others_were_written_to(alice: Account, size: int) -> None:
    connection_id = mail.make_connection().id
    write(connection_id, 40, account=alice, age_h=1)  # long ago
    write(connection_id, 3, account=alice)
    write(connection_id, size, address="others@example.net")
    allow(5)
    mail.create(*[mail.make_order(alice) for _ in range(4)])
    mine = Counter(one.state for one in mail.deliveries() if one.cause or one.message_id > 43 + size)
    assert mine == {"waiting": 2, "held": 2}


def test_the_limit_holds_when_several_write_at_once(app: Flask, alice: Account) -> None:
    mail.make_connection()
    allow(20)
    number = alice.id
    db.session.remove()

    def write_some(_worker: int) -> None:
        with app.app_context():
            for _ in range(5):
                account = db.session.get_one(Account, number)
                compose.create_messages([mail.make_order(account) for _ in range(2)])
                db.session.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write_some, range(4)))
    assert states() == {WAITS: 20, HELD: 20}


def test_to_ask_about_many_addresses_takes_few_statements(app: Flask) -> None:
    mail.make_connection()
    orders = [mail.make_order(None, address=f"reader{number}@example.net") for number in range(900)]
    allow(50)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    mail.create(*orders)
    about = [one for one in statements if one.lstrip().startswith("SELECT") and "FROM delivery" in one]
    assert len(about) == -(-900 // flood.CHUNK)
    assert not [one for one in statements if "FROM lease" in one]


def test_staff_are_led_to_what_is_held_and_a_person_decides(
    alice: Account, carol: Account, sign_in: SignIn
) -> None:
    mail.make_connection()
    allow(2)
    carol.language = "en"
    db.session.commit()
    browser = sign_in(carol)
    assert not browser.get("/").select("a[href*='cause=too_many']")
    mail.create(*[mail.make_order(alice) for _ in range(4)])
    link = browser.get("/").select_one(".banners a[href*='cause=too_many']")
    assert "Messages are held: too many to one address" in browser.text
    browser.submit(str(link["href"]), "#again form", {})
    assert states() == {WAITS: 4}
    assert not browser.get("/").select("a[href*='cause=too_many']")


def test_a_decision_of_a_person_is_not_held_again(alice: Account, carol: Account) -> None:
    mail.make_connection()
    allow(1)
    mail.create(*[mail.make_order(alice) for _ in range(2)])
    held = db.session.scalars(select(Delivery).where(Delivery.state == "held")).one()
    services.send_again(held, actor_id=carol.id)
    db.session.commit()
    assert states() == {WAITS: 2}


def test_support_staff_are_told_too_and_users_are_not(alice: Account, sign_in: SignIn, app: Flask) -> None:
    mail.make_connection()
    allow(1)
    mail.create(*[mail.make_order(alice) for _ in range(2)])
    bob = people.make_account("Bob Miller", role=Role.SUPPORT)
    assert sign_in(bob).get("/").select(".banners a[href*='cause=too_many']")
    assert not sign_in(alice).get("/").select("a[href*='cause=too_many']")


def test_the_default_connection_is_found_among_several(alice: Account, carol: Account) -> None:
    mail.make_connection()
    heir = mail.make_connection()
    connections.make_default(heir, actor_id=carol.id)
    db.session.commit()
    mail.create(mail.make_order(alice))
    assert mail.delivery().connection_id == heir.id
    assert db.session.get_one(MailConnection, heir.id).is_default
