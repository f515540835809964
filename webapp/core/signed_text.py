"""Signed texts for links that open without signing in: everybody can read them, nobody can make one."""

from __future__ import annotations

from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from webapp.core import config

LONGEST = 1000


class NotSigned(Exception):
    """The text was not signed here, not for this purpose, or with a key that is gone."""


def sign(purpose: str, value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Return the value as a text for an address; the same each time, as long as the key is the same."""
    return str(_serializer(purpose).dumps(value))


def read(purpose: str, text: str) -> Any:  # noqa: ANN401 - what was signed
    """Return what ``sign`` was given for this purpose, under any of the installation's keys.

    Raises NotSigned.
    """
    if len(text) > LONGEST:
        raise NotSigned
    try:
        return _serializer(purpose).loads(text)
    except BadData:
        raise NotSigned from None


def _serializer(purpose: str) -> URLSafeSerializer:
    keys = config.current().secret_keys
    return URLSafeSerializer(list(reversed(keys)), salt=f"vestnik {purpose}")  # signed with the last of them
