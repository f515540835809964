"""Formulas and programs: read from their text, and evaluated once they are compiled."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from benchmarks.measurement import Goal, Measurement
from benchmarks.measures.drain import Lost
from benchmarks.rounds import RATE, Figures, Unit
from benchmarks.stage import Stage
from webapp.languages.formulas.formula import compile_formula
from webapp.languages.memory_store import MemoryStore
from webapp.languages.n3.program import compile_program
from webapp.languages.scope import Reader, Scope
from webapp.languages.store import Ref

FORMULA = '$a->b == "x" && $n > 3'
PROGRAM = """
@prefix object: <http://comindware.com/ontology/object#>.
@prefix document: <http://comindware.com/ontology/document#>.
{
    ("Letters" "file") object:findProperty ?attribute.
    ?item ?attribute ?file.
    ?file document:currentRevision ?revision.
    ?revision document:name ?value.
}
"""
COMPILED, EVALUATED, RUN = 10_000, 1_000_000, 50_000


def measurements() -> list[Measurement]:
    """Return what is measured of both languages."""
    return [
        Measurement(
            "languages.compile",
            f"formula, read and compiled: `{FORMULA}`",
            compile_cold,
            (Goal(Unit.PER_SECOND, 4_000, 10_000),),
        ),
        Measurement(
            "languages.evaluate",
            "the same formula, evaluated for a record in memory",
            evaluate,
            (Goal(Unit.PER_SECOND, 500_000, 2_000_000),),
        ),
        Measurement(
            "languages.run",
            "program in N3: the name of an attached document's last revision, in memory",
            run,
            (Goal(Unit.PER_SECOND, 1_000),),
        ),
    ]


def compile_cold(stage: Stage) -> Figures:
    """Compile the formula again and again; return formulas a second."""
    return _rate(stage.scaled(COMPILED), lambda: compile_formula(FORMULA))


def evaluate(stage: Stage) -> Figures:
    """Evaluate the formula; return evaluations a second. Raises Lost when its value is wrong."""
    formula, scope = compile_formula(FORMULA), _scope()
    if formula.evaluate(scope) is not True:
        raise Lost("the formula has a wrong value")
    return _rate(stage.scaled(EVALUATED), lambda: formula.evaluate(scope))


def run(stage: Stage) -> Figures:
    """Run the program, each time as if for the first; return runs a second. Raises Lost when it is wrong."""
    program, scope = compile_program(PROGRAM), _scope()
    if program.run(scope).value != "Contract":
        raise Lost("the program has a wrong value")
    store, record = scope.store, scope.record
    reader, moment = Reader(), datetime.now(UTC)
    return _rate(stage.scaled(RUN), lambda: program.run(Scope(store, record, reader, moment)))


def _rate(count: int, work: Callable[[], object]) -> Figures:
    began = time.perf_counter()
    for _ in range(count):
        work()
    return {RATE: count / (time.perf_counter() - began)}


def _scope() -> Scope:
    store = MemoryStore()
    revision = store.add("revision", name="Contract")
    file = store.add("document", currentRevision=revision)
    other = store.add("record", "Letters", b="x")
    record: Ref = store.add("record", "Letters", a=other, n=Decimal(5), file=file)
    return Scope(store, record, Reader(), datetime.now(UTC))
