"""A worker's container in the stack, and a deployment that it runs every few seconds."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.stack import Stack

FLOW = """
from ostinato import flow

@flow(log_prints=True)
def ticking():
    print("tick")
"""
POOL = "default"
AT_ONCE = 3
"""Runs of the pool, at most."""


@contextmanager
def working(stack: Stack, tmp_path: Path) -> Generator[str]:
    """Run a process worker while the block lasts; yields the id of its deployment, which is due every five seconds."""
    folder = tmp_path / "flows"
    folder.mkdir()
    tmp_path.chmod(0o755)
    (folder / "ticking.py").write_text(FLOW)
    stack.compose("--profile", "worker", "up", "-d", "worker", settings={"OSTINATO_FLOWS": str(folder)})
    try:
        deadline = time.monotonic() + 60
        while stack.ask(f"/api/work_pools/{POOL}")[0] != 200:
            assert time.monotonic() < deadline, stack.log_tail(["worker"])
            time.sleep(0.5)
        # A worker starts all at once that it is given; on a busy machine none of many would begin in time.
        assert stack.ask(f"/api/work_pools/{POOL}", "PATCH", {"concurrency_limit": AT_ONCE})[0] == 204
        status, _, left = stack.ask("/api/deployments/name/ticking/often")
        if status == 200:  # what another test has done to its runs is none of this one's concern
            assert stack.ask(f"/api/deployments/{left['id']}", "DELETE")[0] == 204
        deploy = ("ostinato", "deploy", "ticking.py:ticking", "-n", "often", "-p", POOL, "--interval", "5")
        stack.compose("--profile", "worker", "exec", "-T", "worker", *deploy)
        stack.compose("--profile", "worker", "up", "-d", "--wait", "--no-recreate", "--no-deps", "worker")
        yield stack.ask("/api/deployments/name/ticking/often")[2]["id"]
    finally:
        stack.compose("--profile", "worker", "rm", "-sf", "worker")


def runs_of_deployment(stack: Stack, deployment: str, *types: str) -> list[Any]:  # Any: JSON
    """Return the runs of a deployment whose states are of the types."""
    wanted = {"deployments": {"id": {"any_": [deployment]}}, "flow_runs": {"state": {"type": {"any_": list(types)}}}}
    return stack.ask("/api/flow_runs/filter", "POST", wanted)[2]
