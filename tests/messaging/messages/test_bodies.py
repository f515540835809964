"""The parts of a message as they are kept."""

import json
import zlib

import pytest
from cryptography.fernet import Fernet

from webapp.core import secret_box
from webapp.core.secret_box import SecretLost
from webapp.messaging.messages.bodies import Parts, pack, unpack

PARTS = [
    Parts("Hello.\n", "<p>Hello.</p>\n"),
    Parts("Здравствуйте 😀\n", "<p>Здравствуйте 😀</p>"),
    Parts("", ""),
    Parts("12:30", "{}"),
    Parts("", '{"text": "a", "html": "b"}'),
    Parts("1,2:3", "<img>", "ab12" * 16),
]


@pytest.mark.parametrize("is_secret", [False, True])
@pytest.mark.parametrize("parts", PARTS)
def test_parts_come_back_as_they_were(app, parts, is_secret):
    assert unpack(pack(parts, is_secret=is_secret)) == parts


@pytest.mark.parametrize("parts", PARTS[:-1])
def test_rows_of_an_older_installation_are_read(app, parts):
    kept = json.dumps({"text": parts.text, "html": parts.html}, ensure_ascii=False)

    assert unpack(b"z" + zlib.compress(kept.encode(), 1)) == parts
    assert unpack(b"s" + secret_box.seal(kept).encode("ascii")) == parts


def test_secret_parts_stand_nowhere_in_what_is_kept(app):
    packed = pack(Parts("canary-token", "<p>canary-token</p>"), is_secret=True)
    assert b"canary" not in packed


def test_parts_of_another_key_are_lost(app):
    with pytest.raises(SecretLost):
        unpack(b"s" + Fernet(Fernet.generate_key()).encrypt(b"0:"))
