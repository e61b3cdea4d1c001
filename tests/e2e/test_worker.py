"""A worker's container runs what a schedule asks for."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.stack import Stack

FLOW = """
from ostinato import flow

@flow(log_prints=True)
def ticking():
    print("tick")
"""
POOL = "default"


@pytest.fixture
def worker(stack: Stack, tmp_path: Path) -> Iterator[None]:
    """A running process worker, with one flow in its folder."""
    folder = tmp_path / "flows"
    folder.mkdir()
    tmp_path.chmod(0o755)
    (folder / "ticking.py").write_text(FLOW)
    stack.compose("--profile", "worker", "up", "-d", "worker", settings={"OSTINATO_FLOWS": str(folder)})
    deadline = time.monotonic() + 60
    while stack.ask(f"/api/work_pools/{POOL}")[0] != 200:
        assert time.monotonic() < deadline, stack.logs(["worker"])
        time.sleep(0.5)
    yield
    stack.compose("--profile", "worker", "rm", "-sf", "worker")


def completed(stack: Stack, deployment: str) -> list[Any]:  # Any: JSON
    wanted = {"deployments": {"id": {"any_": [deployment]}}, "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    return stack.ask("/api/flow_runs/filter", "POST", wanted)[2]


@pytest.mark.usefixtures("worker")
def test_worker_container_runs_a_scheduled_deployment(stack: Stack) -> None:
    deploy = ("ostinato", "deploy", "ticking.py:ticking", "-n", "often", "-p", POOL, "--interval", "5")
    stack.compose("--profile", "worker", "exec", "-T", "worker", *deploy)
    deployment = stack.ask("/api/deployments/name/ticking/often")[2]["id"]
    deadline = time.monotonic() + 90
    while len(runs := completed(stack, deployment)) < 2:
        assert time.monotonic() < deadline, stack.logs(["worker", "scheduler"])
        time.sleep(1)
    stack.ask(f"/api/deployments/{deployment}", "PATCH", {"paused": True})
    assert len({run["expected_start_time"] for run in runs}) == len(runs)
    assert all(run["auto_scheduled"] and run["run_count"] == 1 for run in runs)
