"""Every view says who may use it, has its template, and every template has its view."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.architecture.sources import ROOT, python_files, shown, templates

RIGHTS = {"public", "signed_in", "staff_only", "technologist_only"}
NAMED_IN_CODE = re.compile(r"""["']([\w\-/]+\.(?:html|txt))["']""")
NAMED_IN_TEMPLATE = re.compile(r"""(?:extends|include|import|from)\s+["']([\w\-/.]+)["']""")


def test_every_view_says_who_may_use_it(app: Flask) -> None:
    unmarked = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        and getattr(app.view_functions[rule.endpoint], "rights", None) not in RIGHTS
    ]
    assert not unmarked


def test_addresses_are_plural_kebab_case(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        assert re.fullmatch(r"[a-z0-9\-/.]*", fixed), rule.rule


@pytest.mark.pure
def test_every_template_is_used_and_every_used_one_is_there() -> None:
    there = {path.relative_to(ROOT / "templates").as_posix() for path in templates()}
    used = set(_used())
    assert not {name for name in used if "/" in name} - there, "templates that are not there"
    assert not there - used, "templates that nobody uses"


@pytest.mark.pure
def test_pages_keep_to_the_strict_content_policy() -> None:
    forbidden = re.compile(
        r"""\son\w+=|\sstyle=|\shx-on|javascript:|["']js:|<script(?![^>]*\ssrc=)""", re.IGNORECASE
    )
    guilty = []
    for path in templates():
        if "email" in path.parts:
            continue  # mail programs know nothing but inline styles
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if forbidden.search(line):
                guilty.append(f"{shown(path)}:{number}: {line.strip()}")
    assert not guilty, "\n".join(guilty)


def _used() -> Iterator[str]:
    for path in python_files():
        for name in NAMED_IN_CODE.findall(path.read_text(encoding="utf-8")):
            # Mail has a Jinja of its own, which looks into one folder.
            yield f"email/{name}" if shown(path) == "webapp/messaging/messages/layout.py" else name
    for path in templates():
        text = path.read_text(encoding="utf-8")
        yield from NAMED_IN_TEMPLATE.findall(text)
        yield from NAMED_IN_CODE.findall(text)
