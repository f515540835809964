"""The page of figures: what was measured beside what must be reached and what is aimed at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.measurement import Goal, Measurement
from benchmarks.rounds import Round, Summary, Unit, summarise, summarise_reference, summarise_rival

ROOT = Path(__file__).resolve().parents[1]
PAGE = "docs/benchmarks.md"
FIGURES = "docs/benchmarks.json"
WORDS = Path(__file__).with_name("page.md")

HEAD = (
    "| what | measured | spread | must | aim | raw | R | rounds that count |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """What came of one measurement; ``reason`` is why there is nothing."""

    key: str
    rows: tuple[Row, ...] = ()
    reason: str = ""

    @classmethod
    def of(cls, one: Measurement, rounds: Sequence[Round]) -> Self:
        """Summarise the rounds of a measurement."""
        if not any(round_.is_steady for round_ in rounds):
            return cls.without(one, f"the machine was too unsteady in all {len(rounds)} rounds")
        return cls(one.key, tuple(_row(one, goal, rounds) for goal in one.goals))

    @classmethod
    def without(cls, one: Measurement, reason: str) -> Self:
        """Keep why there is no figure."""
        return cls(one.key, (), f"{one.title}: {reason}")


def _row(one: Measurement, goal: Goal, rounds: Sequence[Round]) -> Row:
    value = _required(summarise(rounds, goal.figure, goal.unit))
    rival = summarise_rival(rounds, goal.figure) if one.rival else None
    return {
        "title": one.title + ("" if len(one.goals) == 1 else f", {goal.figure}"),
        "unit": goal.unit.value,
        "value": asdict(value),
        "must": goal.must,
        "aim": goal.aim,
        "is_must": goal.is_reached(value.middle, goal.must),
        "is_aim": goal.is_reached(value.middle, goal.aim),
        "raw": _required(summarise(rounds, goal.figure, Unit.PER_SECOND)).middle,
        "rival": rival.middle if rival else None,
        "rival_name": one.rival_name,
        "reference": _required(summarise_reference(rounds)).middle,
        "rounds": f"{sum(round_.is_steady for round_ in rounds)} of {len(rounds)}",
    }


def _required(summary: Summary | None) -> Summary:
    if summary is None:
        raise ValueError("no round counts")
    return summary


def told_round(one: Round) -> str:
    """Return a round as it is printed while measuring."""
    figures = ", ".join(f"{name} {value:,.1f}" for name, value in one.subject.items())
    theirs = "".join(f", rival {value:,.1f}" for value in (one.rival or {}).values())
    verdict = "" if one.is_steady else ": does not count, the machine changed"
    return f"R {one.before:,.0f}/s before, {one.after:,.0f}/s after; {figures}{theirs}{verdict}"


def lines(entry: Entry) -> list[str]:
    """Return the entry as it is printed while measuring."""
    if entry.reason:
        return [entry.reason]
    return [
        f"{row['title']}: {_told(row)} (spread {_spread(row)}; must {_bound(row, 'must')}, "
        f"aim {_bound(row, 'aim')}; raw {_raw(row)}; {row['rounds']} rounds count)"
        for row in entry.rows
    ]


def write(entries: Iterable[Entry], where: Mapping[str, str], root: Path = ROOT) -> None:
    """Put the entries among the figures that are kept, and write the page anew from all of them."""
    file = root / FIGURES
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for entry in entries:
        kept[entry.key] = {"rows": list(entry.rows), "reason": entry.reason, "where": dict(where)}
    file.write_text(json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    (root / PAGE).write_text(page(kept), encoding="utf-8")


def page(kept: Mapping[str, Any]) -> str:
    """Return the whole page; figures of one machine and day stand together."""
    parts = [WORDS.read_text(encoding="utf-8").rstrip()]
    for where in sorted({json.dumps(held["where"], sort_keys=True) for held in kept.values()}, reverse=True):
        words = json.loads(where)
        here = [held for _key, held in sorted(kept.items()) if held["where"] == words]
        parts += [_heading(words), *_table(here), *_reasons(here)]
    return "\n\n".join(parts) + "\n"


def _heading(words: Mapping[str, str]) -> str:
    others = "; ".join(words[name] for name in sorted(words) if name != "date")
    return f"## {words['date']}\n\n{others}."


def _table(here: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [row for held in here for row in held["rows"]]
    if not rows:
        return []
    return ["\n".join((*HEAD, *(_line(row) for row in rows)))]


def _line(row: Row) -> str:
    cells = (
        row["title"],
        f"**{_told(row)}**",
        _spread(row),
        _bound(row, "must"),
        _bound(row, "aim"),
        _raw(row),
        f"{row['reference']:,.0f}/s",
        row["rounds"],
    )
    return "| " + " | ".join(cells) + " |"


def _reasons(here: Sequence[Mapping[str, Any]]) -> list[str]:
    reasons = [f"- {held['reason']}" for held in here if held["reason"]]
    return ["Not measured:\n\n" + "\n".join(reasons)] if reasons else []


def _told(row: Row) -> str:
    return _figure(row["value"]["middle"], row["unit"])


def _spread(row: Row) -> str:
    return f"{_figure(row['value']['low'], row['unit'])} – {_figure(row['value']['high'], row['unit'])}"


def _bound(row: Row, name: str) -> str:
    if row[name] is None:
        return "–"
    mark = {True: " ✓", False: " ✗", None: ""}[row[f"is_{name}"]]
    return _figure(row[name], row["unit"]) + mark


def _raw(row: Row) -> str:
    if row["unit"] == Unit.MILLISECONDS:
        return "–"
    mine = f"{row['raw']:,.0f}/s"
    return mine if row["rival"] is None else f"{mine} against {row['rival']:,.0f}/s"


def _figure(value: float, unit: str) -> str:
    if unit == Unit.REFERENCE:
        return f"{value:.3f} R"
    if unit == Unit.RIVAL:
        return f"{value:.1f}×"
    if unit == Unit.MILLISECONDS:
        return f"{value:,.0f} ms"
    return f"{value:,.0f}/s"
