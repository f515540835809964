"""What is measured: one file for each thing."""

from __future__ import annotations

from benchmarks.measurement import Measurement
from benchmarks.measures import (
    big_page,
    clicks,
    deadlines,
    drain,
    events_to_rows,
    languages,
    peers,
    whole_program,
)

MODULES = (drain, whole_program, peers, events_to_rows, clicks, big_page, deadlines, languages)


def all_measurements() -> list[Measurement]:
    """Return everything that can be measured, in the order of the table."""
    return [one for module in MODULES for one in module.measurements()]
