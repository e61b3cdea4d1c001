"""The unmodified client's process pool: a run whose worker and process are killed is run again by another worker."""

import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.integration.compat.conftest import PROGRAMS, REFERENCE_VENV, Client
from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until
from tests.support.server import Server

pytestmark = [pytest.mark.compat, pytest.mark.timeout(240)]

IMPATIENT = {
    "OSTINATO_SERVICES_DEAD_RUNS_DEFAULT_INTERVAL_SECONDS": "4",
    "OSTINATO_SERVICES_DEAD_RUNS_MINIMUM_INTERVAL_SECONDS": "4",
    "OSTINATO_SERVICES_DEAD_RUNS_GRACE_SECONDS": "1",
    "OSTINATO_SERVICES_DEAD_RUNS_LOOP_SECONDS": "1",
}
"""Clients send a heartbeat at once, and the next half a minute later: the first one has to do."""


@pytest.fixture(scope="module")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that does not wait long for heartbeats."""
    process = Server(tmp_path_factory.mktemp("impatient"), database_url, IMPATIENT)
    process.start()
    yield process
    process.stop()


@pytest.fixture
async def workers(client: Client, api: Api) -> AsyncIterator[list["subprocess.Popen[bytes]"]]:
    """The workers that a test starts, to be ended with it; they look for runs often."""
    assert (REFERENCE_VENV / "bin" / "prefect").exists()
    await api.created("/work_pools/", {"name": "processes", "type": "process"})
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for worker in started:
        worker.kill()
        worker.wait()


def start_worker(client: Client, name: str) -> "subprocess.Popen[bytes]":
    return client.start("prefect", "worker", "start", "--pool", "processes", "--name", name)


async def deploy(api: Api) -> str:
    """Make a deployment of the program that is run again after a crash, and return its id."""
    flow = await api.created("/flows/", {"name": "interrupted"})
    step = {"prefect.deployments.steps.set_working_directory": {"directory": str(PROGRAMS)}}
    body: Json = {
        "name": "d",
        "flow_id": flow["id"],
        "entrypoint": "interrupted.py:interrupted",
        "pull_steps": [step],
        "work_pool_name": "processes",
        "retry_on_crash": {"max": 1, "only_if": "any"},
        "enforce_parameter_schema": False,
    }
    return (await api.created("/deployments/", body))["id"]


async def test_a_killed_run_is_noticed_and_run_again_by_another_worker(
    api: Api, client: Client, workers: list["subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    workers.append(start_worker(client, "first"))
    mark = tmp_path / "mark"
    path = f"/deployments/{await deploy(api)}/create_flow_run"
    run_id = (await api.created(path, {"parameters": {"mark": str(mark)}}))["id"]

    async def is_heard() -> bool:
        return (await api.get(f"/flow_runs/{run_id}")).json["last_heartbeat"] is not None

    await wait_until(is_heard, seconds=90, every=0.2, what="the first heartbeat")
    workers[0].kill()
    os.kill(int(mark.read_text()), signal.SIGKILL)
    workers.append(start_worker(client, "second"))

    async def ended() -> Json:
        run = (await api.get(f"/flow_runs/{run_id}")).json
        return run if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED") else None

    run = await wait_until(ended, seconds=100, every=0.5, what="the end of the second attempt")
    states = (await api.get("/flow_run_states/", flow_run_id=run_id)).json
    assert run is not None
    assert [state["name"] for state in states] == [
        *("Scheduled", "Pending", "Submitting", "Running", "AwaitingRetry"),
        *("Pending", "Submitting", "Running", "Completed"),
    ]
    assert "No heartbeat has been received since" in states[4]["message"]
    assert run["run_count"] == 2
    assert run["labels"]["prefect.worker.name"] == "second"
