"""The sender and the server that stand in where Postfix's cannot be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import postfix

pytestmark = [pytest.mark.pure, pytest.mark.process]


@pytest.fixture
def without_postfix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(postfix, "TOOLS", tmp_path / "tools")
    return tmp_path


def test_every_mail_of_the_plain_sender_is_counted(without_postfix: Path) -> None:
    with postfix.sink(without_postfix) as sink:
        assert postfix.send(100, sink.port) > 0
        assert sink.wait_for(100) == 100
        postfix.send(37, sink.port)
        assert sink.wait_for(137) == 137
