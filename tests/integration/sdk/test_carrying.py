"""`with_context` into processes of a pool, on a real server."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from ostinato import flow, get_client, get_run_logger, task
from ostinato.context import with_context
from ostinato.runtime import flow_run
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.logs import LogFilter
from ostinato_wire.task_runs import TaskRunFilter
from tests.integration.sdk.conftest import until


@task
def square(number: int) -> int:
    return number**2


def work(number: int) -> tuple[str | None, int]:
    get_run_logger().info("working on %s", number)
    return flow_run.id, square(number)


@flow
def spread_out() -> tuple[str | None, list[tuple[str | None, int]]]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return flow_run.id, [*pool.map(with_context(work), [2, 3])]


@pytest.mark.usefixtures("project")
async def test_processes_of_a_pool_work_for_the_run() -> None:
    run_id, found = spread_out()
    assert found == [(run_id, 4), (run_id, 9)]

    with get_client(sync_client=True) as client:
        wanted = LogFilter.model_validate({"flow_run_id": {"any_": [run_id]}})
        lines = [line.message for line in client.read_logs(wanted)]
        assert "working on 2" in lines
        assert "working on 3" in lines
        runs = FlowRunFilter.model_validate({"id": {"any_": [run_id]}})
        done = TaskRunFilter.model_validate({"state": {"type": {"any_": ["COMPLETED"]}}})

        def ended() -> bool:
            return len(client.read_task_runs(flow_run_filter=runs, task_run_filter=done)) == 2

        await until(ended, "both task runs are recorded")
