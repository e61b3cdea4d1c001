"""The page on custom workers: its worker is written down as the page has it, and runs and cancels flows."""

import os
import re
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ostinato import get_client
from ostinato.workers.base import BaseWorker
from ostinato_wire.states import StateCreate, StateType
from tests.integration.sdk.conftest import Project, until, until_final, until_in
from tests.integration.sdk.test_worker_life import working
from tests.integration.sdk.test_workers import new_run, work_once

PAGE = Path(__file__).parents[3] / "docs" / "user" / "guide" / "custom_worker.md"


@pytest.fixture
def nice_worker(project: Project, monkeypatch: pytest.MonkeyPatch) -> type[BaseWorker[Any]]:
    """The class of the page; commands are found that are installed beside this interpreter."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    for name, code in re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE.read_text(), re.DOTALL):
        (project.folder / name).write_text(code)
    import nice_worker  # pyright: ignore[reportMissingImports] - it was written just now

    starter: Any = __import__("start_nice")
    assert starter.NiceWorker is nice_worker.NiceWorker  # pyright: ignore[reportUnknownMemberType] - as above
    monkeypatch.delitem(sys.modules, "nice_worker")
    monkeypatch.delitem(sys.modules, "start_nice")
    return starter.NiceWorker


async def test_the_worker_of_the_page_runs_flows(project: Project, nice_worker: type[BaseWorker[Any]]) -> None:
    pool = f"nice-{uuid4().hex[:8]}"
    async with nice_worker(pool) as worker:
        await worker.sync_with_backend()
    run_id = await new_run("flows.py:add", pool, {"a": 1}, job_variables={"niceness": 5})
    await work_once(nice_worker(pool))
    assert (await until_final(run_id)).type is StateType.COMPLETED
    async with get_client() as client:
        run = await client.read_flow_run(run_id)
        made = await client.read_work_pool(pool)
    assert (project.folder / f"{run.name}.log").exists()
    assert made.base_job_template["variables"]["properties"]["niceness"]["maximum"] == 19


async def test_the_worker_of_the_page_cancels_them(project: Project, nice_worker: type[BaseWorker[Any]]) -> None:
    pool = f"nice-{uuid4().hex[:8]}"
    async with nice_worker(pool) as worker:
        await worker.sync_with_backend()
    run_id = await new_run("flows.py:outer", pool)
    worker = nice_worker(pool)
    async with working(worker):
        await until(project.notes.exists, "the sub-flow begins")
        async with get_client() as client:
            await client.set_flow_run_state(run_id, StateCreate(type=StateType.CANCELLING))
        await until_in(run_id, StateType.CANCELLED)
        await until(lambda: not worker.watched(), "its process has ended")
