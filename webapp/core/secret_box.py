"""Encrypts secrets for their column: write-only for people, readable by the code that needs them."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


class SecretLost(Exception):
    """The installation's key is not the one with which the secret was encrypted."""


def seal(plain: str) -> str:
    """Encrypt ``plain`` with the first of the installation's keys."""
    return _box().encrypt(plain.encode()).decode("ascii")


def open_sealed(sealed: str) -> str:
    """Decrypt what ``seal`` made under any of the installation's keys.

    Raises SecretLost when none of them fits.
    """
    try:
        return _box().decrypt(sealed.encode("ascii")).decode()
    except InvalidToken:
        raise SecretLost from None


def reseal(sealed: str) -> str:
    """Encrypt anew with the first key; used when keys are changed."""
    try:
        return _box().rotate(sealed.encode("ascii")).decode("ascii")
    except InvalidToken:
        raise SecretLost from None


def _box() -> MultiFernet:
    keys: tuple[str, ...] = current_app.config["VESTNIK"].secret_keys
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    # A key of its own for this purpose: the one that signs cookies must not also open secrets.
    hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"vestnik secret box")
    return base64.urlsafe_b64encode(hkdf.derive(key.encode()))
