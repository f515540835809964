"""How the demo mailbox reads a mail for its page."""

from __future__ import annotations

import pytest

from tests.mail.samples import mail
from webapp.demo.reading import read
from webapp.mail.outgoing import InlineImage, build

pytestmark = pytest.mark.pure


def test_a_picture_that_travels_with_the_mail_is_shown_in_it():
    image = InlineImage("logo.png", b"\x89PNG", "image/png", "logo.a@vestnik")
    html = '<img src="cid:logo.a@vestnik"><img src="cid:other@vestnik">'
    found = read(build(mail(html=html, inline_images=(image,)))).html
    assert '<img src="data:image/png;base64,iVBORw==">' in found
    assert '<img src="cid:other@vestnik">' in found


def test_what_is_no_picture_is_not_put_into_the_page():
    image = InlineImage("a.svg", b"<svg onload=alert(1)>", "image/svg+xml", "a@vestnik")
    assert "svg" not in read(build(mail(html='<img src="cid:a@vestnik">', inline_images=(image,)))).html
