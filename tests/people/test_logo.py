"""The logo of mails: what is taken for one, what is made of it, who may set it, how long it is kept."""

from __future__ import annotations

import contextlib
import hashlib
from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from tests.people.pictures import bomb, letters, noise, picture
from webapp.core.clock import now
from webapp.core.db import db
from webapp.events.models import Event
from webapp.people.company import logo_picture, logos
from webapp.people.company import settings as company
from webapp.people.company.logo_picture import LARGEST, LogoRefused, make_logo
from webapp.people.company.models import Logo

UPLOAD = "/settings/company/logo"
REMOVE = "/settings/company/logo/remove"


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_each_kind_of_picture_becomes_a_small_png(form):
    made = make_logo(picture((2400, 800), form=form))
    image = opened(made.png)
    assert image.format == "PNG"
    assert image.width <= LARGEST[0]
    assert image.height <= LARGEST[1]
    assert (made.width, made.height) == (240, 80)
    assert make_logo(picture((2400, 800), form=form)) == made


def test_a_small_picture_is_not_blown_up():
    made = make_logo(picture((60, 20)))
    assert opened(made.png).size == (60, 20) == (made.width, made.height)


@pytest.mark.parametrize("size", [(3000, 1), (1, 3000), (1, 1)])
def test_pictures_of_strange_shapes_are_shown_by_whole_pixels(size):
    made = make_logo(picture(size))
    assert made.width >= 1
    assert made.height >= 1


@pytest.mark.parametrize(
    ("colour", "plate"), [((20, 30, 40), (255, 255, 255)), ((250, 250, 250), (29, 39, 51))]
)
def test_letters_on_a_transparent_ground_get_a_plate_on_which_they_are_seen(colour, plate):
    image = opened(make_logo(letters(colour)).png).convert("RGBA")
    assert image.getpixel((image.width // 2, 6)) == (*plate, 255)
    assert image.getpixel((image.width // 2, image.height // 2))[:3] == colour
    assert image.getpixel((0, 0))[3] == 0


def test_an_opaque_picture_has_its_own_ground():
    assert opened(make_logo(picture((200, 80), colour=(200, 10, 10))).png).convert("RGB").getpixel(
        (0, 0)
    ) == (200, 10, 10)


def test_a_photo_is_turned_upright_and_keeps_nothing_but_pixels():
    image, exif = Image.new("RGB", (60, 30), (9, 9, 9)), Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "canary"
    written = BytesIO()
    image.save(written, "JPEG", exif=exif)
    made = make_logo(written.getvalue())
    assert opened(made.png).size == (30, 60)
    assert b"canary" not in made.png
    assert not opened(made.png).info


def test_what_cannot_be_packed_goes_with_fewer_colours():
    made = make_logo(noise((1000, 330)))
    assert opened(made.png).mode == "P"
    assert len(made.png) < 90_000


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "no_picture"), (b"not a picture", "no_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no_picture"),
        (b"GIF89a/*<script>alert(1)</script>*/", "no_picture"), (picture()[:60], "no_picture"),
        (picture(form="BMP"), "no_picture"), (picture(form="TIFF"), "no_picture"),
        (picture(form="PDF"), "no_picture"), (bomb(), "too_many_pixels"),
        (bomb(4000, 4000), "too_many_pixels"), (bomb(9000, 10), "too_many_pixels"),
        (b"\x89PNG" + b"x" * 3_000_000, "too_large"),
    ],
    ids=["empty", "text", "svg", "gif", "cut", "bmp", "tiff", "pdf", "bomb", "large", "wide", "heavy"],
)  # fmt: skip
def test_what_is_no_picture_or_too_much_of_one_is_refused(octets, reason):
    with pytest.raises(LogoRefused) as refused:
        make_logo(octets)
    assert refused.value.reason == reason


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_picture_is_refused_or_made_and_never_breaks(data):
    octets = bytearray(picture((40, 20), form=data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]))))
    for _ in range(data.draw(st.integers(1, 8))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(LogoRefused):
        assert make_logo(bytes(octets)).png


def upload(browser, octets, *, status=303, name="logo.png"):
    return browser.post(
        UPLOAD, {"picture": (BytesIO(octets), name)}, status=status, content_type="multipart/form-data"
    )


def test_a_technologist_uploads_a_logo_and_takes_it_away(carol, sign_in):
    browser = sign_in(carol)
    upload(browser, picture((2400, 800)))
    mark = company.get().logo
    png = logos.get_png(mark.sha256)
    assert hashlib.sha256(png).hexdigest() == mark.sha256
    shown = browser.get("/settings/company").select_one("#logo img")
    assert shown["src"].startswith("data:image/png;base64,")
    assert (shown["alt"], shown["width"]) == ("Vestnik", "240")
    event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert (event.kind, event.actor_id) == ("setting.changed", carol.id)
    assert event.changes["logo"] == {"before": None, "after": f"240 × 80 ({mark.sha256[:8]})"}
    browser.post(REMOVE)
    db.session.rollback()
    assert company.get().logo is None
    assert not browser.get("/settings/company").select("#logo img")


@pytest.mark.parametrize("octets", [b"", b"no picture", bomb(), b"x" * 300_000])
def test_what_cannot_be_a_logo_is_said_beside_the_field(carol, sign_in, octets, monkeypatch):
    monkeypatch.setattr(logo_picture, "MOST_OCTETS", 200_000)  # more would be a file of the test's own
    page = upload(sign_in(carol), octets, status=422)
    assert page.select_one("#picture-error")
    assert company.get().logo is None


def test_an_upload_without_a_file_says_so(carol, sign_in):
    assert sign_in(carol).post(UPLOAD, {"picture": "x"}, status=422).select_one("#picture-error")


def test_nobody_else_sets_the_logo(bob, mallory, sign_in):
    for account in (bob, mallory):
        upload(sign_in(account), picture(), status=403)
        sign_in(account).post(REMOVE, status=403)
    assert company.get().logo is None


def test_a_logo_that_was_replaced_stays_for_mails_on_their_way_and_can_come_back(app, carol):
    first, second = make_logo(picture()), make_logo(picture(colour=(200, 0, 0)))
    for made in (first, second):
        assert logos.set_logo(made, actor=carol)
        db.session.commit()
    replaced = db.session.get(Logo, first.sha256)
    assert replaced.used_until > now() + timedelta(minutes=50)
    assert logos.get_png(first.sha256) == first.png
    assert logos.set_logo(first, actor=carol)
    db.session.commit()
    db.session.expire_all()
    assert db.session.get(Logo, first.sha256).used_until is None
    assert db.session.get(Logo, second.sha256).used_until is not None
    assert not logos.set_logo(first, actor=carol)
