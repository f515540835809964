"""The menus: who sees which line, and which one is the page that is shown."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask

from tests.support.shell import empty_page, make_shell
from webapp.core import menu
from webapp.core.menu import MenuEntry, menu_for

pytestmark = pytest.mark.pure

CAROL = SimpleNamespace(name="Carol", is_technologist=True)
MALLORY = SimpleNamespace(name="Mallory", is_technologist=False)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(menu, "_entries", [])
    monkeypatch.setattr(menu, "_providers", [])
    app = make_shell()
    for path, name in (
        ("/", "home"),
        ("/records/<template>", "records"),
        ("/records/<int:number>", "record"),
    ):
        app.add_url_rule(path, name, empty_page)
    app.add_url_rule("/settings/mail", "mail", empty_page)
    app.add_url_rule("/settings/mail/incoming", "incoming", empty_page)
    app.add_url_rule("/settings/mail/<int:number>", "connection", empty_page)
    menu.add("work", "Tickets", "records", values={"template": "ticket"}, icon="ticket", order=20)
    menu.add("work", "My work", "home", icon="home", order=10)
    menu.add("system", "Mail", "mail", icon="mail", who=lambda account: account.is_technologist)
    menu.add("system", "Incoming", "incoming", icon="inbox", who=lambda account: account.is_technologist)
    return app


def current(app: Flask, path: str) -> list[str]:
    with app.test_request_context(path):
        return [
            link.label for section in menu_for(CAROL).sections for link in section.links if link.is_current
        ]


def test_lines_stand_in_their_order(shell: Flask) -> None:
    with shell.test_request_context("/"):
        assert [link.label for link in menu_for(CAROL).links("work")] == ["My work", "Tickets"]


def test_mallory_does_not_see_the_settings(shell: Flask) -> None:
    with shell.test_request_context("/"):
        assert menu_for(MALLORY).settings == ()
        assert [section.name for section in menu_for(CAROL).settings] == ["system"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", ["My work"]),
        ("/records/ticket", ["Tickets"]),
        ("/records/task", []),
        ("/settings/mail", ["Mail"]),
        ("/settings/mail/7", ["Mail"]),
        ("/settings/mail/incoming", ["Incoming"]),
        ("/settings/mailbox", []),
    ],
)
def test_page_marks_the_nearest_line(shell: Flask, path: str, expected: list[str]) -> None:
    assert current(shell, path) == expected


def test_settings_have_a_left_menu_of_their_own(shell: Flask) -> None:
    with shell.test_request_context("/settings/mail/7"):
        assert menu_for(CAROL).area == "settings"
    with shell.test_request_context("/records/ticket"):
        assert menu_for(CAROL).area == "work"


def test_line_added_again_takes_the_place_of_the_first(shell: Flask) -> None:
    menu.add("work", "Start", "home", icon="home", order=10)
    with shell.test_request_context("/"):
        assert [link.label for link in menu_for(CAROL).links("work")] == ["Start", "Tickets"]


def test_lines_known_only_while_running_join_the_others(shell: Flask) -> None:
    @menu.entries_from
    def own_templates(account: SimpleNamespace) -> list[MenuEntry]:
        return [MenuEntry("work", account.name, "records", "file", order=30, values={"template": "visit"})]

    with shell.test_request_context("/"):
        assert menu_for(CAROL).links("work")[-1].url == "/records/visit"


def test_unknown_section_is_refused() -> None:
    with pytest.raises(ValueError, match="no section 'tools'"):
        menu.add("tools", "Tools", "home", icon="bolt")
