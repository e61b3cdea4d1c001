"""The same flow on every task runner: the server learns the same of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import pytest

from ostinato import flow, get_client, get_run_logger, tags, task
from ostinato.exceptions import UpstreamTaskError
from ostinato.logging.shipping import drain_all as drain_logs
from ostinato.runtime import flow_run, task_run
from ostinato.settings import get_current_settings
from ostinato.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.logs import Log, LogFilter
from ostinato_wire.task_runs import FlowRunResult, TaskRun, TaskRunResult
from tests.integration.sdk.conftest import until

os.environ.setdefault("RAY_AUTH_MODE", "disabled")  # it would write a token into the home of whoever runs the tests


def threads() -> TaskRunner:
    return ThreadPoolTaskRunner(8)


def processes() -> TaskRunner:
    return ProcessPoolTaskRunner(2)


def dask_threads() -> TaskRunner:
    dask = pytest.importorskip(
        "ostinato.integrations.dask", reason="the extra `ostinato[dask]` is not installed", exc_type=ImportError
    )
    options = {"processes": False, "n_workers": 1, "threads_per_worker": 4, "dashboard_address": None}
    return dask.DaskTaskRunner(cluster_kwargs=options)


def dask_processes() -> TaskRunner:
    dask = pytest.importorskip(
        "ostinato.integrations.dask", reason="the extra `ostinato[dask]` is not installed", exc_type=ImportError
    )
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    return dask.DaskTaskRunner(cluster_kwargs=options)


def ray() -> TaskRunner:
    runners = pytest.importorskip(
        "ostinato.integrations.ray",
        reason="the extra `ostinato[ray]` is not installed, which not every platform has",
        exc_type=ImportError,
    )
    return runners.RayTaskRunner(init_kwargs={"num_cpus": 2, "include_dashboard": False, "log_to_driver": False})


@task
def square(number: int) -> int:
    return number**2


@task
def add(numbers: list[int]) -> int:
    get_run_logger().info("adding %s numbers", len(numbers))
    return sum(numbers)


@task(retries=2)
def unsteady() -> int:
    count = task_run.run_count
    if count < 3:
        raise ValueError(f"attempt {count}")
    return count


@task
def fail() -> None:
    raise ValueError("no")


@task
def after(value: object) -> object:
    return value


@task(timeout_seconds=0.5)
def dawdle() -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        time.sleep(0.01)


@task(log_prints=True)
def outer() -> list[int]:
    print("inside", flow_run.id)
    return [square.submit(number).result() for number in (3, 4)]


@task
async def later() -> str:
    return get_current_settings().api.url or ""


@flow
def scenario() -> dict[str, Any]:
    squares = square.map(range(100))
    total = add.submit(squares)
    plain = add.submit([total.result()])  # a plain result draws an edge, too
    failed = fail.submit()
    with tags("blue"):
        tagged = after.submit("tagged", wait_for=[total])
    futures = {
        "squares": squares[99],
        "total": total,
        "plain": plain,
        "unsteady": unsteady.submit(),
        "failed": failed,
        "not ready": after.submit(failed),
        "tagged": tagged,
        "dawdle": dawdle.submit(),
        "outer": outer.submit(),
        "later": later.submit(),
    }
    squares.wait()
    states = {name: future.state for name, future in futures.items() if future.wait() is None}
    return {
        "flow_run_id": flow_run.id,
        "ids": {name: future.task_run_id for name, future in futures.items()},
        "states": {name: state.name for name, state in states.items()},
        "results": {name: state.result() for name, state in states.items() if state.is_completed()},
        "error": failed.result(raise_on_failure=False),
        "outer": futures["outer"].result(),
    }


@dataclass(frozen=True)
class Seen:
    """What the server knows of a flow run."""

    runs: dict[UUID, TaskRun]
    logs: list[Log]

    def logged(self, message: str) -> list[UUID | None]:
        return [line.task_run_id for line in self.logs if message in line.message]


async def seen_by_server(flow_run_id: str, ended: int) -> Seen:
    """Return what the server knows once `ended` of the runs that are not pending have ended."""
    runs = FlowRunFilter.model_validate({"id": {"any_": [flow_run_id]}})
    lines = LogFilter.model_validate({"flow_run_id": {"any_": [flow_run_id]}})
    with get_client(sync_client=True) as client:

        def read() -> dict[UUID, TaskRun]:
            found = client.read_task_runs(flow_run_filter=runs, limit=200)
            return {run.id: cast("TaskRun", run) for run in found}

        def are_in() -> bool:
            states = [run.state for run in read().values()]
            return (
                sum(state is not None and state.type.value not in ("PENDING", "RUNNING") for state in states) == ended
            )

        await until(are_in, f"{ended} task runs have ended at the server")
        logs: list[Log] = []

        def are_logged() -> bool:
            logs[:] = client.read_logs(lines, limit=200)
            return any("adding 100 numbers" in line.message for line in logs) and any(
                "inside" in line.message for line in logs
            )

        await until(are_logged, "the log lines are there")
        return Seen(read(), logs)


def edges(run: TaskRun, name: str) -> set[UUID]:
    """Return the runs that one came from by a parameter."""
    return {edge.id for edge in run.task_inputs.get(name, ()) if isinstance(edge, (TaskRunResult, FlowRunResult))}


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("made", [threads, processes, dask_threads, dask_processes, ray])
async def test_every_runner_tells_the_same(made: Callable[[], TaskRunner]) -> None:
    found = scenario.with_options(task_runner=made())()
    drain_logs(10)
    ids: dict[str, UUID] = found["ids"]
    assert found["states"] == {
        "squares": "Completed",
        "total": "Completed",
        "plain": "Completed",
        "unsteady": "Completed",
        "failed": "Failed",
        "not ready": "NotReady",
        "tagged": "Completed",
        "dawdle": "TimedOut",
        "outer": "Completed",
        "later": "Completed",
    }
    total = sum(number**2 for number in range(100))
    assert found["results"] == {
        "squares": 99**2,
        "total": total,
        "plain": total,
        "unsteady": 3,
        "tagged": "tagged",
        "outer": [9, 16],
        "later": get_current_settings().api.url,
    }
    assert repr(found["error"]) == "ValueError('no')"

    seen = await seen_by_server(found["flow_run_id"], 99 + len(ids) - 1 + 2)
    runs = seen.runs
    assert len(runs) == 99 + len(ids) + 2
    assert {name: runs[run_id].state_name for name, run_id in ids.items()} == found["states"]
    assert runs[ids["unsteady"]].run_count == 3
    assert runs[ids["tagged"]].tags == ["blue"]
    assert edges(runs[ids["plain"]], "numbers") == {ids["total"]}
    assert len(runs[ids["total"]].task_inputs["numbers"]) == 100
    assert edges(runs[ids["tagged"]], "wait_for") == {ids["total"]}
    inner = [run for run in runs.values() if run.task_inputs.get("__parents__")]
    assert set().union(*(edges(run, "__parents__") for run in inner)) == {ids["outer"]}
    assert len(inner) == 2
    assert seen.logged("adding 100 numbers") == [ids["total"]]
    assert seen.logged(f"inside {found['flow_run_id']}") == [ids["outer"]]
    for run in runs.values():
        if run.state is not None and run.state.type.value == "COMPLETED":
            assert run.start_time is not None
            assert run.end_time is not None
            assert run.expected_start_time is not None
            assert run.expected_start_time <= run.start_time <= run.end_time
    assert UpstreamTaskError.__name__ not in str(runs[ids["not ready"]].state)
