"""A request that is too large is refused in words, over a real connection, with nothing about tokens."""

from __future__ import annotations

import urllib.request

import pytest

from tests.faults.desk import CONNECTION
from webapp.core.config import MEBIBYTE

pytestmark = [pytest.mark.process, pytest.mark.faults]

NEW_TICKET = "/records/ticket/new"


def require_limit_in_words(answer):
    assert answer.status == 413
    assert "не больше 1 МиБ" in answer.words
    assert "Слишком большой объём" in answer.words


@pytest.mark.parametrize("size", [2 * MEBIBYTE, 11 * MEBIBYTE, 40 * MEBIBYTE])
def test_a_ticket_that_is_too_large_is_refused_with_the_limit(desk, size):
    page = desk.alice.get(NEW_TICKET)
    answer = desk.alice.submit(page, page.form(NEW_TICKET), title="Too large", description="x" * size)
    require_limit_in_words(answer)
    assert not desk.ask("SELECT id FROM record WHERE title = 'Too large'")


def test_a_token_at_the_end_of_what_is_too_large_is_not_missed(desk):
    page = desk.alice.get(NEW_TICKET)
    form = page.form(NEW_TICKET)
    token = form.fields.pop("csrf_token")
    answer = desk.alice.submit(page, form, description="x" * 11 * MEBIBYTE, csrf_token=token)
    require_limit_in_words(answer)


def test_settings_that_are_too_large_are_refused_with_the_limit(desk):
    page = desk.carol.get(f"{CONNECTION}/sending")
    answer = desk.carol.submit(page, page.form("/sending"), sender_name="x" * 11 * MEBIBYTE)
    require_limit_in_words(answer)
    assert desk.ask("SELECT 1 FROM mail_connection WHERE length(sender_name) > 120") == []


def test_a_long_part_of_a_form_with_files_is_refused_with_the_limit_of_text(desk):
    head = '--edge\r\nContent-Disposition: form-data; name="description"\r\n\r\n'
    body = f"{head}{'x' * 2 * MEBIBYTE}\r\n--edge--\r\n".encode()
    request = urllib.request.Request(
        f"{desk.program.address}{NEW_TICKET}",
        body,
        {"Content-Type": "multipart/form-data; boundary=edge"},
    )
    answer = desk.alice.open(request)
    require_limit_in_words(answer)


def test_after_a_refusal_the_same_form_can_be_sent_smaller(desk):
    page = desk.alice.get(NEW_TICKET)
    form = page.form(NEW_TICKET)
    desk.alice.submit(page, form, title="Made smaller", description="x" * 11 * MEBIBYTE)
    answer = desk.alice.submit(page, form, title="Made smaller", description="short")
    assert answer.status == 200
    assert "Made smaller" in answer.words
