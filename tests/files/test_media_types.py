"""What content is, told by its first octets."""

from __future__ import annotations

import io
import zipfile

import pytest

from webapp.files.media_types import HEAD, known_types, media_type_of

pytestmark = pytest.mark.pure


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.txt", "a")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"GIF89a/*<script>alert(1)</script>*/", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "application/octet-stream"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "application/pdf"),
        (zipped(), "application/zip"),
        (b"MZ\x90\0\x03\0\0\0\x04\0", "application/vnd.microsoft.portable-executable"),
        (b"MZ is how I sign my letters", "text/plain"),
        (b"\x7fELF\x02\x01\x01\0", "application/x-elf"),
        (b"<html><script>alert(1)</script>", "text/plain"),
        ("Здравствуйте!\r\n\tВсё".encode(), "text/plain"),
        ("Здравствуйте".encode("cp1251"), "application/octet-stream"),
        (b"a\0b", "application/octet-stream"),
        (("я" * HEAD).encode()[: HEAD - 1], "text/plain"),
    ],
)
def test_content_is_told_by_its_beginning(content: bytes, wanted: str) -> None:
    assert media_type_of(content[:HEAD]) == wanted
    assert wanted in known_types()
