"""The frame of pages and the macros that pages are made of."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask, flash, render_template_string
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FieldList,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from tests.support.pages import check_page
from tests.support.shell import empty_page, make_shell
from webapp.core import clock, menu
from webapp.core.config import PROJECT_ROOT
from webapp.core.paging import KeysetPage

pytestmark = pytest.mark.pure

TEMPLATES = PROJECT_ROOT / "templates"
SPRITE = (PROJECT_ROOT / "static/img/icons.svg").read_text()
DRAWINGS = set(re.findall(r'id="([^"]+)"', SPRITE))
PAGE = (
    '{% extends "base.html" %}{% block title %}Tickets{% endblock %}'
    '{% from "components/pages.html" import page_header %}'
    '{% block content %}{{ page_header("Tickets") }}{% endblock %}'
)


class SampleForm(FlaskForm):
    """A field of every kind."""

    name = StringField("Name", [DataRequired(_l("Write the name."))], description="As in lists.")
    kind = SelectField("Kind", choices=[SelectChoice("a", "A"), SelectChoice("b", "B")])
    way = RadioField("Way", choices=[SelectChoice("up", "Up"), SelectChoice("down", "Down")])
    is_on = BooleanField("On", description="Now.")
    password = PasswordField("Password")
    text = TextAreaField("Text", [Length(max=3, message="At most three.")])
    many = FieldList(StringField("One", [Length(max=1, message="One letter.")]), min_entries=1)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(menu, "_entries", [])
    monkeypatch.setattr(menu, "_providers", [])
    app = make_shell(WTF_CSRF_CHECK_DEFAULT=False)
    app.add_url_rule("/", "home", empty_page)
    app.add_url_rule("/settings", "settings", empty_page)
    app.add_url_rule("/search", "search", empty_page)
    app.add_url_rule("/new", "new", empty_page)
    app.add_url_rule("/settings/mail", "mail", lambda: render_template_string(PAGE))
    app.add_url_rule("/tickets", "tickets", lambda: render_template_string(PAGE))
    menu.add("search", "Search", "search", icon="search")
    menu.add("create", "New ticket", "new", icon="plus")
    menu.add("work", "Tickets", "tickets", icon="ticket")
    menu.add("system", "Outgoing mail", "mail", icon="mail", group="Mail")
    return app


def show(app: Flask, source: str, **values: object) -> BeautifulSoup:
    imports = "".join(
        f'{{% from "components/{name}.html" import {macros} %}}'
        for name, macros in (
            ("forms", "field, form_errors, secret, submit_bar, switch"),
            ("tables", "list_table, pager"),
            ("buttons", "post_button, button, link_button, dialog, dialog_button, copy_button"),
            ("time", "when, exactly"),
            ("person", "person"),
            ("chart", "sparkline, progress"),
            ("pages", "tabs, card, steps, definitions"),
            ("states", "badge, notice"),
            ("empty", "empty"),
        )
    )
    with app.test_request_context("/tickets?status=open"):
        return BeautifulSoup(render_template_string(imports + source, **values), "html.parser")


def one(page: Tag, selector: str) -> Tag:
    found = page.select(selector)
    assert len(found) == 1, f"{selector}: {len(found)} of it"
    return found[0]


def filled(app: Flask, **values: str) -> SampleForm:
    with app.test_request_context():
        form = SampleForm(MultiDict(values), meta={"csrf": False})
        form.validate()
        return form


def test_page_has_the_frame_and_keeps_the_rules_of_pages(shell: Flask) -> None:
    page = BeautifulSoup(shell.test_client().get("/tickets").text, "html.parser")
    check_page(shell, page)
    assert one(page, "html")["lang"] == "en"
    assert one(page, "meta[name=csrf-token]")["content"]
    assert one(page, ".skip-to")["href"] == "#main"
    assert one(page, "#toasts")["aria-live"] == "polite"
    assert one(page, ".side [aria-current=page]").text == "Tickets"
    assert one(page, "input[data-key='/']")["name"] == "q"
    assert one(page, "a[data-key=n]")["href"] == "/new"


def test_settings_page_shows_the_menu_of_settings(shell: Flask) -> None:
    page = BeautifulSoup(shell.test_client().get("/settings/mail").text, "html.parser")
    assert one(page, ".side [aria-current=page]").text == "Outgoing mail"
    assert "Mail" in one(page, ".side .side-group").text


@pytest.mark.parametrize(
    ("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("auto", "auto"), ('"><b>', "auto")]
)
def test_theme_comes_from_the_cookie(shell: Flask, cookie: str, theme: str) -> None:
    browser = shell.test_client()
    browser.set_cookie("theme", cookie)
    assert one(BeautifulSoup(browser.get("/tickets").text, "html.parser"), "html")["data-bs-theme"] == theme


def test_flashed_words_become_a_toast(shell: Flask) -> None:
    @shell.get("/flash")
    def flashing() -> str:
        flash("<Saved>", "success")
        return render_template_string(PAGE)

    page = BeautifulSoup(shell.test_client().get("/flash").text, "html.parser")
    assert "<Saved>" in one(page, "#toasts .toast-success").text


def test_field_ties_label_hint_and_error_to_its_control(shell: Flask) -> None:
    page = show(shell, "{{ field(form.name) }}", form=filled(shell))
    control = one(page, "input#name")
    assert one(page, "label")["for"] == "name"
    assert control["aria-invalid"] == "true"
    described = [one(page, f"#{part}").text.strip() for part in str(control["aria-describedby"]).split()]
    assert described == ["Write the name.", "As in lists."]


@pytest.mark.parametrize("name", ["name", "kind", "way", "is_on", "password", "text", "many"])
def test_field_of_every_kind_has_a_name_for_screen_readers(shell: Flask, name: str) -> None:
    page = show(shell, "{{ field(form[name]) }}", form=filled(shell, kind="a"), name=name)
    for control in page.select("input, select, textarea"):
        labels = page.select(f'label[for="{control["id"]}"]')
        assert labels or control.find_parent("label") or control.find_parent("fieldset")


def test_attributes_reach_the_control_and_errors_keep_what_was_typed(shell: Flask) -> None:
    page = show(
        shell, "{{ field(form.text, data_autosize=true, rows=9) }}", form=filled(shell, text="long <text>")
    )
    area = one(page, "textarea")
    assert (area.text.strip(), area["rows"], area.has_attr("data-autosize")) == ("long <text>", "9", True)
    assert "At most three." in page.text


def test_sum_of_errors_links_to_every_field(shell: Flask) -> None:
    form = filled(shell, text="long text", kind="a", way="up")
    form.many[0].errors = ["One letter."]
    form.many.errors = [["One letter."]]
    page = show(shell, "{{ form_errors(form) }}", form=form)
    assert [link["href"] for link in page.select("li a")] == ["#name", "#text", "#many"]
    assert "One letter." in page.select("li")[2].text
    assert one(page, "[role=alert] h2").text == "3 things need your attention"


def test_form_without_errors_says_nothing(shell: Flask) -> None:
    form = filled(shell, name="x", kind="a", way="up")
    assert show(shell, "{{ form_errors(form) }}", form=form).text.strip() == ""


@pytest.mark.parametrize(("is_set", "words"), [(True, "Leave empty to keep it"), (False, "Not set")])
def test_secret_is_never_shown_again(shell: Flask, *, is_set: bool, words: str) -> None:
    form = filled(shell, password="hunter2")
    page = show(shell, "{{ secret(form.password, is_set) }}", form=form, is_set=is_set)
    assert words in page.text
    assert "hunter2" not in str(page)
    assert one(page, "input")["autocomplete"] == "new-password"


def test_button_that_changes_something_is_a_form_with_a_token(shell: Flask) -> None:
    source = '{{ post_button("Read", "/tickets", fields={"id": 7}, hx={"target": "#notes"}, disabled=true) }}'
    form = one(show(shell, source), "form")
    assert (form["method"], form["action"], form["hx-post"], form["hx-target"]) == (
        "post",
        "/tickets",
        "/tickets",
        "#notes",
    )
    assert one(form, "input[name=csrf_token]")["value"]
    assert form.select_one("input[name=id][value='7']")
    assert form.select_one("button[disabled]")


def test_table_says_how_it_is_sorted_and_turns_round(shell: Flask) -> None:
    columns = [
        {"label": "No.", "sort": "id"},
        {"label": "Title", "sort": "title"},
        {"label": "Do", "hidden": True},
    ]
    source = '{% call list_table(columns, "Tickets", sort="-id") %}<tr></tr>{% endcall %}'
    page = show(shell, source, columns=columns)
    assert [head.get("aria-sort") for head in page.select("th")] == ["descending", "none", None]
    assert [link["href"] for link in page.select("th a")] == [
        "/tickets?status=open&sort=id",
        "/tickets?status=open&sort=title",
    ]
    assert one(page, "caption").text == "Tickets"


def test_pager_keeps_the_filters_and_is_silent_on_a_single_page(shell: Flask) -> None:
    page = show(shell, "{{ pager(page) }}", page=KeysetPage(rows=[], next="abc", previous=None))
    assert [link["href"] for link in page.select("a")] == ["/tickets?status=open&cursor=abc"]
    assert show(shell, "{{ pager(page) }}", page=KeysetPage(rows=[], next=None, previous=None)).text == ""


def test_time_is_near_for_the_eye_and_exact_on_hover(shell: Flask) -> None:
    page = show(
        shell, "{{ when(moment) }}|{{ when(none) }}", moment=clock.now() - timedelta(minutes=5, seconds=1)
    )
    assert one(page, "time[data-relative]").text == "5 minutes ago"
    assert ":" in one(page, "time")["title"]
    assert page.text.endswith("—")


@pytest.mark.parametrize(
    ("name", "initials"), [("Alice Maria Smirnova", "AS"), ("Ёж", "Ё"), ("", "?"), ("  ", "?")]
)
def test_person_has_initials_and_a_name(shell: Flask, name: str, initials: str) -> None:
    page = show(shell, "{{ person(someone) }}", someone=SimpleNamespace(id=14, name=name))
    assert one(page, ".person-avatar.c2").text == initials


def test_nobody_is_said_in_words(shell: Flask) -> None:
    assert show(shell, "{{ person(none) }}").text == "nobody"


@pytest.mark.parametrize("values", [[], [0, 0], [1, 5, 0, 2.5]])
def test_sparkline_has_a_bar_for_each_value_and_words(shell: Flask, values: list[float]) -> None:
    drawing = one(show(shell, '{{ sparkline(values, "1, 5, 0") }}', values=values), "svg[role=img]")
    assert drawing["aria-label"] == "1, 5, 0"
    assert len(drawing.select("rect")) == len(values)
    assert all(0 <= float(str(bar["y"])) <= 24 for bar in drawing.select("rect"))


def test_step_tells_its_state_in_words_too(shell: Flask) -> None:
    items = [
        {"state": state, "title": state}
        for state in ("done", "current", "failed", "warning", "waiting", "skipped")
    ]
    labels = [
        svg["aria-label"] for svg in show(shell, "{{ steps(items) }}", items=items).select("svg[aria-label]")
    ]
    assert labels == ["done", "in progress", "failed", "with a warning", "not started", "skipped"]


def test_words_of_people_are_escaped_everywhere(shell: Flask) -> None:
    source = """{{ badge("info", "info", w) }}{{ notice("info", w, w) }}{{ empty("mail", w, w, w, "/") }}
        {{ definitions([(w, w)]) }}{{ button(w) }}{{ link_button(w, "/", title=w) }}{{ copy_button(w) }}
        {{ dialog_button(w, "a", "/") }}{{ progress(1, 2, w) }}{{ tabs([{"label": w, "url": "/"}], w) }}
        {{ steps([{"state": "done", "title": w, "text": w, "quote": w, "note": w}], w) }}
        {% call card(w) %}{{ w }}{% endcall %}{% call dialog("a", w) %}{{ w }}{% endcall %}"""
    page = show(shell, source, w="\"><script>alert(1)</script>'")
    assert page.select("script") == []


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_template_needs_nothing_that_the_policy_forbids(path: Path) -> None:
    if "email" in str(path):
        pytest.skip("mails have no policy, and mail programs know only inline styles")
    source = path.read_text()
    assert not re.search(
        r'\sstyle="|<style|\son[a-z]+="|hx-on|"js:|javascript:|<script(?![^>]*\ssrc=)|hx-boost', source
    )


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_drawing_that_a_template_names_is_there(path: Path) -> None:
    names = set(re.findall(r'\bicon\("([a-z-]+)"', path.read_text()))
    assert names <= DRAWINGS


def test_drawings_are_only_drawings() -> None:
    assert not re.search(r"<script|\son\w+=|href=|style=", SPRITE)
