"""The words of each state: true to what happened, and to the buttons beside them."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_babel import force_locale

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
