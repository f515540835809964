"""The page of a message: its way and its text, shown safely to staff alone."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from jobs.deliver_mail import deliver_mail
from tests.people.pictures import picture
from tests.support import mail
from tests.support.smtp_sink import SmtpSink
from webapp.core.db import db
from webapp.messaging.messages.models import Delivery, Message, MessageClass
from webapp.messaging.messages.orders import Channel
from webapp.people.company import logos
from webapp.people.company.logo_picture import make_logo


def message_of(account, **changes) -> Message:
    mail.make_connection()
    mail.create(mail.make_order(account, **changes))
    return db.session.scalars(select(Message)).one()


def test_the_page_tells_the_way_from_the_event_to_the_servers_words(alice, bob, sign_in):
    with SmtpSink(script={("dot", 1): "250 2.0.0 queued as 4711"}) as sink:
        connection = mail.make_connection(sink.port)
        mail.create(mail.make_order(alice, event_id=77))
        deliver_mail(connection.id)
    browser = sign_in(bob)
    browser.get("/messages/1")
    for words in (
        "Sent",
        "queued as 4711",
        "77",
        "Status changed (to the requester)",
        alice.email,
        "Printer is on fire",
    ):
        assert words in browser.text


def test_an_address_is_sent_to_in_wire_form_and_shown_as_people_write_it(alice, carol, sign_in):
    """H30: what stands before a person reads as it is spelt, with the letters of their own language."""
    alice.email = "alice@xn--bcher-kva.test"
    with SmtpSink() as sink:
        connection = mail.make_connection(sink.port)
        connection.system_address = "desk@xn--e1afmkfd.test"
        mail.create(mail.make_order(alice))
        deliver_mail(connection.id)
    assert "RCPT TO:<alice@xn--bcher-kva.test>" in sink.lines
    browser = sign_in(carol)
    outgoing = "/settings/mail/outgoing"
    for page in ("/messages/1", "/deliveries", "/accounts", f"/accounts/{alice.id}", outgoing):
        browser.get(page)
        shown = browser.page.select_one("main").get_text(" ")
        assert "alice@xn--" not in shown, page
        assert ("desk@пример.test" if page == outgoing else "alice@bücher.test") in shown, page
    found = browser.get("/deliveries", query_string={"person": "alice@bücher.test"})
    assert found.select(".event-title")


def test_the_logo_stands_in_the_frame_as_a_picture_of_its_own(alice, bob, carol, sign_in):
    logos.set_logo(make_logo(picture()), actor=carol)
    number = message_of(alice).id
    browser = sign_in(bob)
    image = browser.get(f"/messages/{number}/html", check=False).select_one("img")
    assert image["src"].startswith("data:image/png;base64,")
    policy = browser.response.headers["Content-Security-Policy"]
    assert "img-src data:;" in policy
    assert "sandbox" in policy


def test_a_waiting_message_says_why_what_next_and_what_to_do(alice, bob, sign_in):
    connection = mail.make_connection(is_complete=False)
    mail.create(mail.make_order(alice))
    browser = sign_in(bob)
    browser.get("/messages/1")
    for words in (
        "Waiting",
        "sending parameters are incomplete",
        "goes by itself",
        "it expires",
        "Fill in the block Sending",
    ):
        assert words in browser.text
    assert connection.id == 1


@pytest.mark.parametrize(
    "state",
    ["sending", "sent", "bounced", "refused", "held", "uncertain", "cancelled", "expired", "suppressed"],
)
def test_every_state_has_its_words(alice, bob, sign_in, state):
    message_of(alice)
    db.session.scalar(select(Delivery)).state = state
    db.session.commit()
    page = sign_in(bob).get("/messages/1")
    assert page.select_one(".card .state").get_text(strip=True)


def test_the_html_stands_in_a_sandboxed_frame_with_its_own_policy(alice, bob, sign_in):
    message_of(alice)
    browser = sign_in(bob)
    frame = browser.get("/messages/1").select_one("iframe")
    assert (list(frame["sandbox"]), frame["src"]) == ([], "/messages/1/html")
    assert "frame-src 'self'" in browser.response.headers["Content-Security-Policy"]
    browser.get("/messages/1/html", check=False)
    policy = browser.response.headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy
    assert "; sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert "Printer is on fire" in browser.text


def test_a_sign_in_message_is_shown_to_nobody(alice, carol, sign_in):
    message_of(alice, message_class=MessageClass.SIGN_IN, link="/set-password/canary-token")
    browser = sign_in(carol)
    browser.get("/messages/1")
    assert "canary-token" not in browser.response.get_data(as_text=True)
    assert not browser.page.select("iframe")
    browser.get("/messages/1/html", status=404)


def test_a_message_by_push_alone_has_a_page_too(alice, bob, sign_in):
    message_of(alice, channels=frozenset({Channel.PUSH}))
    browser = sign_in(bob)
    browser.get("/messages/1")
    assert "Nothing was sent by e-mail." in browser.text


def test_staff_cancels_and_sends_again(alice, bob, sign_in):
    message_of(alice)
    browser = sign_in(bob)
    form = browser.get("/messages/1").select_one("form[action$='/cancel']")
    browser.post(form["action"])
    assert mail.delivery().state == "cancelled"
    form = browser.get("/messages/1").select_one("form[action$='/send-again']")
    assert "Bob Miller" in browser.text
    browser.post(form["action"])
    assert mail.delivery().state == "waiting"


def test_what_was_sent_cannot_be_cancelled(alice, bob, sign_in):
    message_of(alice)
    db.session.scalar(select(Delivery)).state = "sent"
    db.session.commit()
    sign_in(bob).post("/messages/1/deliveries/1/cancel")
    assert mail.delivery().state == "sent"


def test_a_message_that_is_not_there_is_404(bob, sign_in):
    browser = sign_in(bob)
    browser.get("/messages/1", status=404)
    browser.post("/messages/1/deliveries/1/cancel", status=404)


def test_mallory_is_refused(alice, mallory, sign_in):
    message_of(alice)
    browser = sign_in(mallory)
    browser.get("/messages/1", status=403)
    browser.get("/messages/1/html", status=403)
    browser.post("/messages/1/deliveries/1/cancel", status=403)
    browser.post("/messages/1/deliveries/1/send-again", status=403)
    assert mail.delivery().state == "waiting"


def test_cancelling_says_that_a_copy_may_have_arrived(alice, bob, sign_in):
    message_of(alice)
    db.session.scalar(select(Delivery)).ambiguous = 1
    db.session.commit()
    browser = sign_in(bob)
    browser.post("/messages/1/deliveries/1/cancel")
    browser.get("/messages/1")
    assert "Cancelled: it is not repeated." in browser.text
    assert "copy may have arrived" in browser.text
    assert "it is not sent" not in browser.text
