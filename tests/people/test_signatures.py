"""The pages of signatures: preview, saving, what is refused, who may."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.attacks.cases import read
from webapp.core.db import db
from webapp.events.models import Event
from webapp.people.company import settings as company
from webapp.people.company.signature import LONGEST

PAGE = "/settings/company/signatures"
TYPED = {"signature_ru": "<p>С уважением,<br>Ромашка</p>", "signature_en": "Best regards,\nDaisy"}
HTMX = {"HX-Request": "true"}


def is_closed(page) -> bool:
    """Whether nothing may run in any frame of the page."""
    return bool(page.select("iframe")) and not any(frame["sandbox"] for frame in page.select("iframe"))


def test_a_technologist_writes_the_signatures(carol, sign_in):
    carol.language = "en"
    browser = sign_in(carol)
    browser.submit(PAGE, "main form", TYPED)
    card = company.get()
    assert card.signature("ru") == TYPED["signature_ru"]
    assert card.signature("en") == "Best regards,<br>\nDaisy"
    (event,) = db.session.scalars(select(Event).where(Event.kind == "setting.changed"))
    assert event.actor_id == carol.id
    assert event.changes["signature_ru"] == {"before": "", "after": "С уважением, Ромашка"}
    page = browser.follow()
    assert "The signatures are saved" in page.get_text()
    frames = [frame["srcdoc"] for frame in page.select("#signatures iframe")]
    assert frames == [card.signature("ru"), card.signature("en")]
    assert is_closed(page)


def test_what_was_taken_out_is_named_and_the_rest_is_saved(carol, sign_in):
    carol.language = "en"
    browser = sign_in(carol)
    browser.submit(PAGE, "main form", TYPED | {"signature_en": "<p onclick=x>Bob<img src=//spy.test></p>"})
    assert company.get().signature_en == "<p>Bob</p>"
    browser.follow()
    assert "Taken out, since it may not stand in e-mails: <img>, onclick, src." in browser.text


def test_the_preview_shows_both_forms_and_saves_nothing(carol, sign_in):
    carol.language = "en"
    browser = sign_in(carol)
    typed = TYPED | {"signature_en": "<b>Bob</b><script>x</script>", "preview": "1"}
    fragment = browser.post(PAGE, typed, status=200, headers=HTMX)
    assert fragment.select_one("iframe[srcdoc='<b>Bob</b>']")
    assert "-- \nBob" in fragment.select("pre")[-1].get_text()
    assert "<script>" in fragment.select_one(".alert").get_text()
    assert not fragment.select("form")
    page = browser.post(PAGE, typed, status=200)
    assert page.select_one("#signature_en").get_text().strip() == typed["signature_en"]
    assert page.select_one("#signature-preview")
    assert company.get().signature_en == ""
    assert db.session.scalars(select(Event)).all() == []


@pytest.mark.parametrize("text", ["Z" * (LONGEST + 1), "&" * 3000, "<p>" * 2000])
def test_a_signature_that_is_too_long_is_refused_and_stays_typed(carol, sign_in, text):
    browser = sign_in(carol)
    page = browser.post(PAGE, TYPED | {"signature_ru": text}, status=422)
    assert page.select_one("#signature_ru-error")
    assert page.select_one("#signature_ru").get_text().strip() == text
    assert page.select_one("#signature_en").get_text().strip() == TYPED["signature_en"]
    assert company.get().signature_en == ""


def test_hostile_html_stands_nowhere_in_the_pages(carol, sign_in):
    browser = sign_in(carol)
    texts = [case.text for case in read("texts.jsonl") if case.text.isprintable() and len(case.text) < 500]
    browser.post(PAGE, {"signature_ru": "\n".join(texts)[:9000], "signature_en": ""})
    for address in (PAGE, "/settings/company"):
        page = browser.get(address)
        assert not page.select(
            "main [onclick], main [onerror], main script, main style, main base, main meta"
        )
        assert is_closed(page)


def test_saving_what_is_there_announces_nothing(carol, sign_in):
    browser = sign_in(carol)
    browser.submit(PAGE, "main form", TYPED)
    browser.submit(PAGE, "main form", {})
    assert len(db.session.scalars(select(Event)).all()) == 1


def test_changing_the_settings_keeps_signatures(carol, sign_in):
    browser = sign_in(carol)
    browser.submit(PAGE, "main form", TYPED)
    browser.submit("/settings/company/edit", "main form", {"name": "Ромашка"})
    db.session.rollback()
    assert company.get().signature_ru == TYPED["signature_ru"]


def test_a_long_signature_is_short_in_the_event(carol, sign_in):
    sign_in(carol).post(PAGE, {"signature_ru": "<p>слово </p>" * 500, "signature_en": ""})
    (event,) = db.session.scalars(select(Event))
    assert len(event.changes["signature_ru"]["after"]) <= 120


def test_nobody_else_sees_or_writes_signatures(bob, mallory, sign_in):
    for account in (bob, mallory):
        browser = sign_in(account)
        browser.get(PAGE, status=403)
        browser.post(PAGE, TYPED, status=403)
        browser.post(PAGE, TYPED | {"preview": "1"}, status=403, headers=HTMX)
    assert company.get().signature_ru == ""
