"""The stack's own docker worker: each run is a container of the engine that runs the stack, and is cancelled there."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command_line import ostinato
from tests.e2e.stack import PROJECT, Stack

SERVICE, POOL = "docker-worker", "docker"
IMAGE = os.environ.get("OSTINATO_E2E_WORKER_IMAGE", "ostinato/worker:latest")
SECONDS = 90
FLOWS = """
import time
from ostinato import flow

@flow(log_prints=True)
def greet():
    print("hello from a container")

@flow
def wait():
    while True:
        time.sleep(0.1)
"""


def until(stack: Stack, condition: Callable[[], Any], what: str) -> Any:  # Any: what the condition returns
    """Return what `condition` returns once it is true."""
    deadline = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what}: {stack.log_tail([SERVICE])}"
        time.sleep(0.25)
    return found


def docker(*words: str) -> list[str]:
    """Return the lines that a command of the engine prints."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True, timeout=60).stdout.split()


def containers_of(run_id: str, *options: str) -> list[str]:
    return docker("ps", "-q", "--filter", f"label=io.prefect.flow-run-id={run_id}", *options)


@pytest.fixture
def runs(stack: Stack) -> Iterator[list[str]]:
    """The ids of runs that a test makes, while a docker worker of the stack works; their containers go with it."""
    stack.compose("--profile", SERVICE, "up", "-d", SERVICE)
    made: list[str] = []
    try:
        until(stack, lambda: stack.ask(f"/api/work_pools/{POOL}")[0] == 200, "the worker makes its pool")
        yield made
    finally:
        stack.compose("--profile", SERVICE, "rm", "-sf", SERVICE)
        for container in [each for run_id in made for each in containers_of(run_id, "-a")]:
            docker("rm", "-f", container)


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """A folder with the flows that any user may read."""
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "contained.py").write_text(FLOWS)
    for each in (folder, *folder.parents[:4]):
        each.chmod(0o755)
    return folder


def run(stack: Stack, folder: Path, flow: str) -> str:
    """Deploy a flow as the guide says, and return the id of a run of it."""
    variables = {
        "image": IMAGE,
        "image_pull_policy": "Never",
        "networks": [f"{PROJECT}_default"],
        "volumes": [f"{PROJECT}_certificates:/run/tls:ro", f"{folder}:/flows:ro"],
        "env": {"SSL_CERT_FILE": "/run/tls/certificate.pem"},
    }
    options = [word for name, value in variables.items() for word in ("-jv", f"{name}={json.dumps(value)}")]
    deployed = ostinato(
        stack, folder, "--no-prompt", "deploy", f"contained.py:{flow}", "-n", "here", "-p", POOL, *options
    )
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    deployment = stack.ask(f"/api/deployments/name/{flow}/here")[2]["id"]
    return stack.ask(f"/api/deployments/{deployment}/create_flow_run", "POST", {})[2]["id"]


def state_of(stack: Stack, run_id: str) -> str:
    return stack.ask(f"/api/flow_runs/{run_id}")[2]["state_type"]


def test_a_run_is_a_container_and_is_cancelled_there(stack: Stack, runs: list[str], flows: Path) -> None:
    runs += [run(stack, flows, "greet"), run(stack, flows, "wait")]
    greeting, waiting = runs
    until(stack, lambda: state_of(stack, greeting) == "COMPLETED", "a run completes")
    (container,) = containers_of(greeting, "-a")
    (described,) = json.loads(" ".join(docker("inspect", container)))
    assert list(described["NetworkSettings"]["Networks"]) == [f"{PROJECT}_default"]

    until(stack, lambda: state_of(stack, waiting) == "RUNNING", "the other run begins")
    assert len(containers_of(waiting)) == 1
    cancelled = ostinato(stack, flows, "flow-run", "cancel", waiting)
    assert cancelled.returncode == 0, cancelled.stdout + cancelled.stderr
    until(stack, lambda: state_of(stack, waiting) == "CANCELLED", "the run is cancelled")
    until(stack, lambda: not containers_of(waiting), "its container has ended")
