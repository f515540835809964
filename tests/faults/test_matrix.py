"""A slice of the matrix of `make faults`: every point, every fault of a server, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.faults.matrix import table
from tests.faults.matrix.cells import (
    ACTIONS,
    DATABASES,
    MODES,
    Cell,
    chosen,
    every_cell,
    points_of,
    points_of_the_program,
    slice_of,
    usual_cells,
)
from tests.faults.matrix.lanes import running
from tests.faults.matrix.scenes import Result
from tests.faults.matrix.server_faults import SERVER_FAULTS

SLICE = [cell for database in DATABASES if database in ENGINES for cell in slice_of(database)]
Played = dict[Cell, Future[Result]]


@pytest.fixture(scope="session")
def played(request: pytest.FixtureRequest) -> Iterator[Played]:
    """All cells of this session, begun together: each one mostly waits for leases to run out."""
    params = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    cells = [values["cell"] for values in params if "cell" in values]
    with running({cell.database for cell in cells}) as lanes:
        yield {cell: lanes.play(cell) for cell in cells}


@pytest.mark.process
@pytest.mark.faults
@pytest.mark.parametrize("cell", SLICE, ids=lambda cell: cell.name)
def test_the_promise_is_kept_in(played: Played, cell: Cell):
    result = played[cell].result(timeout=170)
    assert not result.findings, f"make faults ONLY='{cell.name}'\n{result.log}"
    assert result.reached, "the point was passed, so something was broken"


@pytest.mark.pure
@pytest.mark.parametrize("database", DATABASES)
def test_the_slice_has_every_point_every_server_every_action_and_both_modes(database: str):
    cells = slice_of(database)
    assert points_of(cells) == points_of_the_program()
    assert {cell.server for cell in cells} == set(SERVER_FAULTS)
    assert {cell.action for cell in cells} == set(ACTIONS)
    assert {cell.mode for cell in cells} == set(MODES)


@pytest.mark.pure
def test_every_failpoint_of_the_program_is_in_the_matrix():
    assert {"before_dot", "tls", "dispatch.written", "web.before_commit"} <= points_of_the_program()
    assert points_of(list(usual_cells())) == points_of_the_program()


@pytest.mark.pure
def test_a_cell_can_be_played_alone_by_its_name():
    for cell in every_cell():
        assert Cell.of(cell.name) == cell
    name = SLICE[0].name
    assert [cell.name for cell in chosen(name)] == [name]
    assert {cell.scene for cell in chosen("F44*sqlite:bulk")} == {"sender"}


@pytest.mark.pure
def test_a_share_has_every_point_and_the_whole_has_every_kill():
    assert points_of(chosen(share=7)) == points_of_the_program()
    kills = {cell for cell in every_cell() if cell.action == "kill"}
    assert kills <= set(usual_cells())


@pytest.mark.pure
def test_the_table_takes_the_place_of_the_one_before(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(f"above\n{table.BEGINS}\nold\n{table.ENDS}\nbelow\n")
    result = Result(SLICE[0].name, ["I3 stuck: x"], ["stuck"], kills=1, reached=True, taken=7)
    table.write_into(page, table.text_of([result], 60))
    words = page.read_text()
    assert re.search(
        r"^above\n.*\| \*\*all\*\* \| 1 \| 1 \| 7 \| 0 \| 0 \| 1 \| 0 \| 0 \| 0 \|.*\nbelow$",
        words,
        re.DOTALL | re.MULTILINE,
    )
    assert "old" not in words
    page.write_text("no marks")
    with pytest.raises(ValueError, match="no place"):
        table.write_into(page, "table")
