"""A worker's container runs what a schedule asks for."""

import time
from pathlib import Path

from tests.e2e.stack import Stack
from tests.e2e.worker import runs_of_deployment, working


def test_worker_container_runs_a_scheduled_deployment(stack: Stack, tmp_path: Path) -> None:
    with working(stack, tmp_path) as deployment:
        deadline = time.monotonic() + 90
        while len(runs := runs_of_deployment(stack, deployment, "COMPLETED")) < 2:
            assert time.monotonic() < deadline, stack.log_tail(["worker", "scheduler"])
            time.sleep(1)
        stack.ask(f"/api/deployments/{deployment}", "DELETE")
    assert len({run["expected_start_time"] for run in runs}) == len(runs)
    assert all(run["auto_scheduled"] and run["run_count"] == 1 for run in runs)
