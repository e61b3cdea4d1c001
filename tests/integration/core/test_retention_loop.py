"""The loop of retention: ticks are short, a round goes on from tick to tick, and its candidates are found cheaply."""

import pytest
from sqlalchemy import Connection

from ostinato_core.ids import new_id
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops import enforce_retention
from ostinato_scheduler.loops.enforce_retention import EnforceRetention
from tests.integration.core.past_runs import History
from tests.support.workspace import Workspace


async def test_a_round_goes_on_from_tick_to_tick(
    workspace: Workspace, settings: ServerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enforce_retention, "TICK", 0.02)
    history = History(workspace)
    for _ in range(5):
        await history.run(100)
    wanted = settings.model_copy(update={"retention_flow_runs_keep": "90d", "retention_batch_size": 10})
    loop = EnforceRetention(workspace.database, wanted)

    ticks, done = 1, 0
    while (work := await loop.tick()).more:
        ticks, done = ticks + 1, done + work.done

    assert ticks > 1
    assert done + work.done >= 5 * 7
    assert await history.counts() == {}


@pytest.mark.parametrize(
    ("table", "alone", "index"),
    [
        ("flow_runs", "parent_task_run_id IS NULL", "ix_flow_runs__workspace_id_end_time"),
        ("task_runs", "flow_run_id IS NULL", "ix_task_runs__ended_alone"),
    ],
)
async def test_candidates_are_found_by_an_index(database: Database, table: str, alone: str, index: str) -> None:
    on_postgres = database.dialect.name == "postgresql"
    where = f"workspace_id = '{new_id()}' AND {alone} AND end_time < {'now()' if on_postgres else '1'}"
    asked = f"SELECT id FROM {table} WHERE {where} ORDER BY end_time, id LIMIT 500"

    def plan(connection: Connection) -> str:
        if on_postgres:
            # As for a table that is large.
            for kind in ("seqscan", "bitmapscan", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{kind} = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {'' if on_postgres else 'QUERY PLAN'} {asked}").all()
        connection.rollback()
        return str(rows)

    assert index in await database.run_sync(plan)
