"""Places on a page that upper packages fill."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from markupsafe import Markup

from webapp.core import slots
from webapp.core.slots import registered, slot

pytestmark = pytest.mark.pure


@pytest.fixture
def shell() -> Flask:
    app = Flask("slots")
    app.testing = True
    slots.init_app(app)
    return app


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "_registry", {})


def show(app: Flask, source: str = "[{{ slot('card.tabs', word='<hi>') }}]") -> str:
    with app.test_request_context():
        return render_template_string(source)


def test_empty_place_shows_nothing(shell: Flask) -> None:
    assert show(shell) == "[]"


def test_function_registered_again_fills_its_place_once(shell: Flask) -> None:
    for order in (10, 20):

        @slot("card.tabs", order=order)
        def tab(word: str) -> str:
            return "tab"

    assert show(shell) == "[tab]"


def test_places_keep_order_context_and_escaping(shell: Flask) -> None:
    @slot("card.tabs", order=20)
    def second(word: str) -> str:
        return word

    @slot("card.tabs", order=10)
    def first(word: str) -> str:
        return Markup("<b>{}</b>").format(word)

    assert show(shell) == "[<b>&lt;hi&gt;</b>&lt;hi&gt;]"


def test_function_that_raises_is_seen_in_tests(shell: Flask) -> None:
    @slot("card.tabs")
    def broken(word: str) -> str:
        raise LookupError(word)

    with pytest.raises(LookupError):
        show(shell)


def test_function_that_raises_leaves_an_empty_place_and_a_line_in_the_log(
    shell: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    @slot("card.tabs", order=1)
    def broken(word: str) -> str:
        raise LookupError(word)

    @slot("card.tabs", order=2)
    def sound(word: str) -> str:
        return "sound"

    shell.config["SLOTS_RAISE"] = False
    assert show(shell) == "[sound]"
    assert "card.tabs could not be filled" in caplog.text


def test_registered_lists_places_with_what_fills_them() -> None:
    @slot("page.end", order=7)
    def stream() -> str:
        return ""

    assert {
        name: [(one.order, one.path.rsplit(".")[-1]) for one in filled]
        for name, filled in registered().items()
    } == {"page.end": [(7, "stream")]}
