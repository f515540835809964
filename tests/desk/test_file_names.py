"""Names of files: what can be kept is kept, what deceives or breaks something is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.desk.records.file_names import LONGEST, clean_name, ending_of

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("отчёт за год.pdf", "отчёт за год.pdf"),
        ("年度報告.xlsx", "年度報告.xlsx"),
        ("می‌خواهم.txt", "می‌خواهم.txt"),
        ("👩‍💻.png", "👩‍💻.png"),
        ("e\u0301te\u0301.txt", "été.txt"),
        (".htaccess", ".htaccess"),
        ("archive.tar.gz", "archive.tar.gz"),
        ("/etc/passwd", "passwd"),
        ("../../../etc/passwd", "passwd"),
        ("C:\\boot\\boot.ini", "boot.ini"),
        ("CON", "_CON"),
        ("com1.txt", "_com1.txt"),
        ("console.txt", "console.txt"),
        ("NUL.tar.gz", "_NUL.tar.gz"),
        ("inv\u202efdp.exe", "invfdp.exe"),
        ("a\0.exe.pdf", "a.exe.pdf"),
        ("a\r\nBcc: evil@e.test.pdf", "aBcc_ evil@e.test.pdf"),
        ("harmless.exe. . .", "harmless.exe"),
        ("harmless.exe\u200b", "harmless.exe"),
        ("a.txt::$DATA", "a.txt__$DATA"),
        ('who? "me" <you>|*.txt', "who_ _me_ _you___.txt"),
        ("a\ud800.txt", "a.txt"),
        ("   ", "file"),
        ("", "file"),
        ("..", "file"),
        ("a/..", "file"),
        ("a/", "file"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_a_name_keeps_what_can_be_kept(name: str, kept: str) -> None:
    assert clean_name(name) == kept


@given(st.text(max_size=400))
def test_every_name_can_be_stored_and_stays_as_it_is(name: str) -> None:
    kept = clean_name(name)
    assert kept
    assert len(kept.encode()) <= LONGEST
    assert not set(kept) & set('/\\<>:"|?*\0\r\n\u202e')
    assert kept not in {".", ".."}
    assert clean_name(kept) == kept


@pytest.mark.parametrize(
    ("name", "ending"), [("a.EXE", "exe"), ("a.tar.gz", "gz"), (".htaccess", "htaccess"), ("a", "")]
)
def test_the_ending_stands_behind_the_last_dot(name: str, ending: str) -> None:
    assert ending_of(name) == ending
