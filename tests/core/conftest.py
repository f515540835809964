"""Tests of core see nothing of the wings above: a bare frame lacks the views to which their menus lead."""

from __future__ import annotations

import pytest

from webapp.core import menu, slots


@pytest.fixture(autouse=True)
def nothing_from_above(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty the registries that packages fill when they are imported."""
    if request.node.get_closest_marker("browser"):
        return  # its server runs for a whole module and has emptied them itself
    monkeypatch.setattr(menu, "_entries", [])
    monkeypatch.setattr(menu, "_providers", [])
    monkeypatch.setattr(slots, "_registry", {})
