"""Whom a comment mentions: ``@`` with an address, or with a name that only one person who may be told has.

What cannot be taken for exactly one such person stays plain text. Reading costs a bounded number of questions
and looks at each character a bounded number of times, whatever somebody pastes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select, true

from webapp.core.db import db
from webapp.desk.records.access import seen_by
from webapp.desk.records.models import Comment, Record
from webapp.languages.storable import is_storable
from webapp.people.accounts.models import STAFF, Account, sort_key_of
from webapp.people.accounts.queries import name_or_address_holds, normal_email

#: So many signs of a comment are looked at, and so many words behind each.
MOST_MENTIONS: Final = 50
MOST_WORDS: Final = 5
LONGEST: Final = 254
OFFERED: Final = 8
LONGEST_SHOWN: Final = 60
#: A sign that begins a word: an address in the middle of a sentence mentions nobody.
_SIGN = re.compile(r"(?<![^\s(\[{«„“\"'—])@(?=[^\s@])")
_WORD = re.compile(r"\S+")
_AFTER = ".,;:!?…)]}»”\"'’"
_LETTERS = re.compile(r"[\w-]+")


class Mention(NamedTuple):
    """One mention: from which character of the body to which, and who."""

    start: int
    end: int
    account_id: int


class _Reading(NamedTuple):
    """One way to read what stands behind a sign: up to where, as an address or the key of a name."""

    end: int
    address: str
    key: str


class Blind(NamedTuple):
    """Somebody who is meant and may not hear of the comment, and the word behind the sign."""

    typed: str
    account: Account


@dataclass(frozen=True)
class Mentioned:
    """What was found: whom to tell, who may not hear of it, and words that name nobody or several."""

    mentions: tuple[Mention, ...] = ()
    blind: tuple[Blind, ...] = ()
    unclear: tuple[str, ...] = ()

    @property
    def account_ids(self) -> list[int]:
        """Everybody to be told, each once, in the order of their first mention."""
        return list(dict.fromkeys(mention.account_id for mention in self.mentions))

    @property
    def all_unclear(self) -> list[str]:
        """What a writer reads who must not learn who has an account: one word is as unclear as the other."""
        return [*(each.typed for each in self.blind), *self.unclear]


def read_mentions(body: str, record: Record, writer: Account, *, is_internal: bool) -> Mentioned:
    """Return whom the writer's comment mentions; an internal one can mention staff only.

    A writer who is not staff reaches those who stand on the card: no address or name that they try tells them
    of anybody else.
    """
    signs = [found.start() for found in islice(_SIGN.finditer(body), MOST_MENTIONS)]
    readings = {sign: list(_readings(body, sign)) for sign in signs}
    people = _People(reading for several in readings.values() for reading in several)
    told = people.among(_within_reach(record, writer, is_internal=is_internal))
    mentions: list[Mention] = []
    blind: dict[int, Blind] = {}
    unclear: dict[str, None] = {}
    for sign, several in readings.items():
        end, meant = _best(several, people, told)
        if mentions and sign < mentions[-1].end:
            continue  # a part of the name before it
        if len(meant) != 1:
            unclear[_typed(body, sign)] = None
        elif meant[0].id in told:
            mentions.append(Mention(sign, end, meant[0].id))
        else:
            blind.setdefault(meant[0].id, Blind(_typed(body, sign), meant[0]))
    return Mentioned(tuple(mentions), tuple(blind.values()), tuple(unclear))


def offer(record: Record, viewer: Account, typed: str, *, is_internal: bool) -> list[tuple[Account, str]]:
    """Return who can be mentioned by a name or address that holds what was typed, and the words that do it.

    People who are not staff are offered those who stand on the card: the list of all staff is not for them,
    nor are addresses.
    """
    may_be_told = _may_be_told(record, is_internal=is_internal)
    offered = _within_reach(record, viewer, is_internal=is_internal)
    others = Account.id != viewer.id
    query = select(Account).where(offered, others, name_or_address_holds(typed, with_address=viewer.is_staff))
    found = db.session.scalars(query.order_by(Account.sort_key, Account.id).limit(OFFERED)).all()
    same = select(Account.sort_key).where(
        Account.sort_key.in_([each.sort_key for each in found]), may_be_told
    )
    names = Counter(db.session.scalars(same))
    pairs = [(each, f"@{each.name}" if _is_name_enough(each, names) else f"@{each.email}") for each in found]
    return [pair for pair in pairs if viewer.is_staff or pair[1] == f"@{pair[0].name}"]


def mentions_of(comment: Comment) -> list[Mention]:
    """Return the mentions of a comment as they were read when it was written."""
    return [Mention(*each) for each in comment.mentions or ()]


class _People:
    """The active people whom the readings could mean, found by one question."""

    def __init__(self, readings: Iterable[_Reading]) -> None:
        wanted = list(readings)
        keys = {each.key for each in wanted}
        addresses = {each.address for each in wanted if each.address}
        self._by_key: dict[str, list[Account]] = {}
        self._by_address: dict[str, Account] = {}
        if not wanted:
            return
        named = or_(Account.sort_key.in_(keys), Account.email.in_(addresses))
        for account in db.session.scalars(select(Account).where(Account.is_active, named)):
            self._by_key.setdefault(account.sort_key, []).append(account)
            self._by_address[account.email] = account

    def among(self, condition: ColumnElement[bool]) -> set[int]:
        """Return those of whom the condition holds."""
        ids = [each.id for each in self._by_address.values()]
        return (
            set(db.session.scalars(select(Account.id).where(Account.id.in_(ids), condition)))
            if ids
            else set()
        )

    def meant_by(self, reading: _Reading) -> list[Account]:
        """Return whom a reading means."""
        if reading.address in self._by_address:
            return [self._by_address[reading.address]]
        return self._by_key.get(reading.key, [])


def _best(readings: Iterable[_Reading], people: _People, told: set[int]) -> tuple[int, list[Account]]:
    """Return the longest reading that means somebody who may be told, else the longest that means anybody."""
    fallback: tuple[int, list[Account]] = (0, [])
    for reading in readings:
        meant = people.meant_by(reading)
        hearing = [each for each in meant if each.id in told]
        if hearing:
            return reading.end, hearing
        fallback = fallback if fallback[1] else (reading.end, meant)
    return fallback


def _readings(body: str, sign: int) -> Iterator[_Reading]:
    """Yield the ways to read what stands behind a sign, the longest first."""
    line = body[sign + 1 : sign + 1 + LONGEST].split("\n", 1)[0]
    words = list(islice(_WORD.finditer(line), MOST_WORDS)) if is_storable(line) else []
    for word in reversed(words):
        for end in _ends(word):
            text = line[:end]
            address = normal_email(text) if "@" in text and word.start() == 0 else ""
            yield _Reading(sign + 1 + end, address, sort_key_of(" ".join(text.split())))


def _ends(word: re.Match[str]) -> list[int]:
    """Return where the last word of a name may end: a comma or an ’s behind it is no part of the name."""
    whole, bare = word.group(), len(word.group().rstrip(_AFTER))
    letters = None if "@" in whole else _LETTERS.match(whole)
    # A name may itself end with a dot or a bracket.
    lengths = {len(whole), bare + 2, bare + 1, bare, letters.end() if letters else 0}
    fitting = (length for length in lengths if 0 < length <= len(whole))
    return [word.start() + length for length in sorted(fitting, reverse=True)]


def _is_name_enough(account: Account, names: Counter[str]) -> bool:
    is_short = len(account.name.split()) <= MOST_WORDS
    return is_short and names[account.sort_key] == 1 and not account.name.startswith("@")


def _within_reach(record: Record, writer: Account, *, is_internal: bool) -> ColumnElement[bool]:
    may_be_told = _may_be_told(record, is_internal=is_internal)
    return may_be_told if writer.is_staff else may_be_told & seen_by(record, by_part=True)


def _may_be_told(record: Record, *, is_internal: bool) -> ColumnElement[bool]:
    staff = Account.role.in_([role.value for role in STAFF])
    return and_(Account.is_active, seen_by(record), staff if is_internal else true())


def _typed(body: str, sign: int) -> str:
    word = _WORD.match(body, sign)
    return (word.group()[:LONGEST_SHOWN] if word else "").rstrip(_AFTER)
