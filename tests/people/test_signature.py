"""What may stand in a signature, whatever was typed."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attacks.cases import read
from webapp.languages.values import BadValue
from webapp.people.company.signature import ATTRIBUTES, TAGS, plain_signature, sanitised

pytestmark = pytest.mark.pure

HOSTILE = [
    case
    for case in read("texts.jsonl", "headers.jsonl")
    if not any("\ud800" <= c <= "\udfff" for c in case.text)
]
PIECES = [
    "<p>", "</p>", "<b>", "</b>", "<script>", "</script>", "<img src=x onerror=alert(1)>", "<svg>", "</svg>",
    "<style>", "</style>", "<table>", "<tr>", "<td>", "</table>", "<a href='javascript:alert(1)'>", "</a>",
    '<a href="https://x.test" onclick="x()" style="background:url(//evil)">', "<math>", "<mtext>",
    "<noscript>", "<form action=//evil>", "<input>", "<!--", "-->", "<![CDATA[", "]]>", "&lt;script&gt;", '"',
    "'", "<", ">", "words", "\n", "<li>", "<ul>", "<template>", "<textarea>", "</textarea>", "\x00", "<br>",
    "<base href=//evil>", '<a href=" data:text/html,x">', '<a href="/settings">', '<a href="//evil.test">',
    "<x-y onload=z>", "&#x3c;",
]  # fmt: skip
TYPED = st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def assert_harmless(html: str) -> None:
    """Nothing but what the list allows, and addresses that leave for a known kind of place."""
    for tag in BeautifulSoup(f"<body>{html}</body>", "html.parser").body.find_all(True):
        assert tag.name in TAGS
        assert set(tag.attrs) <= ATTRIBUTES.get(tag.name, set())
        if tag.get("href"):
            assert tag["href"].strip().lower().startswith(("http://", "https://", "mailto:", "tel:"))


@given(TYPED)
@settings(max_examples=300, deadline=None)
def test_whatever_was_typed_is_harmless_and_cleaning_it_again_changes_nothing(typed: str) -> None:
    try:
        first = sanitised(typed)
    except BadValue:
        return
    assert_harmless(first.html)
    assert sanitised(first.html) == (first.html, ())


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.id)
def test_what_attackers_type_is_harmless_too(case) -> None:
    assert_harmless(sanitised(case.text).html)


@pytest.mark.parametrize(
    ("typed", "html", "taken_out"),
    [
        ("Best regards,\r\nBob & Co", "Best regards,<br>\nBob &amp; Co", ()),
        ("  ", "", ()),
        ("<p><b>us</b>: <a href='tel:+7'>+7</a></p>", '<p><b>us</b>: <a href="tel:+7">+7</a></p>', ()),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>", ()),
        (
            "<table><tr><td colspan=2>x</table>",
            '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>', (),
        ),
        ("<p>a</p><script>alert(1)</script>", "<p>a</p>", ("<script>",)),
        ("<p onclick='x()' style='color:red'>a</p>", "<p>a</p>", ("onclick", "style")),
        ("<img src='https://spy.test/p.gif'>x", "x", ("<img>", "src")),
        ("<a href='javascript:alert(1)'>x</a>", "<a>x</a>", ("href",)),
        ("<a href='/settings'>x</a>", "<a>x</a>", ("href",)),
        ("<font color=red>x</font>", "x", ("<font>", "color")),
        ("<!-- note -->x", "x", ("<!-- -->",)),
        ("1 < 2", "1 &lt; 2", ()),
    ],
)  # fmt: skip
def test_what_may_stand_stays_and_what_was_taken_out_is_named(typed, html, taken_out) -> None:
    assert sanitised(typed) == (html, taken_out)


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(BadValue):
        sanitised("a\ud800b")


def test_the_plain_form_is_of_the_cleaned_html() -> None:
    html = sanitised("<p>Bob</p><script>x</script><p><a href='https://x.test/h'>Help</a></p>").html
    assert plain_signature(html) == "Bob\n\nHelp (https://x.test/h)"
