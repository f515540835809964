"""Makes the logo of mails from any picture: its pixels alone, small, readable in the dark."""

from __future__ import annotations

import hashlib
import struct
import zlib
from io import BytesIO
from typing import Final, NamedTuple

from PIL import Image, ImageDraw, ImageOps, ImageStat

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
MOST_OCTETS: Final = 2 * 1024 * 1024
MOST_PIXELS: Final = 12_000_000
LONGEST_SIDE: Final = 8_000
#: Twice of what is shown, for screens with fine pixels.
LARGEST: Final = (480, 160)
_SHOWN: Final = (240, 80)
#: Each mail carries it; what is larger goes with fewer colours.
_MOST_PNG: Final = 60_000
_MOST_COLOURS: Final = 256
_MARGIN: Final = 16
_WHITE: Final = (255, 255, 255, 255)
_DARK: Final = (29, 39, 51, 255)
_BRIGHT: Final = 200
_BROKEN: Final = (
    OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, IndexError, TypeError, KeyError,
    MemoryError,
)  # fmt: skip
_BOMBS: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class LogoRefused(ValueError):
    """No logo can be made of this; ``reason`` is a word for a screen.

    Reasons: too_large, too_many_pixels, no_picture.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LogoPicture(NamedTuple):
    """A PNG with the size at which mails show it."""

    png: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """By which messages remember it."""
        return hashlib.sha256(self.png).hexdigest()


def make_logo(octets: bytes) -> LogoPicture:
    """Return the logo as mails carry it; what stood in the file beside the pixels is gone.

    Raises LogoRefused.
    """
    if len(octets) > MOST_OCTETS:
        raise LogoRefused("too_large")
    picture = _on_a_plate(_small(octets))
    width, height = _fitted(picture.size, _SHOWN)
    return LogoPicture(_as_png(picture), width, height)


def _small(octets: bytes) -> Image.Image:
    """Return the picture in its final size. Its size is known before any pixel of it is unpacked."""
    try:
        with Image.open(BytesIO(octets), formats=FORMATS) as opened:
            _refuse_bombs(opened)
            opened.draft("RGB", (LARGEST[0] * 2, LARGEST[1] * 2))  # a JPEG is read small at once
            upright = ImageOps.exif_transpose(opened)
            picture = upright.convert("RGBA")
        picture.thumbnail(LARGEST, Image.Resampling.LANCZOS, reducing_gap=3.0)
    except LogoRefused:
        raise
    except _BOMBS:
        raise LogoRefused("too_many_pixels") from None
    except _BROKEN:
        raise LogoRefused("no_picture") from None
    return picture


def _refuse_bombs(opened: Image.Image) -> None:
    if opened.width * opened.height > MOST_PIXELS or max(opened.size) > LONGEST_SIDE:
        raise LogoRefused("too_many_pixels")


def _on_a_plate(picture: Image.Image) -> Image.Image:
    """Put what is transparent on a plate: dark letters are then seen on a dark page, bright ones on a white.

    The plate is part of the picture: mail programs turn the colours of pages round in the dark, and those of
    pictures never.
    """
    alpha = picture.getchannel("A")
    if alpha.getextrema()[0] == 255:
        return picture
    brightness = ImageStat.Stat(picture.convert("L"), alpha.point(lambda value: 255 if value > 127 else 0))
    is_bright = bool(brightness.count[0]) and brightness.mean[0] > _BRIGHT
    picture = picture.crop(alpha.getbbox())  # the plate has a margin of its own
    room = (LARGEST[0] - 2 * _MARGIN, LARGEST[1] - 2 * _MARGIN)
    picture.thumbnail(room, Image.Resampling.LANCZOS)
    plate = Image.new("RGBA", (picture.width + 2 * _MARGIN, picture.height + 2 * _MARGIN))
    box = (0, 0, plate.width - 1, plate.height - 1)
    ImageDraw.Draw(plate).rounded_rectangle(box, radius=_MARGIN, fill=_DARK if is_bright else _WHITE)
    plate.alpha_composite(picture, (_MARGIN, _MARGIN))
    return plate


def _as_png(picture: Image.Image) -> bytes:
    octets = _written(picture)
    if len(octets) <= _MOST_PNG:
        return octets
    return _written(picture.quantize(_MOST_COLOURS, method=Image.Quantize.FASTOCTREE))


def _written(picture: Image.Image) -> bytes:
    written = BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()


def _fitted(size: tuple[int, int], largest: tuple[int, int]) -> tuple[int, int]:
    """Return the size within the largest one, in whole pixels; what is smaller stays."""
    scale = min(1.0, largest[0] / size[0], largest[1] / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
