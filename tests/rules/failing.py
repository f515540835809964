"""A subscriber that fails when told to, in the place of a real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from webapp import pipeline
from webapp.events.models import Event
from webapp.rules.answers import Answer
from webapp.rules.look import Look


@contextmanager
def failing_subscriber(name: str = "event_actions", error: Exception | None = None) -> Iterator[list[int]]:
    """Let the subscriber fail inside the block; gives the events on which it was asked."""
    asked: list[int] = []
    real = pipeline.SUBSCRIBERS

    def on_event(event: Event, _look: Look) -> Answer | None:
        asked.append(event.id)
        raise error or RuntimeError("the catalogue is on fire")

    pipeline.SUBSCRIBERS = tuple((each, on_event if each == name else handle) for each, handle in real)
    try:
        yield asked
    finally:
        pipeline.SUBSCRIBERS = real
