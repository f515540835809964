"""Passwords: what a good one is, and slow hashing that neither blocks others nor tells who has an account."""

from __future__ import annotations

import sys
import threading
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.core import config

Answer = TypeVar("Answer")

SHORTEST = 10
LONGEST = 200
MOST_AT_ONCE = 4

# The passwords of ten and more characters that are tried first, as lists of leaked ones show.
COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())

# A hash takes 64 MiB: a crowd that signs in at once must wait in line, not push the process out of memory.
_line = threading.BoundedSemaphore(MOST_AT_ONCE)


class PasswordRefused(ValueError):
    """The password must not be used; ``reason`` is too_short, too_long, common or personal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_password(password: str, *, email: str, name: str) -> None:
    """Raise PasswordRefused for one too short, too long, too common, or the person's name or address."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise PasswordRefused("too_short")
    if len(plain) > LONGEST:
        raise PasswordRefused("too_long")
    folded = plain.casefold()
    if folded in COMMON or len(set(folded)) == 1:
        raise PasswordRefused("common")
    if "".join(folded.split()) in _personal_words(email, name):
        raise PasswordRefused("personal")


def hash_password(password: str) -> str:
    """Return the hash to keep. Takes some 100 ms: never call it inside a transaction that writes."""
    hasher = _hasher()  # before the work: a thread aside has no application to ask
    return _aside(lambda: hasher.hash(_normal(password)))


def is_password(password: str, kept_hash: str | None) -> bool:
    """Tell whether the password is the one.

    As slow when there is no hash, so that time does not tell who has an account.
    """
    if len(password) > LONGEST:
        return False
    is_cheap = _is_cheap()  # before the work: a thread aside has no application to ask
    hasher = _make_hasher(is_cheap)
    answer = _aside(lambda: _verifies(hasher, kept_hash or _nobodys_hash(is_cheap), _normal(password)))
    return answer and kept_hash is not None


def needs_new_hash(kept_hash: str) -> bool:
    """Tell whether the hash was made with other parameters than are used now."""
    return _hasher().check_needs_rehash(kept_hash)


def _verifies(hasher: PasswordHasher, kept_hash: str, password: str) -> bool:
    try:
        return hasher.verify(kept_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    # The same letters may arrive composed or decomposed, depending on the keyboard.
    return unicodedata.normalize("NFKC", password)


def _personal_words(email: str, name: str) -> set[str]:
    words = (email, email.partition("@")[0], name)
    return {"".join(_normal(word).casefold().split()) for word in words}


def _is_cheap() -> bool:
    return config.current().is_test


def _hasher() -> PasswordHasher:
    return _make_hasher(_is_cheap())


@cache
def _make_hasher(is_cheap: bool) -> PasswordHasher:  # noqa: FBT001 - the key of the memory
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if is_cheap else PasswordHasher()


@cache
def _nobodys_hash(is_cheap: bool) -> str:  # noqa: FBT001 - the key of the memory
    return _make_hasher(is_cheap).hash("nobody has this password")


def _aside(work: Callable[[], Answer]) -> Answer:
    """Do slow work in line; on gevent in a real thread, because the streams of the process must not stop."""
    with _line:
        return _in_real_thread(work) if _runs_on_gevent() else work()


def _runs_on_gevent() -> bool:
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


def _in_real_thread(work: Callable[[], Answer]) -> Answer:
    from gevent import get_hub  # noqa: PLC0415 - only a process that already runs on gevent may load it

    answer: Answer = get_hub().threadpool.apply(work)
    return answer
