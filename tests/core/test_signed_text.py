"""What was signed is read again for the same purpose only, and nothing else is."""

from __future__ import annotations

import pytest
from flask import Flask

from webapp.core import signed_text
from webapp.core.signed_text import NotSigned


def test_what_was_signed_is_read_again(app: Flask) -> None:
    text = signed_text.sign("rating", [7, None, "ab"])
    assert signed_text.read("rating", text) == [7, None, "ab"]
    assert text == signed_text.sign("rating", [7, None, "ab"])


def test_a_text_for_another_purpose_is_refused(app: Flask) -> None:
    with pytest.raises(NotSigned):
        signed_text.read("unsubscribing", signed_text.sign("rating", [7]))


@pytest.mark.parametrize("text", ["", ".", "Wzdd.x", "é", "\0", "WzddWzdd" * 1000])
def test_what_nobody_signed_is_refused(app: Flask, text: str) -> None:
    with pytest.raises(NotSigned):
        signed_text.read("rating", text)


def test_a_changed_letter_is_noticed(app: Flask) -> None:
    text = signed_text.sign("rating", [7])
    for place in range(len(text) - 1):  # the last letter of a signature holds bits that count for nothing
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(NotSigned):
            signed_text.read("rating", changed)
