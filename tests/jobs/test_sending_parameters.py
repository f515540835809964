"""The sending parameters at work: what leaves, as whom, how often it is tried, in which batches."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from jobs.deliver_mail import deliver_mail
from jobs.ring_again import ring_again
from tests.people.pictures import picture
from tests.support import mail
from webapp.core import leases
from webapp.core.clock import now
from webapp.core.db import db
from webapp.messaging.mail_connections.condition import WaitReason, waiting_reason
from webapp.messaging.mail_connections.models import ConnectionState, MailConnection
from webapp.messaging.messages import claims, logos, services
from webapp.messaging.messages.models import Delivery, Lane
from webapp.messaging.messages.orders import MessageText
from webapp.people.company import logos as company_logos
from webapp.people.company import settings as company
from webapp.people.company.logo_picture import make_logo

RUSSIAN = MessageText(
    subject="[#{number}] Заявка зарегистрирована", lead="Заявка принята", body="Спасибо, ждите ответа."
)


def set_rules(**values: Any) -> None:
    db.session.execute(update(MailConnection).values(**values))
    db.session.commit()


def write(account: Any, count: int = 1, **changes: Any) -> None:
    mail.create(*[mail.make_order(account, **changes) for _ in range(count)])


def states() -> list[str]:
    return [one.state for one in mail.deliveries()]


# ---------------------------------------------------------------- charset, headers


def test_a_mail_leaves_in_the_chosen_charset(alice, sink, connection, drain):
    set_rules(charset="windows-1251", sender_name="Служба поддержки")
    write(alice, text=RUSSIAN, language="ru", why="Вы контактное лицо.")
    drain()
    (raw,) = sink.raws()
    message = mail.parsed(raw)
    assert b"=?windows-1251?b?" in raw
    assert message["Subject"] == "[#12] Заявка зарегистрирована"
    assert message["From"].addresses[0].display_name == "Служба поддержки"
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part.get_content_charset() == "windows-1251"
        assert "Спасибо, ждите ответа." in part.get_content()
    assert '<meta charset="windows-1251">' in message.get_body(("html",)).get_content()
    assert mail.delivery().state == "sent"


def test_what_the_charset_lacks_goes_out_as_utf_8(alice, sink, connection, drain):
    set_rules(charset="iso-8859-1")
    write(alice, text=RUSSIAN, language="ru")
    drain()
    message = mail.parsed(sink.raws()[0])
    assert message["Subject"] == "[#12] Заявка зарегистрирована"
    html = message.get_body(("html",))
    assert html.get_content_charset() == "utf-8"
    assert '<meta charset="utf-8">' in html.get_content()


def test_headers_leave_in_latin_letters_and_the_text_as_it_is(alice, sink, connection, drain):
    set_rules(has_latin_headers=True, sender_name="Служба поддержки")
    write(alice, text=RUSSIAN, language="ru")
    drain()
    raw = sink.raws()[0]
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    assert "Subject: [#12] Zaiavka zaregistrirovana\r\n" in head
    assert "From: Sluzhba podderzhki <vestnik@example.com>\r\n" in head
    assert "Спасибо" in mail.parsed(raw).get_body(("plain",)).get_content()


# ---------------------------------------------------------------- attempts


def test_a_fixed_pause_is_kept_and_the_last_attempt_ends_it(alice, sink, connection, drain, clock):
    set_rules(retry_pause_s=120, most_attempts=5)
    sink.script["rcpt", 0] = "450 4.2.0 later"
    write(alice)
    pauses = []
    for _ in range(4):
        drain()
        pauses.append((mail.delivery().due_at - now()).total_seconds())
        clock.move(seconds=120)
    assert pauses == [120] * 4
    assert mail.delivery().state == "waiting"
    drain()
    ended = mail.delivery()
    assert (ended.state, ended.cause, ended.attempts) == ("expired", "attempts_used_up", 5)
    assert "later" in ended.reply
    clock.move(days=1)
    drain()
    assert len(mail.attempts()) == 5


def test_a_longer_pause_that_the_server_names_holds(alice, sink, connection, drain):
    set_rules(retry_pause_s=60)
    sink.script["rcpt", 1] = "450 4.2.0 try again in 300 seconds"
    write(alice)
    drain()
    assert 299 <= (mail.delivery().due_at - now()).total_seconds() <= 300


def test_the_last_attempt_of_a_mail_that_may_have_arrived_leaves_it_to_a_person(
    alice, sink, connection, drain
):
    set_rules(most_attempts=1)
    sink.script["dot", 1] = "take-drop"
    write(alice)
    drain()
    assert (mail.delivery().state, mail.delivery().ambiguous) == ("uncertain", 1)


def test_who_sends_it_again_has_all_attempts_again(alice, bob, sink, connection, drain, clock):
    set_rules(most_attempts=2, retry_pause_s=1)
    sink.script = {("rcpt", number): "450 4.2.0 later" for number in (1, 2, 3)}
    write(alice)
    for _ in range(2):
        drain()
        clock.move(seconds=2)
    assert mail.delivery().state == "expired"
    services.send_again(db.session.get(Delivery, mail.delivery().id), actor_id=bob.id)
    db.session.commit()
    drain()
    assert mail.delivery().state == "waiting"
    clock.move(seconds=2)
    drain()
    assert mail.delivery().state == "sent"


def test_a_server_that_cannot_be_used_costs_no_attempt(alice, sink, connection, drain):
    set_rules(most_attempts=1)
    sink.script["mail", 1] = "421 4.3.2 closing"
    sink.script["greeting", 1] = "421 4.3.2 not now"
    write(alice)
    drain()
    assert (mail.delivery().state, mail.delivery().attempts) == ("waiting", 0)


# ---------------------------------------------------------------- batches


def test_a_batch_is_a_session_and_the_next_waits_for_its_interval(alice, sink, connection, clock):
    set_rules(most_in_batch=3, batch_interval_s=20)
    write(alice, 7)
    number = connection.id
    for sent, sessions in ((3, 1), (6, 2), (7, 3)):
        deliver_once(number)
        assert (states().count("sent"), sink.sessions) == (sent, sessions)
        deliver_once(number)  # another worker, or the same one started anew
        assert states().count("sent") == sent
        assert number not in claims.list_due_connections()
        clock.move(seconds=19)
        deliver_once(number)
        assert states().count("sent") == sent
        clock.move(seconds=2)


def deliver_once(number: int) -> None:
    """Let a sender come that does not wait for what is not due."""
    db.session.commit()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jobs.deliver_mail._sleep_until", lambda *_: (_ for _ in ()).throw(TimeoutError))
        try:
            deliver_mail(number)
        except TimeoutError:
            db.session.rollback()


def test_a_sender_waits_for_the_next_batch_by_itself(alice, sink, connection):
    set_rules(most_in_batch=2, batch_interval_s=1)
    write(alice, 4)
    deliver_mail(connection.id)
    assert (states(), sink.sessions) == (["sent"] * 4, 2)


def test_without_an_interval_the_next_batch_follows_at_once(alice, sink, connection):
    set_rules(most_in_batch=2)
    write(alice, 5)
    deliver_mail(connection.id)
    assert (states(), sink.sessions) == (["sent"] * 5, 3)


def test_a_batch_is_filled_from_the_urgent_lanes_on(alice, sink, connection):
    set_rules(most_in_batch=3, batch_interval_s=60)
    write(alice, 3)
    write(alice, lane=Lane.PERSON_WAITS)
    write(alice, lane=Lane.DEADLINE)
    deliver_once(connection.id)
    assert [one.lane for one in mail.deliveries() if one.state == "sent"] == [2, 0, 1]
    assert sink.sessions == 1


def test_a_sender_that_dies_in_its_batch_has_begun_the_interval(alice, connection, clock):
    set_rules(most_in_batch=3, batch_interval_s=60)
    write(alice, 5)
    assert claims.claim_due(connection.id, most=3)
    db.session.commit()
    state = db.session.get(ConnectionState, connection.id)
    assert (state.next_batch_at - now()).total_seconds() == 60
    assert waiting_reason(db.session.get(MailConnection, connection.id)) is WaitReason.NEXT_BATCH
    assert claims.claim_due(connection.id, most=3) is None


def test_batches_with_an_interval_have_one_session_at_a_time(alice, sink, connection):
    set_rules(most_in_batch=3, batch_interval_s=60)
    write(alice, lane=Lane.PERSON_WAITS)
    leases.take(f"mail:{connection.id}:0", 60)
    db.session.commit()
    deliver_mail(connection.id)
    assert (states(), sink.sessions) == (["waiting"], 0)


def test_the_clock_rings_when_the_next_batch_may_begin(alice, sink, connection, clock):
    set_rules(most_in_batch=1, batch_interval_s=300)
    write(alice, 2)
    deliver_once(connection.id)
    assert claims.list_due_connections() == []
    clock.move(seconds=301)
    assert claims.list_due_connections() == [connection.id]
    ring_again()
    deliver_once(connection.id)
    assert states() == ["sent", "sent"]


# ---------------------------------------------------------------- in parts


@pytest.fixture
def three(alice, connection):
    """A message to Alice with two copies."""
    write(alice)
    first = db.session.scalars(select(Delivery)).one()
    common = {"message_id": first.message_id, "connection_id": connection.id, "expires_at": first.expires_at}
    rows = [{"address": f"{name}@partner.test", "kind": "cc", "due_at": first.due_at} for name in ("b", "c")]
    db.session.execute(insert(Delivery), [common | row for row in rows])
    db.session.commit()


def test_off_a_message_of_which_one_recipient_is_refused_goes_to_nobody(sink, connection, drain, three):
    set_rules(sends_in_parts=False)
    sink.script["rcpt b@partner.test", 0] = "550 5.1.1 nobody here"
    drain()
    assert states() == ["refused"] * 3
    assert [one.cause for one in mail.deliveries()] == [
        "others_refused",
        "recipient_refused",
        "others_refused",
    ]
    assert sink.ledger == []


def test_off_what_one_has_to_wait_for_all_wait_for(sink, connection, drain, clock, three):
    set_rules(sends_in_parts=False)
    sink.script["rcpt b@partner.test", 1] = "450 4.2.0 greylisted"
    drain()
    assert states() == ["waiting"] * 3
    clock.move(minutes=2)
    drain()
    assert states() == ["sent"] * 3
    assert [len(taken.recipients) for taken in sink.ledger] == [3]


def test_on_the_others_get_it(sink, connection, drain, three):
    sink.script["rcpt b@partner.test", 0] = "550 5.1.1 nobody here"
    drain()
    assert states() == ["sent", "refused", "sent"]


# ---------------------------------------------------------------- logo


def test_a_mail_carries_the_logo_and_its_repeat_is_the_same_mail(
    alice, carol, sink, connection, drain, clock
):
    first = make_logo(picture())
    company_logos.set_logo(first, actor=carol)
    company.change_signatures("", "<p>Daisy &amp; Sons</p>", actor=carol)
    db.session.commit()
    sink.script["dot", 1] = "take-drop"
    write(alice)
    drain()
    company_logos.set_logo(make_logo(picture(colour=(200, 0, 0))), actor=carol)
    company.change_signatures("", "", actor=carol)
    db.session.commit()
    logos._picture.cache_clear()  # as another process would send it
    clock.move(minutes=2)
    drain()
    assert mail.delivery().state == "sent"
    assert sink.raws()[0] == sink.raws()[1]
    message = mail.parsed(sink.raws()[0])
    related = next(part for part in message.walk() if part.get_content_type() == "multipart/related")
    html, image = related.iter_parts()
    assert image.get_content_disposition() == "inline"
    assert image.get_content() == first.png
    assert f'src="cid:{image["Content-ID"].strip("<>")}"' in html.get_content()
    assert html.get_content().count("Daisy &amp; Sons") == 1
    assert message.get_body(("plain",)).get_content().count("\r\n-- \r\nDaisy & Sons\r\n") == 1


def test_many_mails_read_their_logo_once(alice, carol, sink, connection, drain, monkeypatch):
    company_logos.set_logo(make_logo(picture()), actor=carol)
    db.session.commit()
    write(alice, 5)
    reads: list[str] = []
    read = company_logos.get_png
    monkeypatch.setattr(company_logos, "get_png", lambda sha256: reads.append(sha256) or read(sha256))
    logos._picture.cache_clear()
    drain()
    assert states() == ["sent"] * 5
    assert len(reads) == 1
    assert all(mail.parsed(raw).get_body(("html",)) for raw in sink.raws())


def test_a_mail_without_a_logo_asks_for_none(alice, sink, connection, drain, monkeypatch):
    monkeypatch.setattr(logos, "pictures", lambda _sha256: pytest.fail("it asked"))
    write(alice)
    drain()
    assert states() == ["sent"]


def test_a_mail_whose_logo_is_gone_shows_the_name_of_the_company(alice, carol, sink, connection, drain):
    company_logos.set_logo(make_logo(picture(colour=(1, 2, 3))), actor=carol)
    db.session.commit()
    write(alice)
    db.session.execute(company_logos.Logo.__table__.delete())
    db.session.commit()
    logos._picture.cache_clear()
    drain()
    html = mail.parsed(sink.raws()[0]).get_body(("html",)).get_content()
    assert states() == ["sent"]
    assert 'alt="Vestnik"' in html
