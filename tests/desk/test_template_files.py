"""Template files are checked word by word, and say where a mistake is."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from webapp.core.db import db
from webapp.desk.record_templates import loader
from webapp.desk.record_templates.models import label
from webapp.desk.record_templates.queries import get_template, list_templates
from webapp.desk.record_templates.template_files import TemplateError, read_template

GOOD = """
system_name = "visit"
names = { en = "Visits", ru = "Визиты" }
singular = { en = "Visit", ru = "Визит" }
[[attributes]]
system_name = "subject"
kind = "text"
column = "title"
names = { en = "Subject", ru = "Тема" }
is_required = true
[[statuses]]
system_name = "planned"
kind = "new"
names = { en = "Planned", ru = "Намечен" }
[[statuses]]
system_name = "held"
kind = "done"
names = { en = "Held", ru = "Состоялся" }
[[moves]]
from = ["planned"]
to = "held"
names = { en = "Hold", ru = "Провести" }
roles = ["staff"]
"""

MISTAKES = [
    ('kind = "text"', 'kind = "txt"', "did you mean 'text'"),
    ('system_name = "subject"', 'system_name = "Тема"', "must be made of a-z"),
    ('system_name = "subject"', 'system_name = "status"', "pages use this name themselves"),
    ("is_required = true", 'is_required = "yes"', "is_required must be bool"),
    ("is_required = true", "is_requierd = true", "unknown key 'is_requierd' (did you mean 'is_required'?)"),
    ("is_required = true", "is_many = true\nis_required = true", "has no column"),
    ('column = "title"', 'column = "team_id"', "cannot hold the kind 'text'"),
    ('column = "title"', "", 'column = "title"'),
    (', ru = "Тема" }', " }", "names needs a text in each of: en, ru"),
    ('to = "held"', 'to = "hold"', "there is no status 'hold' (did you mean 'held'?)"),
    ('roles = ["staff"]', 'roles = ["stuff"]', "did you mean 'staff'"),
    ('to = "held"', 'to = "planned"', "leads to itself"),
    ('kind = "new"', 'kind = "fresh"', "kind is 'fresh'"),
    ("[[moves]]", "[moves]", "moves must be list"),
    ('names = { en = "Visits"', 'names = { en "Visits"', "visit.toml:"),
    ('system_name = "held"', 'system_name = "planned"', "planned is there twice"),
    ("[[attributes]]", 'list_columns = ["subject"]\n[[attributes]]', "list_columns: 'subject' is not listed"),
    (
        "[[attributes]]",
        'fixed = ["subjekt"]\n[[attributes]]',
        "fixed: there is no 'subjekt' (did you mean 'subject'?)",
    ),
]


def write(folder: Path, text: str) -> Path:
    path = folder / "visit.toml"
    path.write_text(text, encoding="utf-8")
    return path


def more(attribute: str) -> str:
    """Stands in place of the first [[statuses]]."""
    return f"[[attributes]]\n{attribute}\n[[statuses]]"


@pytest.mark.pure
@pytest.mark.parametrize(("right", "wrong", "words"), MISTAKES)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, right: str, wrong: str, words: str) -> None:
    assert read_template(write(tmp_path, GOOD))
    with pytest.raises(TemplateError) as error:
        read_template(write(tmp_path, GOOD.replace(right, wrong, 1)))
    assert words in str(error.value)
    assert "visit.toml" in str(error.value)


@pytest.mark.pure
@pytest.mark.parametrize("path", sorted(loader.BUILTIN.glob("*.toml")), ids=lambda path: path.stem)
def test_the_templates_that_come_with_the_program_are_good(path: Path) -> None:
    assert read_template(path).system_name == path.stem


def test_running_the_loader_again_changes_nothing(app: Flask) -> None:
    loader.sync_builtin()
    assert not db.session.dirty
    assert loader.sync_builtin().created == []
    files = [read_template(path) for path in loader.BUILTIN.glob("*.toml")]
    in_order = sorted(files, key=lambda each: (each.position, each.system_name))
    assert [each.system_name for each in list_templates()] == [each.system_name for each in in_order]


def test_what_a_file_has_no_longer_is_retired_and_comes_back(app: Flask, tmp_path: Path) -> None:
    extra = more('system_name = "place"\nkind = "text"\nnames = { en = "Place", ru = "Место" }')
    with_place = GOOD.replace("[[statuses]]", extra, 1)
    for text, is_retired in ((with_place, False), (GOOD, True), (with_place, False)):
        write(tmp_path, text)
        loader.sync_builtin(tmp_path)
        db.session.commit()
        template = get_template("visit")
        assert template is not None
        assert template.attribute("place").is_retired is is_retired
        assert ("place" in [each.system_name for each in template.live_attributes]) is not is_retired


def test_the_kind_of_an_attribute_never_changes(app: Flask, tmp_path: Path) -> None:
    extra = more('system_name = "size"\nkind = "text"\nnames = { en = "Size", ru = "Размер" }')
    with_size = GOOD.replace("[[statuses]]", extra, 1)
    write(tmp_path, with_size)
    loader.sync_builtin(tmp_path)
    write(tmp_path, with_size.replace('"size"\nkind = "text"', '"size"\nkind = "number"'))
    with pytest.raises(TemplateError, match="never change"):
        loader.sync_builtin(tmp_path)


def test_a_link_to_a_template_that_is_not_there_is_refused(app: Flask, tmp_path: Path) -> None:
    extra = (
        '[[attributes]]\nsystem_name = "room"\nkind = "record"\noptions = { template = "room" }\n'
        'names = { en = "Room", ru = "Комната" }\n[[statuses]]'
    )
    write(tmp_path, GOOD.replace("[[statuses]]", extra, 1))
    with pytest.raises(TemplateError, match="no template 'room'"):
        loader.sync_builtin(tmp_path)


@pytest.mark.pure
def test_a_name_falls_back_to_english() -> None:
    assert label({"en": "Ticket", "ru": "Заявка"}, "ru") == "Заявка"
    assert label({"en": "Ticket"}, "de") == "Ticket"
    assert label({}, "ru") == ""
