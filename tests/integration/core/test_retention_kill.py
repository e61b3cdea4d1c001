"""A server that is killed in the middle of a round of retention: nothing is left half, and the next one goes on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from ostinato_core.db import tables
from ostinato_core.transaction import Transaction
from tests.integration.core.past_runs import History
from tests.support.ports import wait_until
from tests.support.server import Server, new_server
from tests.support.workspace import Workspace

RUNS = 150
"""Trees of seven rows and two artifacts each; a transaction deletes ten rows or so, so a round takes many of them."""
SETTINGS = {
    "OSTINATO_SERVICES_RETENTION_FLOW_RUNS_KEEP": "90d",
    "OSTINATO_SERVICES_RETENTION_BATCH_SIZE": "10",
    "OSTINATO_SERVICES_RETENTION_LOOP_SECONDS": "0.2",
}


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    """A server whose rounds follow each other closely."""
    process = new_server(tmp_path, database_url, SETTINGS)
    process.start()
    yield process
    process.stop()


async def let_all_be_due(tx: Transaction) -> None:
    """Put the ends of the workspace's runs a year back."""
    for table in (tables.flow_runs, tables.task_runs):
        ended = (await tx.value(select(func.min(table.c.end_time)))) - timedelta(days=365)
        await tx.run(update(table).where(table.c.workspace_id == tx.workspace_id).values(end_time=ended))


async def test_a_round_that_is_killed_leaves_whole_trees_and_the_next_one_goes_on(
    workspace: Workspace, server: Server
) -> None:
    history = History(workspace)
    flow_id = await history.flow("f")
    runs = {(run := await history.run(1, flow_id=flow_id))["id"]: run for _ in range(RUNS)}
    rows_of_a_tree = {name: number // RUNS for name, number in (await history.counts()).items()}
    await workspace.write(let_all_be_due)

    async def is_under_way() -> bool:
        return len(await history.ids()) < RUNS

    await wait_until(is_under_way, seconds=30, every=0.005, what="the first deletions")
    server.kill()
    left = await history.ids()
    assert 0 < len(left) < RUNS
    assert await history.counts() == {name: number * len(left) for name, number in rows_of_a_tree.items()}
    assert left <= set(runs)

    server.start()

    async def is_over() -> bool:
        return not await history.counts()

    await wait_until(is_over, seconds=60, every=0.1, what="the end of the round")
    assert "Traceback" not in server.log_tail(1_000_000)
