"""The whole program on PostgreSQL: another kind of web process, the same main job."""

from __future__ import annotations

import pytest

from tests.support.databases import PostgresqlServer
from tests.support.processes import RunningProgram
from webapp.launcher import main_job

pytestmark = [pytest.mark.process]


def test_the_main_job_runs_on_postgresql(
    postgresql_server: PostgresqlServer, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgresql_server.start("vestnik_program")
    with RunningProgram(DATABASE_URL=url) as program:
        assert main_job.play(program) == 0, capsys.readouterr().err
        assert program.stop() == 0
        assert program.process_numbers() == []
        assert "Traceback" not in program.output
