"""Places on a page that upper packages fill, so that a lower package's page never imports them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app
from markupsafe import Markup

logger = logging.getLogger(__name__)

Filling = Callable[..., str | None]


@dataclass(frozen=True)
class Filled:
    """One function that fills a place."""

    name: str
    order: int
    function: Filling

    @property
    def path(self) -> str:
        """Return where the function is written."""
        return f"{self.function.__module__}.{self.function.__qualname__}"


_registry: dict[str, list[Filled]] = {}


def slot(name: str, *, order: int = 50) -> Callable[[Filling], Filling]:
    """Register a function that returns HTML for the place ``name``: safe markup, text to be escaped, or None.

    It gets the place's context as keyword arguments. Functions of one place run by ``order``, then by where
    they are written.
    """

    def register(function: Filling) -> Filling:
        filled = Filled(name, order, function)
        others = [other for other in _registry.get(name, []) if other.path != filled.path]
        _registry[name] = sorted([*others, filled], key=lambda each: (each.order, each.path))
        return function

    return register


def registered() -> dict[str, tuple[Filled, ...]]:
    """Return every place with the functions that fill it, in order."""
    return {name: tuple(filled) for name, filled in sorted(_registry.items())}


def render(name: str, **context: object) -> Markup:
    """Return everything that fills the place; a function that raises leaves nothing and is logged."""
    return Markup("").join(_render_one(filled, context) for filled in _registry.get(name, []))


def init_app(app: Flask) -> None:
    """Give pages ``slot(name, **context)``; ``SLOTS_RAISE`` (default: TESTING) lets errors through."""
    app.config.setdefault("SLOTS_RAISE", app.testing)
    app.jinja_env.globals["slot"] = render


def _render_one(filled: Filled, context: dict[str, object]) -> Markup:
    try:
        return Markup.escape(filled.function(**context) or "")
    except Exception:
        if current_app.config["SLOTS_RAISE"]:
            raise
        # One broken corner must not take the page away from somebody who came for the rest of it.
        logger.exception("The place %s could not be filled by %s", filled.name, filled.path)
        return Markup("")
