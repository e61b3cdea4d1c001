"""The past that reads are measured on: as many task runs as the table's title says, each of a flow run."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from benchmarks.history.bulk import TASKS
from benchmarks.history.rows import Place
from benchmarks.history.seeding import seed
from ostinato_core.settings import ServerSettings
from ostinato_migrator.migrate import upgrade

FLOW_RUNS = 2_000


def test_each_flow_run_that_started_has_its_task_runs_and_few_have_called_another(tmp_path: Path) -> None:
    file = tmp_path / "past.db"
    url = f"sqlite+aiosqlite:///{file}"
    upgrade(ServerSettings.model_validate({"database_connection_url": url}))
    seed(url, [Place(uuid4().hex), Place(uuid4().hex, uuid4().hex)], FLOW_RUNS, datetime.now(UTC), lambda _: None)

    with closing(sqlite3.connect(file)) as database:

        def count(query: str) -> int:
            return database.execute(f"SELECT count(*) FROM {query}").fetchone()[0]

        assert count("flow_runs") == FLOW_RUNS
        assert count("task_runs") == pytest.approx(FLOW_RUNS * len(TASKS), rel=0.1)
        called = count("flow_runs WHERE parent_task_run_id IS NOT NULL")
        assert called == count("flow_runs JOIN task_runs ON task_runs.id = parent_task_run_id")
        assert 0 < called < FLOW_RUNS / 10
