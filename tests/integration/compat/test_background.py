"""`task.delay()` and a task worker of the unmodified client: every run that was sent is run by the worker."""

import os
import signal
import subprocess

import pytest

from tests.integration.compat.conftest import PROGRAMS, Client
from tests.support.client import Api
from tests.support.ports import wait_until

pytestmark = pytest.mark.compat

PROGRAM = str(PROGRAMS / "background.py")
WORKER_WITHIN = 30.0


async def test_a_task_worker_runs_what_was_delayed(api: Api, client: Client) -> None:
    worker = client.start("python", PROGRAM, "serve")
    try:
        await wait_until(lambda: workers(api), seconds=WORKER_WITHIN, what="a registered task worker")
        result = client.run("python", PROGRAM, "delay")
    finally:
        stop(worker)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = [line.split() for line in result.stdout.splitlines() if line.startswith("RUN ")]
    assert [state for _, _, state in lines] == ["COMPLETED"] * 6
    for _, run_id, _ in lines:
        names = [state["name"] for state in (await api.get("/task_run_states/", task_run_id=run_id)).json]
        assert names[:3] == ["Scheduled", "Pending", "Running"]
        assert names[-1] == "Completed"
    await wait_until(lambda: no_workers(api), what="an empty register")


async def workers(api: Api) -> bool:
    return bool((await api.post("/task_workers/filter", {})).json)


async def no_workers(api: Api) -> bool:
    return not await workers(api)


def stop(process: "subprocess.Popen[bytes]") -> None:
    os.kill(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
