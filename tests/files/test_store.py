"""The place of contents: whole under their hash or not there, on a disk and elsewhere."""

from __future__ import annotations

import hashlib
import io
import itertools
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest

from tests.attacks.oracles import flat_memory
from tests.browser.conftest import wait_until
from tests.conftest import make_config
from webapp.app import create_app
from webapp.core.clock import now
from webapp.core.config import PROJECT_ROOT
from webapp.files import store as stores
from webapp.files.store import ContentMissing, Store, StoreUnavailable, TooLarge

pytestmark = pytest.mark.pure
MEBIBYTE = 1024 * 1024
CONTENT = b"A letter\r\n" * 1000
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=["folder", "memory"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder that is not made yet, and a place that is no disk."""
    return str(tmp_path / "a b" / "files") if request.param == "folder" else f"memory://{uuid4().hex}"


@pytest.fixture
def store(address: str) -> Store:
    return Store(address)


def everything_in(address: str) -> list[str]:
    """The paths of all contents, from the place on."""
    files, root = fsspec.core.url_to_fs(address)
    return sorted(path.removeprefix(root).lstrip("/") for path in files.find(root))


def put(store: Store, content: bytes = CONTENT) -> str:
    received = store.receive(io.BytesIO(content), len(content))
    store.place(received)
    return received.sha256


def test_content_stands_whole_under_its_hash(store: Store, address: str) -> None:
    received = store.receive(io.BytesIO(CONTENT), len(CONTENT))
    assert (received.sha256, received.octets, received.media_type) == (HASH, len(CONTENT), "text/plain")
    with pytest.raises(ContentMissing):
        store.open(HASH)
    store.place(received)
    with store.open(HASH) as content:
        assert content.read() == CONTENT
    assert everything_in(address) == [f"{HASH[:2]}/{HASH}"]


def test_the_same_content_stands_there_once(store: Store, address: str) -> None:
    assert put(store) == put(store) == HASH
    assert everything_in(address) == [f"{HASH[:2]}/{HASH}"]


def test_content_that_is_too_large_or_breaks_off_leaves_nothing(store: Store, address: str) -> None:
    with pytest.raises(TooLarge):
        store.receive(io.BytesIO(CONTENT), len(CONTENT) - 1)

    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError("the sender went away")
            return super().read(1000)

    with pytest.raises(StoreUnavailable):
        store.receive(Broken(CONTENT), len(CONTENT))
    assert everything_in(address) == []


def test_what_was_discarded_or_deleted_is_gone(store: Store, address: str) -> None:
    store.discard(store.receive(io.BytesIO(b"unwanted"), 100))
    store.delete(put(store))
    store.delete(HASH)
    assert everything_in(address) == []
    with pytest.raises(ContentMissing):
        store.open(HASH)


def test_what_never_came_whole_is_forgotten_when_it_is_old(store: Store, address: str) -> None:
    assert store.forget_abandoned(now()) == 0
    put(store)
    store.receive(io.BytesIO(b"half"), 100)
    assert store.forget_abandoned(now() - timedelta(days=1)) == 0
    assert store.forget_abandoned(now() + timedelta(days=1)) == 1
    assert everything_in(address) == [f"{HASH[:2]}/{HASH}"]


def test_a_place_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for address in (str(tmp_path / "file"), "nothing-known://place"):
        store = Store(address)
        with pytest.raises(StoreUnavailable):
            store.receive(io.BytesIO(CONTENT), len(CONTENT))
        with pytest.raises(StoreUnavailable):
            store.has_room_for(1)


def test_an_address_whose_driver_is_missing_stops_the_start(tmp_path: Path) -> None:
    for address in ("nothing-known://place", "s3://bucket/place"):
        usual = make_config(tmp_path, f"sqlite:///{tmp_path}/x.db", "unix:///nowhere")
        with pytest.raises(ValueError, match="FILES_URL"):
            create_app(replace(usual, files_url=address))


def test_a_full_disk_takes_nothing_and_keeps_its_reserve(tmp_path: Path) -> None:
    free = stores.shutil.disk_usage(tmp_path).free
    assert Store(str(tmp_path)).has_room_for(1)
    assert not Store(str(tmp_path)).has_room_for(free)
    assert Store("memory://there").has_room_for(free)


class Endless(io.RawIOBase):
    """A stream of so many octets that are nowhere at once."""

    def __init__(self, octets: int) -> None:
        self.pieces: Iterator[bytes] = itertools.repeat(b"x" * 65536, octets // 65536)

    def read(self, _size: int = -1) -> bytes:
        return next(self.pieces, b"")


def test_a_large_file_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    octets = 300 * MEBIBYTE
    with flat_memory():
        received = Store(str(tmp_path)).receive(Endless(octets), octets)
    assert Path(received.path).stat().st_size == octets


KEEP = "import sys; from webapp.files.store import Store; Store(sys.argv[1]).receive(sys.stdin.buffer, 10**9)"


@pytest.mark.process
def test_a_killed_program_leaves_nothing_under_a_hash(tmp_path: Path) -> None:
    incoming = tmp_path / stores.INCOMING
    child = subprocess.Popen(
        [sys.executable, "-c", KEEP, str(tmp_path)], stdin=subprocess.PIPE, cwd=PROJECT_ROOT
    )
    assert child.stdin
    child.stdin.write(b"x" * 3 * MEBIBYTE)
    child.stdin.flush()
    wait_until(
        lambda: incoming.exists() and [1 for path in incoming.iterdir() if path.stat().st_size], "a piece"
    )
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdin.close()
    (left,) = everything_in(str(tmp_path))
    assert left.startswith(f"{stores.INCOMING}/")
    assert Store(str(tmp_path)).forget_abandoned(now() + timedelta(days=1)) == 1
    assert everything_in(str(tmp_path)) == []
