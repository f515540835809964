"""The place where content lies: a folder, or any other place that fsspec knows by its address (FILES_URL).

Content is written under a name of its own and moved when it is whole, so that whatever stands under a hash is
whole however the program ended.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import IO, Any, Final

from fsspec import get_filesystem_class
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem
from fsspec.utils import get_protocol

from webapp.core import config
from webapp.core.clock import now
from webapp.core.config import MEBIBYTE
from webapp.files.media_types import HEAD, media_type_of

PIECE: Final = MEBIBYTE // 4
INCOMING: Final = "incoming"
#: Left free on a disk of our own: the database may lie on it too, and must be able to go on.
RESERVE: Final = 256 * MEBIBYTE
_MOMENT: Final = "%Y%m%d%H%M%S"


class StoreUnavailable(Exception):
    """The place cannot be read or written at the moment; the log says why."""


class ContentMissing(Exception):
    """The content is not in its place: somebody took it away, or another place was configured."""


class TooLarge(Exception):
    """The content has more octets than its owner takes."""


@dataclass(frozen=True)
class Received:
    """Content that has arrived whole and does not stand under its hash yet."""

    path: str
    sha256: str
    octets: int
    media_type: str


class Store:
    """One place; the address is read when it is first used, so that a place that is away stops no start."""

    def __init__(self, address: str) -> None:
        self._address = address

    def receive(self, stream: IO[bytes], most: int) -> Received:
        """Write the stream under a name of its own.

        Raises TooLarge and StoreUnavailable; then nothing stays.
        """
        with _trouble():
            path = self._join(INCOMING, f"{now():{_MOMENT}}-{secrets.token_hex(16)}")
            self._make_folder(path)
            try:
                return self._copy(stream, path, most)
            except BaseException:
                self._forget(path)
                raise

    def place(self, received: Received) -> None:
        """Move the content under its hash, unless it stands there already. Raises StoreUnavailable."""
        with _trouble():
            final = self._path(received.sha256)
            if self._holds(final, received.octets):
                self._forget(received.path)
                return
            self._make_folder(final)
            self._move(received.path, final)

    def discard(self, received: Received) -> None:
        """Forget what was received and will not be kept."""
        self._forget(received.path)

    def open(self, sha256: str) -> IO[bytes]:
        """Open the content for reading. Raises ContentMissing and StoreUnavailable."""
        with _trouble():
            try:
                opened: IO[bytes] = self._files.open(self._path(sha256), "rb")
            except FileNotFoundError:
                raise ContentMissing(sha256) from None
            return opened

    def delete(self, sha256: str) -> None:
        """Delete the content if it is there. Raises StoreUnavailable."""
        with _trouble(), suppress(FileNotFoundError):
            self._files.rm(self._path(sha256))

    def forget_abandoned(self, before: datetime) -> int:
        """Delete what began to arrive before the moment and never came whole; returns how much it was.

        Raises StoreUnavailable.
        """
        with _trouble():
            self._files.invalidate_cache()  # some drivers remember what they once saw
            try:
                found = self._files.ls(self._join(INCOMING), detail=False)
            except FileNotFoundError:
                return 0
            old = [path for path in found if path.rsplit("/", 1)[-1] < f"{before:{_MOMENT}}"]
            for path in old:
                self._files.rm(path)
            return len(old)

    def has_room_for(self, octets: int) -> bool:
        """Whether a disk of our own has room and keeps its reserve; other places say when they are full."""
        with _trouble():
            if not self._is_disk:
                return True
            self._files.makedirs(self._root, exist_ok=True)
            return shutil.disk_usage(self._root).free >= octets + RESERVE

    def _copy(self, stream: IO[bytes], path: str, most: int) -> Received:
        digest, octets, head = hashlib.sha256(), 0, b""
        with self._files.open(path, "wb") as file:
            while piece := stream.read(PIECE):
                octets += len(piece)
                if octets > most:
                    raise TooLarge(most)
                head += piece[: HEAD - len(head)]
                digest.update(piece)
                file.write(piece)
            if self._is_disk:
                file.flush()
                os.fsync(file.fileno())
        return Received(path, digest.hexdigest(), octets, media_type_of(head))

    def _move(self, path: str, final: str) -> None:
        if not self._is_disk:
            self._files.mv(path, final)
            return
        Path(path).replace(final)
        folder = os.open(Path(final).parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # otherwise a power cut could undo the move after the commit that relies on it
        finally:
            os.close(folder)

    def _holds(self, final: str, octets: int) -> bool:
        self._files.invalidate_cache()
        try:
            return bool(self._files.size(final) == octets)
        except FileNotFoundError:
            return False

    def _forget(self, path: str) -> None:
        with suppress(Exception):  # what stays is found by its age
            self._files.rm(path)

    def _make_folder(self, path: str) -> None:
        self._files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)

    def _path(self, sha256: str) -> str:
        return self._join(sha256[:2], sha256)

    def _join(self, *parts: str) -> str:
        return "/".join([self._root, *parts])

    @cached_property
    def _place(self) -> tuple[Any, str]:
        files, root = url_to_fs(self._address)
        return files, root.rstrip("/")

    @property
    def _files(self) -> Any:  # noqa: ANN401 - fsspec carries no types
        return self._place[0]

    @property
    def _root(self) -> str:
        return self._place[1]

    @property
    def _is_disk(self) -> bool:
        return isinstance(self._files, LocalFileSystem)


def require_driver(address: str) -> None:
    """Raise ValueError when nothing is installed that knows such an address."""
    try:
        get_filesystem_class(get_protocol(address))
    except (ValueError, ImportError) as error:
        raise ValueError(f"FILES_URL: {error}") from None


def current() -> Store:
    """Return the place of the application at work."""
    return _store(config.current().files_place)


@cache
def _store(address: str) -> Store:
    return Store(address)


@contextmanager
def _trouble() -> Iterator[None]:
    """Every driver has errors of its own; what they have in common is that the place does not answer."""
    try:
        yield
    except (ContentMissing, TooLarge):
        raise
    except Exception as error:
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
