"""Files that somebody sends: judged one by one, and brought into the store before any transaction begins."""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO, Final, Protocol

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from webapp.core import config
from webapp.desk.records.file_names import clean_name, ending_of
from webapp.files import services as files
from webapp.files import store
from webapp.files.services import Kept
from webapp.files.store import StoreUnavailable

log = logging.getLogger(__name__)

RULES: Final = Path(__file__).with_name("refused_files.toml")


class Sent(Protocol):
    """A file as a browser sends it."""

    filename: str | None
    stream: IO[bytes]


@dataclass(frozen=True)
class Room:
    """How many more files a record takes, and how many more octets somebody may send today."""

    files: int
    octets: int

    def without(self, octets: int) -> Room:
        """Return the room that is left with one more file of this size."""
        return replace(self, files=self.files - 1, octets=self.octets - octets)


@dataclass(frozen=True)
class Upload:
    """One file under its cleaned name: kept, or refused with a sentence that says why."""

    name: str
    kept: Kept | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Batch:
    """Files that were sent together, in their order."""

    uploads: tuple[Upload, ...] = ()

    @property
    def accepted(self) -> list[Upload]:
        """Those that are kept."""
        return [each for each in self.uploads if each.kept]

    @property
    def refused(self) -> list[Upload]:
        """Those that are not."""
        return [each for each in self.uploads if not each.kept]

    @property
    def troubles(self) -> list[str]:
        """Say of each that was refused why, with its name."""
        return [f"{each.name}: {each.trouble}" for each in self.refused]


class Refused(Exception):
    """The file is not taken; the argument is a sentence for whoever sent it."""


def receive(sent: Iterable[Sent], room: Room) -> Batch:
    """Judge the files and put those that are taken into the store.

    To be called outside of a transaction: the store may be slow. Files that no row points to afterwards are
    deleted a day later.
    """
    uploads = []
    for each in sent:
        upload = _receive_one(each, room)
        if upload.kept:
            room = room.without(upload.kept.octets)
        uploads.append(upload)
    return Batch(tuple(uploads))


def too_many(batch: Batch) -> Batch:
    """Return the batch with all of it refused: others filled the record meanwhile."""
    return Batch(tuple(Upload(each.name, trouble=each.trouble or _no_place()) for each in batch.uploads))


def in_words(octets: int) -> str:
    """Return a size as the reader of the page reads it."""
    for unit, words in ((1024**3, _("GB")), (1024**2, _("MB")), (1024, _("KB"))):
        if octets >= unit:
            return f"{format_decimal(octets / unit, '#,##0.#')} {words}"
    return str(ngettext("%(num)d byte", "%(num)d bytes", octets))


def _receive_one(sent: Sent, room: Room) -> Upload:
    name = clean_name(sent.filename or "")
    try:
        _refuse_by_name(name)
        _refuse_by_size(_size_of(sent.stream), room)
        return Upload(name, _keep(sent.stream))
    except Refused as reason:
        return Upload(name, trouble=str(reason))
    except StoreUnavailable:
        log.exception("the store of files does not take a file")
        return Upload(name, trouble=_("It could not be stored just now. Send it again in a while."))


def _refuse_by_name(name: str) -> None:
    if ending_of(name) in _rules()["extensions"]:
        raise Refused(
            _("Files that end in .%(ending)s can do harm. Put it into an archive.", ending=ending_of(name))
        )


def _refuse_by_size(octets: int, room: Room) -> None:
    largest = config.current().largest_file
    if not octets:
        raise Refused(_("It is empty."))
    if octets > largest:
        raise Refused(_("It is larger than %(limit)s.", limit=in_words(largest)))
    if room.files < 1:
        raise Refused(_no_place())
    if octets > room.octets:
        limit = in_words(config.current().files_per_day)
        raise Refused(
            _("You have sent %(limit)s in a day, which is the most. Send it tomorrow.", limit=limit)
        )
    if not store.current().has_room_for(octets):
        log.error("the disk of the store of files is nearly full: a file was refused")
        raise Refused(_("There is no room on the disk of this Vestnik. Tell whoever looks after it."))


def _keep(stream: IO[bytes]) -> Kept:
    received = files.receive(stream, config.current().largest_file)
    if received.media_type in _rules()["media_types"]:
        files.discard(received)
        raise Refused(_("It is a program, whatever its name says. Put it into an archive."))
    return files.keep(received)


def _no_place() -> str:
    most = config.current().files_per_record
    return str(_("A record takes at most %(number)s files.", number=most))


def _size_of(stream: IO[bytes]) -> int:
    octets = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return octets


@cache
def _rules() -> dict[str, frozenset[str]]:
    with RULES.open("rb") as file:
        data: dict[str, Sequence[str]] = tomllib.load(file)
    return {name: frozenset(data[name]) for name in ("extensions", "media_types")}
