"""The mail server is away: a message says that it waits and until when, and goes when it is back."""

from __future__ import annotations

import re

import pytest

from tests.faults.desk import CONNECTION, PAGE_S, Desk, require_once
from tests.support.patience import at_most
from tests.support.smtp_sink import SmtpSink
from webapp.launcher.browser import wait_until

pytestmark = [pytest.mark.process, pytest.mark.faults]

IN_ENGLISH = r"Nothing answers at this port of the server.*The server is tried again at \d+ \w+, \d\d:\d\d"
IN_RUSSIAN = r"Следующая попытка связаться с сервером \d+ \w+\.?, \d\d:\d\d"


def message_page(desk: Desk, number: int) -> str:
    (row, *_others) = desk.deliveries(number)
    return f"/messages/{row.id}"


def says(visitor, page: str, pattern: str) -> bool:
    return re.search(pattern, visitor.get(page).words) is not None


def test_f33_the_message_says_until_when_it_waits_and_goes_when_the_server_is_back(desk, sink):
    sink.close()
    number = desk.register("Server down")
    desk.begin_work(number)
    wait_until(lambda: desk.deliveries(number), "the messages", 20)
    page = message_page(desk, number)
    wait_until(lambda: says(desk.bob, page, IN_ENGLISH), "the words in English", 20)
    wait_until(lambda: says(desk.carol, page, IN_RUSSIAN), "the words in Russian", 20)
    assert "Does not send since" in desk.bob.get(CONNECTION).words
    assert "Не отправляет с" in desk.carol.get(CONNECTION).words
    assert desk.states(number) == {"waiting"}
    with SmtpSink(port=sink.port) as returned:
        desk.wait_until_sent(number)
        require_once(desk, returned, number)
        assert "Works; last success" in desk.bob.get(CONNECTION).words
        assert "Sent" in desk.bob.get(page).words


def test_f33_a_server_that_hangs_keeps_no_page_waiting(desk, sink):
    sink.script["greeting", 0] = "hang"
    number = desk.register("Server hangs")
    wait_until(lambda: sink.visits["greeting"], "a try", 20)
    desk.bob.answers.clear()
    desk.begin_work(number)
    desk.bob.get(CONNECTION)
    assert desk.bob.slowest() < at_most(PAGE_S)
    sink.script.clear()
    desk.wait_until_sent(number)
    require_once(desk, sink, number)
