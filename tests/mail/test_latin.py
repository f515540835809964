"""Headers in Latin letters: the table of passports, and what it does not have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.mail.latin import in_latin

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("[#12] Щука в пруду", "[#12] Shchuka v prudu"),
        ("ЩУКА", "SHCHUKA"), ("Щ", "Shch"), ("Ю. Яковлев", "Iu. Iakovlev"), ("ЭВМ-Ю", "EVM-Iu"),
        ("Объявление, ёж и подъезд", "Obieiavlenie, ezh i podieezd"),
        ("Заявка № 5: «Принтер» — горит…", 'Zaiavka No. 5: "Printer" - gorit...'),
        ("Статус: Новая → В работе", "Status: Novaia -> V rabote"),
        ("Київ, Ґанок, Ўладзімір", "Kiiv, Ganok, Uladzimir"),
        ("Қазақстан", "Kazakstan"), ("Żółć naïve Straße", "Zolc naive Strasse"),
        ("Printer is on fire", "Printer is on fire"), ("", ""), ("a\u00a0b", "a b"), ("打印机 😀", "??? ?"),
    ],
)  # fmt: skip
def test_a_text_is_written_in_latin_letters(text, written):
    assert in_latin(text) == written


@given(st.text(max_size=200))
def test_any_text_becomes_ascii_and_what_is_ascii_stays(text):
    written = in_latin(text)
    assert written.isascii()
    assert in_latin(written) == written
