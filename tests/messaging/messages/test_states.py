"""The words of each state: true to what happened, and to the buttons beside them."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_babel import force_locale

from webapp.core.clock import now
from webapp.messaging.messages import states
from webapp.messaging.messages.models import Delivery, DeliveryState
from webapp.messaging.messages.services import CANCELLABLE, REPEATABLE

ON_ITS_WAY = {DeliveryState.WAITING, DeliveryState.SENDING}


@pytest.mark.parametrize("state", [state for state in DeliveryState if state not in ON_ITS_WAY])
def test_what_a_person_is_told_to_do_is_what_the_buttons_offer(app: Flask, state: DeliveryState) -> None:
    with app.test_request_context(), force_locale("en"):
        remedy = states.describe(Delivery(state=state.value, ambiguous=0), None).remedy
    assert bool(re.search("(send it|be sent) again", remedy)) is (state in REPEATABLE), remedy
    assert ("cancel it" in remedy) is (state in CANCELLABLE), remedy


@pytest.mark.parametrize("state", [state for state in DeliveryState if state is not DeliveryState.SENT])
def test_a_copy_that_may_have_arrived_is_never_kept_quiet_about(app: Flask, state: DeliveryState) -> None:
    delivery = Delivery(state=state.value, ambiguous=1, due_at=now(), expires_at=now())
    with app.test_request_context(), force_locale("en"):
        assert "copy may have arrived" in states.describe(delivery, None).cause
        delivery.ambiguous = 0
        assert "copy may have arrived" not in states.describe(delivery, None).cause


def test_why_a_repeat_failed_stands_beside_the_copy_that_may_have_arrived(app: Flask) -> None:
    delivery = Delivery(state="uncertain", cause="recipient_refused", ambiguous=2, reply="550 5.1.1 no")
    with app.test_request_context(), force_locale("en"):
        words = states.describe(delivery, None)
    assert words.cause == (
        "The server does not accept the recipient's address. "
        "The answers to 2 attempts were lost, so a copy may have arrived."
    )
    assert words.quote == "550 5.1.1 no"
