"""The layout of all mail; how each mail looks as a whole stands in tests/emails."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests.support.mail import make_order
from webapp.messaging.messages.layout import RenderedMail, Sender, render_order
from webapp.messaging.messages.orders import MessageText
from webapp.people.company.settings import LogoMark

pytestmark = pytest.mark.pure

SENDER = Sender("Romashka", "https://desk.example")

COMMENT = MessageText(
    subject="[#{number}] Новый комментарий: {subject}",
    lead="{author} пишет в заявке № {number}",
    facts=(
        ("Заявка", "{subject}"),
        ("Статус", "{status}"),
        ("Пусто", "{nothing}"),
        ("Приоритет", "Высокий"),
        ("Лишний", "x"),
    ),
    body="{comment}",
    action="Открыть заявку",
    push_title="{author} пишет",
    push_body="{comment}",
)
COMMENT_VALUES = {
    "number": "12",
    "subject": "Принтер <горит> & дымит",
    "author": "Борис",
    "status": "В работе",
    "nothing": "",
    "comment": "Здравствуйте!\r\nПосмотрел.\n\n\nНужен <script>alert(1)</script> картридж.",
}


def render_comment() -> RenderedMail:
    order = make_order(
        None, language="ru", text=COMMENT, values=COMMENT_VALUES, why="Вы получили это письмо как заявитель."
    )
    return render_order(order, SENDER)


def test_the_fact_stands_first_and_in_the_preheader():
    rendered = render_comment()
    page = BeautifulSoup(rendered.html, "html.parser")
    assert rendered.text.startswith("Борис пишет в заявке № 12\n")
    assert page.select_one(".preheader").text == page.select_one(".lead").text == "Борис пишет в заявке № 12"


def test_paragraphs_of_a_comment_stay_and_further_empty_lines_go():
    rendered = render_comment()
    assert "Здравствуйте!\nПосмотрел.\n\nНужен <script>" in rendered.text
    page = BeautifulSoup(rendered.html, "html.parser")
    assert page.find(string="Посмотрел.")


def test_at_most_three_facts_are_shown_and_empty_ones_are_not():
    page = BeautifulSoup(render_comment().html, "html.parser")
    assert [cell.text for cell in page.select(".facts .name")] == ["Заявка", "Статус", "Приоритет"]


def test_what_people_wrote_is_never_markup():
    html = render_comment().html
    assert "<script" not in html
    assert "Принтер &lt;горит&gt; &amp; дымит" in html


SIGNED = Sender(
    "Romashka",
    "https://desk.example",
    {"en": "<p>Yours,<br><b>Daisy &amp; Sons</b></p>", "ru": ""},
    LogoMark("ab" * 32, 240, 80),
)


def test_the_signature_stands_once_in_each_form_and_after_the_line_that_begins_signatures():
    rendered = render_order(make_order(None, language="en"), SIGNED)
    page = BeautifulSoup(rendered.html, "html.parser")
    assert str(page.select_one(".sign p")) == "<p>Yours,<br/><b>Daisy &amp; Sons</b></p>"
    assert rendered.text.count("-- \nYours,\nDaisy & Sons\n\nRomashka\n") == 1
    assert rendered.text.count("\n-- \n") == 1
    assert rendered.html.count("Daisy") == 1


def test_a_language_without_a_signature_has_none():
    rendered = render_order(make_order(None, language="ru"), SIGNED)
    assert not BeautifulSoup(rendered.html, "html.parser").select(".sign")
    assert "-- \nRomashka\n" in rendered.text


def test_the_logo_stands_first_with_the_name_of_the_company_in_its_place():
    rendered = render_order(make_order(None), SIGNED)
    image = BeautifulSoup(rendered.html, "html.parser").select_one("img")
    assert (image["alt"], image["width"], image["height"]) == ("Romashka", "240", "80")
    assert image["src"] == f"cid:{SIGNED.logo.content_id}"
    assert rendered.logo == "ab" * 32
    assert render_order(make_order(None), SENDER).logo == ""


def test_the_button_is_one_in_programs_that_know_no_styles():
    html = render_order(make_order(None), SENDER).html
    cell = BeautifulSoup(html, "html.parser").select_one(".action td")
    assert cell["bgcolor"] == "#4a43c4"
    assert "color: #ffffff" in cell.a["style"]


def test_a_long_subject_is_shortened_and_has_no_line_breaks():
    order = make_order(
        None, text=MessageText(subject="{subject}", lead="x"), values={"subject": "слово\r\n" * 200}
    )
    subject = render_order(order, SENDER).subject
    assert len(subject) <= 250
    assert "\n" not in subject
    assert subject.endswith("…")
