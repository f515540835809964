"""Catalogues of texts: compiled when they are newer, whole or not at all."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest

from webapp.core.locales import compile_catalogues

pytestmark = pytest.mark.pure

CATALOGUE = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Ticket"\nmsgstr "%s"\n'
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "ru" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(CATALOGUE % "Заявка", encoding="utf-8")
    return folder / "messages.po"


def translated(tmp_path: Path) -> str:
    gettext._translations.clear()  # the library remembers what it has read
    return gettext.translation("messages", tmp_path, ["ru"]).gettext("Ticket")


def test_a_catalogue_is_compiled_and_nothing_else_is_left(tmp_path: Path, source: Path) -> None:
    compile_catalogues(tmp_path)
    assert translated(tmp_path) == "Заявка"
    assert {file.name for file in source.parent.iterdir()} == {"messages.po", "messages.mo"}


def test_only_a_newer_catalogue_is_compiled_again(tmp_path: Path, source: Path) -> None:
    compile_catalogues(tmp_path)
    source.write_text(CATALOGUE % "Запрос", encoding="utf-8")
    os.utime(source, (1, 1))
    compile_catalogues(tmp_path)
    assert translated(tmp_path) == "Заявка"
    os.utime(source)
    compile_catalogues(tmp_path)
    assert translated(tmp_path) == "Запрос"


def test_a_folder_that_cannot_be_written_does_not_keep_the_program_from_starting(
    tmp_path: Path, source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source.with_suffix(".mo").mkdir()  # what even root cannot replace by a file
    os.utime(source.with_suffix(".mo"), (1, 1))
    compile_catalogues(tmp_path)
    assert "cannot be compiled" in caplog.text
