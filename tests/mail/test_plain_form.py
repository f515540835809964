"""HTML of a signature as a reader without HTML sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.mail.plain_form import plain_form

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("Best regards,<br>\nBob &amp; Co", "Best regards,\nBob & Co"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p>One</p>\n\n\n<p>Two</p>", "One\n\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("a\nb   c", "a b c"),
        ('<a href="https://x.test/">x.test</a>', "x.test"),
        ('<a href="https://x.test/help">Help</a>', "Help (https://x.test/help)"),
        ('<a href="mailto:a@x.test">a@x.test</a>, <a href="tel:+7495">+7 495</a>', "a@x.test, +7 495"),
        ('<a href="tel:+74951234567">8 (495) 123-45-67</a>', "8 (495) 123-45-67 (+74951234567)"),
        ('<a href="tel:+7495">Call us</a>', "Call us (+7495)"),
        ('<a href="https://x.test/"></a>', "https://x.test/"),
        ("<ul><li>one</li><li>two</li></ul>after", "- one\n- two\nafter"),
        ("<ol><li>one</li><li>two<ul><li>in</li></ul></li><li>x</li></ol>", "1. one\n2. two\n- in\n3. x"),
        ("<table><tr><td>Phone</td><td>7</td></tr><tr><td>x</td><td></td></tr></table>", "Phone | 7\nx |"),
        ("-- <br>x", "--\nx"),
    ],
)  # fmt: skip
def test_words_keep_their_lines(html, text):
    assert plain_form(html) == text


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from(["<p>", "</p>", "<br>", "<li>", "<a", " href=", "x", ">", "&", ";", " "])).map(
        "".join
    )
)
def test_any_text_is_read_and_no_line_ends_in_a_space(html):
    lines = plain_form(html).split("\n")
    assert all(line == line.strip() for line in lines)
