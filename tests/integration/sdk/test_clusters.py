"""What only Dask, or only Ray, offers: clients, annotations, options, and workers that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ostinato import flow, task
from ostinato.exceptions import CrashedRun
from ostinato.logging.shipping import drain_all as drain_logs

os.environ.setdefault("RAY_AUTH_MODE", "disabled")  # it would write a token into the home of whoever runs the tests

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("project", "logs_are_sent")]


@pytest.fixture
def logs_are_sent(project: object) -> Iterator[None]:
    """Send log lines while the server is there."""
    yield
    drain_logs(10)


@task
def add(a: int, b: int = 0) -> int:
    return a + b


@task
def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def dask() -> Any:
    """The integration."""
    return pytest.importorskip(
        "ostinato.integrations.dask", reason="the extra `ostinato[dask]` is not installed", exc_type=ImportError
    )


@pytest.fixture
def cluster(dask: Any) -> Iterator[Any]:
    """A cluster in this process, whose worker has two cups."""
    with dask.distributed.LocalCluster(
        processes=False, n_workers=1, threads_per_worker=2, dashboard_address=None, resources={"cups": 2}
    ) as cluster:
        yield cluster


def test_a_cluster_that_there_is_stays(dask: Any, cluster: Any) -> None:
    @flow
    def total() -> int:
        return add.submit(add.submit(1), 2).result()

    for runner in (dask.DaskTaskRunner(cluster), dask.DaskTaskRunner(address=cluster.scheduler_address)):
        assert total.with_options(task_runner=runner)() == 3
    assert len(cluster.workers) == 1


def test_annotations_are_heeded(dask: Any, cluster: Any) -> None:
    asked: list[object] = []

    @flow(task_runner=dask.DaskTaskRunner(cluster))
    def brew() -> int:
        with dask.dask.annotate(resources={"cups": 1}, priority=5):
            future = add.submit(1)
        result = future.result()
        asked.extend(one.annotations for one in cluster.scheduler.tasks.values() if one.key.startswith("add"))
        return result

    assert brew() == 1
    assert asked == [{"resources": {"cups": 1}, "priority": 5}]


def test_tasks_and_flows_reach_the_cluster_itself(dask: Any, cluster: Any) -> None:
    @task
    def inside() -> int:
        with dask.get_dask_client() as client:
            return client.submit(sum, [1, 2]).result()

    @task
    async def inside_async() -> int:
        async with dask.get_async_dask_client() as client:
            return await client.submit(sum, [3, 4])

    @flow(task_runner=dask.DaskTaskRunner(cluster))
    def reach() -> list[int]:
        with dask.get_dask_client() as client:
            outside = client.submit(sum, [5, 6]).result()
        return [inside.submit().result(), inside_async.submit().result(), outside]

    assert reach() == [3, 7, 11]


def test_a_worker_of_dask_that_is_killed_crashes_the_run(dask: Any) -> None:
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}

    @flow(task_runner=dask.DaskTaskRunner(cluster_kwargs=options))
    def survive() -> tuple[object, int]:
        error = die.submit().result(raise_on_failure=False)
        return error, add.submit(2).result()

    with dask.dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        error, result = survive()
    assert isinstance(error, CrashedRun)
    assert "KilledWorker" in str(error)
    assert result == 2


def test_one_cluster_is_enough(dask: Any) -> None:
    with pytest.raises(ValueError, match="cluster_kwargs"):
        dask.DaskTaskRunner(address="tcp://here", cluster_kwargs={"n_workers": 1})


def test_a_cluster_can_be_named_and_grow(dask: Any) -> None:
    runner = dask.DaskTaskRunner(
        cluster_class="distributed.LocalCluster",
        cluster_kwargs={"processes": False, "n_workers": 0, "dashboard_address": None},
        adapt_kwargs={"minimum": 1, "maximum": 2},
    )

    @flow(task_runner=runner)
    def grow() -> list[int]:
        return add.map([1, 2, 3]).result()

    assert grow() == [1, 2, 3]


def test_ray_takes_options_and_tells_of_dead_workers() -> None:
    ray = pytest.importorskip(
        "ostinato.integrations.ray",
        reason="the extra `ostinato[ray]` is not installed, which not every platform has",
        exc_type=ImportError,
    )
    options = {"num_cpus": 2, "include_dashboard": False, "log_to_driver": False, "resources": {"cups": 1}}

    @task
    def cups() -> float:
        return ray.ray.get_runtime_context().get_assigned_resources().get("cups", 0)

    @flow(task_runner=ray.RayTaskRunner(init_kwargs=options))
    def brew() -> tuple[object, float, int]:
        with ray.remote_options(max_retries=0):
            error = die.submit().result(raise_on_failure=False)
        with ray.remote_options(resources={"cups": 1}):
            taken = cups.submit()
        return error, taken.result(), add.submit(taken, 1).result()

    error, taken, result = brew()
    assert isinstance(error, CrashedRun)
    assert "Ray could not execute the run" in str(error)
    assert (taken, result) == (1, 2)
    assert not ray.ray.is_initialized()


def test_the_extra_is_named_where_it_is_missing(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['ray'] = None\n"
        "from ostinato.integrations.ray import RayTaskRunner\n"
    )  # fmt: skip
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert "pip install 'ostinato[ray]'" in done.stderr
