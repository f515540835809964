"""Silent mode on the way of a message: what is written, what is kept back, what goes again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.messaging.messages.rows import states, write
from tests.support import mail
from webapp.core.clock import now
from webapp.core.db import db
from webapp.events.models import Event
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import recovery, services, silencing
from webapp.messaging.messages.models import MessageClass
from webapp.messaging.messages.orders import Channel
from webapp.messaging.push.models import PushNote
from webapp.messaging.silence.queries import get_silent_mode, present
from webapp.messaging.silent_mode import services as silent_mode
from webapp.people.accounts.models import Account

Open = Callable[..., None]


@pytest.fixture
def open_under(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Let the program be one that was started under another address."""
    settings = app.config["VESTNIK"]

    def start(address: str, **others: object) -> None:
        monkeypatch.setitem(app.config, "VESTNIK", replace(settings, base_url=address, **others))

    return start


def turn_on(carol: Account, *exceptions: str) -> None:
    silent_mode.turn_on("A trial", actor=carol)
    silent_mode.change_exceptions(exceptions, actor=carol)
    db.session.commit()


def look() -> bool:
    is_on = silent_mode.look()
    db.session.commit()
    return is_on


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def announced() -> list[Event]:
    db.session.rollback()
    return list(db.session.scalars(select(Event).where(Event.kind == "setting.changed").order_by(Event.id)))


def test_what_is_written_in_silent_mode_is_suppressed_and_makes_no_push_note(alice, carol, app):
    mail.make_connection()
    turn_on(carol)
    (done,) = mail.create(mail.make_order(alice))
    assert done.message_id is not None
    assert done.skipped == {Channel.PUSH: "silent_mode"}
    delivery = mail.delivery()
    assert (delivery.state, delivery.cause, count(PushNote)) == ("suppressed", "silent_mode", 0)


def test_exceptions_get_mail_and_push_notes(alice, bob, carol, app):
    mail.make_connection()
    turn_on(carol, bob.email)
    mail.create(mail.make_order(alice), mail.make_order(bob))
    assert [one.state for one in mail.deliveries()] == ["suppressed", "waiting"]
    assert db.session.scalars(select(PushNote.account_id)).all() == [bob.id]


def test_a_push_note_alone_is_passed_over_with_the_reason(alice, carol, app):
    mail.make_connection()
    turn_on(carol)
    (done,) = mail.create(mail.make_order(alice, channels=frozenset({Channel.PUSH})))
    assert (done.message_id, done.skipped) == (None, {Channel.PUSH: "silent_mode"})


def test_a_link_for_signing_in_is_kept_back_too(alice, carol, app):
    mail.make_connection()
    turn_on(carol)
    mail.create(mail.make_order(alice, message_class=MessageClass.SIGN_IN))
    assert mail.delivery().state == "suppressed"


def test_what_waits_for_a_later_try_is_suppressed_with_the_rest(alice, carol, app):
    connection_id = mail.make_connection().id
    other_id = mail.make_connection().id
    write(connection_id, 3, account=alice, age_h=-1)  # due in an hour
    write(other_id, 2, address="kept@spared.example")
    write(other_id, 2, address="kept@elsewhere.example")
    turn_on(carol, "spared.example")
    recovery.recover()
    db.session.commit()
    assert states() == {"suppressed": 5, "waiting": 2}


def test_many_are_suppressed_some_at_a_time(alice, carol, app, monkeypatch):
    monkeypatch.setattr(recovery, "BATCH", 3)
    monkeypatch.setattr(silencing, "BATCH", 3)
    connection_id = mail.make_connection().id
    write(connection_id, 4, address="kept@spared.example")
    write(connection_id, 7, account=alice)
    turn_on(carol, "spared.example")
    while recovery.recover():
        db.session.commit()
    db.session.commit()
    assert states() == {"suppressed": 7, "waiting": 4}


def test_after_the_end_new_ones_go_and_old_ones_stay(alice, carol, app):
    mail.make_connection()
    turn_on(carol)
    mail.create(mail.make_order(alice))
    assert silent_mode.turn_off(actor=carol)
    db.session.commit()
    recovery.recover()
    mail.create(mail.make_order(alice))
    assert [one.state for one in mail.deliveries()] == ["suppressed", "waiting"]
    assert count(PushNote) == 1


def test_what_was_suppressed_goes_again_by_hand_but_not_in_silence(alice, bob, carol, app):
    mail.make_connection()
    turn_on(carol)
    mail.create(mail.make_order(alice), mail.make_order(bob))
    first, second = (one.id for one in mail.deliveries())
    with pytest.raises(services.KeptSilent):
        services.send_again(_delivery(first), actor_id=carol.id)
    silent_mode.change_exceptions([bob.email], actor=carol)
    assert services.send_all_again([first, second], "suppressed", may_repeat=False, actor_id=carol.id) == 1
    silent_mode.turn_off(actor=carol)
    services.send_again(_delivery(first), actor_id=carol.id)
    db.session.commit()
    assert [one.state for one in mail.deliveries()] == ["waiting", "waiting"]


def _delivery(number: int):
    delivery = db.session.get(services.Delivery, number)
    assert delivery is not None
    return delivery


def test_it_is_announced_who_turned_it_on_and_off_and_why(carol, app):
    turn_on(carol, "example.org")
    assert silent_mode.turn_off(actor=carol)
    assert not silent_mode.turn_off(actor=carol)
    db.session.commit()
    told = announced()
    assert [one.actor_id for one in told] == [carol.id] * 3
    assert told[0].changes["silent_mode"] == {"before": False, "after": True}
    assert told[0].changes["silent_note"]["after"] == "A trial"
    assert told[1].changes == {"silent_exceptions": {"before": [], "after": ["example.org"]}}
    assert told[2].changes == {"silent_mode": {"before": True, "after": False}}


def test_turned_on_twice_it_keeps_the_first_reason(carol, bob, app):
    turn_on(carol)
    assert not silent_mode.turn_on("Another", actor=bob)
    db.session.commit()
    row = get_silent_mode()
    assert row is not None
    assert (row.note, row.by_id) == ("A trial", carol.id)


def test_senders_look_anew_when_something_is_tightened(carol, app):
    connection_id = mail.make_connection().id
    turn_on(carol, "example.org")
    silent_mode.change_exceptions([], actor=carol)
    db.session.commit()
    assert db.session.get_one(MailConnection, connection_id).version == 4


def test_the_first_look_notes_where_the_database_is_at_home(app, open_under):
    open_under("https://desk.example.com")
    assert not look()
    row = get_silent_mode()
    assert row is not None
    assert (row.home, row.since) == ("desk.example.com", None)
    open_under("")
    assert present().is_on, "a copy is silent before anybody has written so"


@pytest.mark.parametrize("opened", ["", "http://127.0.0.1:8001", "https://trial.example.com"])
def test_a_copy_that_is_opened_elsewhere_turns_silent_by_itself(alice, carol, app, open_under, opened):
    open_under("https://desk.example.com")
    mail.make_connection()
    look()
    mail.create(mail.make_order(alice))
    open_under(opened)
    mail.create(mail.make_order(alice))
    assert [one.state for one in mail.deliveries()] == ["waiting", "suppressed"]
    assert look()
    assert look()
    recovery.recover()
    db.session.commit()
    assert {one.state for one in mail.deliveries()} == {"suppressed"}
    (told,) = announced()
    assert (told.actor_id, told.data["home"]) == (None, "desk.example.com")
    assert silent_mode.turn_off(actor=carol)
    db.session.commit()
    assert not look()
    mail.create(mail.make_order(alice))
    assert mail.deliveries()[-1].state == "waiting"


def test_it_stays_on_when_the_database_is_back_until_a_person_turns_it_off(carol, app, open_under):
    open_under("https://desk.example.com")
    look()
    open_under("https://trial.example.com")
    look()
    open_under("https://desk.example.com")
    assert look()
    silent_mode.turn_off(actor=carol)
    db.session.commit()
    assert not look()


def test_a_copy_of_a_silent_database_says_both_reasons(carol, app, open_under):
    open_under("https://desk.example.com")
    look()
    turn_on(carol)
    open_under("")
    look()
    row = get_silent_mode()
    assert row is not None
    assert (row.reason, row.note, row.home) == ("elsewhere", "A trial", "desk.example.com")
    assert row.since is not None
    assert row.since <= now()


def test_an_installation_that_gets_its_address_later_is_no_copy(app, open_under):
    open_under("")
    assert not look()
    open_under("https://desk.example.com")
    assert not look()
    row = get_silent_mode()
    assert row is not None
    assert row.home == "desk.example.com"


def test_a_demo_is_never_silent_by_itself(app, open_under):
    open_under("https://desk.example.com")
    look()
    open_under("http://127.0.0.1:8123", is_demo=True)
    assert not look()
    assert not present().is_on
