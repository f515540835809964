"""Pictures for tests of the logo, made as people's programs make them."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageDraw


def picture(
    size: tuple[int, int] = (300, 100),
    *,
    form: str = "PNG",
    colour: tuple[int, ...] = (20, 60, 160),
    mode: str = "RGB",
    **more: object,
) -> bytes:
    """An opaque picture of one colour."""
    written = BytesIO()
    Image.new(mode, size, colour).save(written, form, **more)
    return written.getvalue()


def letters(colour: tuple[int, int, int], size: tuple[int, int] = (300, 100)) -> bytes:
    """Letters, here a bar, of a colour on a transparent ground."""
    image = Image.new("RGBA", size)
    ImageDraw.Draw(image).rectangle((20, 30, size[0] - 20, size[1] - 30), fill=(*colour, 255))
    written = BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def noise(size: tuple[int, int]) -> bytes:
    """A picture that no packing makes smaller."""
    import os

    written = BytesIO()
    Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)).save(written, "PNG")
    return written.getvalue()


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """Some hundred octets that claim to be a picture of gigabytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(bytes(1000)))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
