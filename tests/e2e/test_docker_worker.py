"""A docker worker with a real engine: containers run, are killed for want of memory, are cancelled, and taken up."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import docker
import pytest

from ostinato import get_client
from ostinato.workers.docker import DockerWorker
from ostinato_wire.states import StateCreate, StateType
from tests.integration.sdk.conftest import Project, project, until, until_final, until_in
from tests.integration.sdk.test_worker_life import working
from tests.integration.sdk.test_workers import new_run

__all__ = ["project"]

IMAGE = os.environ.get("OSTINATO_E2E_WORKER_IMAGE", "ostinato/worker:latest")
FLOWS = """
import os, time
from ostinato import flow

@flow(log_prints=True)
def greet():
    print("hello from", os.environ["HOSTNAME_OF_TEST"])

@flow
def greedy():
    held = []
    while True:
        held.append(bytearray(b"x") * 10_000_000)

@flow
def wait():
    open("began", "w").close()
    while not os.path.exists("go"):
        time.sleep(0.05)
"""


@pytest.fixture
def pool() -> str:
    return f"docker-{uuid4().hex[:8]}"


@pytest.fixture
def flows(project: Project) -> Path:
    """A folder with the flows, where containers have it, too."""
    (project.folder / "contained.py").write_text(FLOWS)
    for folder in (project.folder, *project.folder.parents[:4]):
        folder.chmod(0o777 if folder == project.folder else 0o755)
    return project.folder


@asynccontextmanager
async def worker_of(pool: str, **options: Any) -> AsyncGenerator[DockerWorker]:
    worker = DockerWorker(pool, **options)
    async with working(worker):
        yield worker


async def made(flow: str, pool: str, folder: Path, **variables: Any) -> UUID:
    given = {
        "image_pull_policy": "Never",
        "volumes": [f"{folder}:{folder}"],
        "env": {"HOSTNAME_OF_TEST": "inside"},
        "auto_remove": True,
    }
    return await new_run(f"contained.py:{flow}", pool, image=IMAGE, build=False, job_variables=given | variables)


async def test_a_run_is_a_container(flows: Path, pool: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with worker_of(pool) as worker:
        run_id = await made("greet", pool, flows, auto_remove=False)
        assert (await until_final(run_id)).type is StateType.COMPLETED
        await until(lambda: not worker.watched(), "its container has ended")
    async with get_client() as client:
        run = await client.read_flow_run(run_id)
    container: Any = docker.from_env().containers.get((run.infrastructure_pid or "").rpartition(":")[2])
    try:
        assert container.labels["io.prefect.flow-run-id"] == str(run_id)
        assert container.name == run.name
    finally:
        container.remove(force=True)
    assert "hello from inside" in capsys.readouterr().out


async def test_a_container_that_uses_too_much_memory_is_a_crash_that_says_so(flows: Path, pool: str) -> None:
    async with worker_of(pool) as worker:
        run_id = await made("greedy", pool, flows, mem_limit="192m", memswap_limit="192m")
        state = await until_final(run_id)
        await until(lambda: not worker.watched(), "its container has ended")
    assert state.type is StateType.CRASHED
    assert "OOM" in (state.message or "")


async def test_a_container_is_cancelled(flows: Path, pool: str) -> None:
    async with worker_of(pool) as worker:
        run_id = await made("wait", pool, flows)
        await until((flows / "began").exists, "the flow begins")
        async with get_client() as client:
            await client.set_flow_run_state(run_id, StateCreate(type=StateType.CANCELLING))
        await until_in(run_id, StateType.CANCELLED)
        await until(lambda: not worker.watched(), "its container has ended")


async def test_a_container_outlives_its_worker_and_is_taken_up(flows: Path, pool: str) -> None:
    async with worker_of(pool, name="restarted"):
        run_id = await made("wait", pool, flows)
        await until((flows / "began").exists, "the flow begins")
    async with worker_of(pool, name="restarted") as again:
        await until(lambda: run_id in again.watched(), "the run is taken up")
        (flows / "go").touch()
        assert (await until_final(run_id)).type is StateType.COMPLETED
        await until(lambda: not again.watched(), "its container has ended")
