"""Two server processes on one Postgres: one of them may go at any moment, and nobody who comes again notices."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.client import Api
from tests.support.event_client import EventClient
from tests.support.postgres import Postgres
from tests.support.replicas import Replicas
from tests.support.task_runs import task_run_events

TASK_RUNS = 600


@pytest.fixture
def replicas(postgres: Postgres, tmp_path: Path) -> Iterator[Replicas]:
    """Processes of this test's own, for it kills one of them."""
    made = Replicas(tmp_path, postgres.create_database())
    made.start()
    yield made
    made.stop()


async def test_the_others_go_on_when_one_is_killed(replicas: Replicas) -> None:
    dying = replicas.replicas[0]
    client = EventClient(replicas.api_url)
    async with Api(replicas.api_url, keep_alive=False) as api:
        flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
        runs = [await api.created("/flow_runs/", {"flow_id": flow["id"], "state": {"type": "RUNNING"}})]
        for number in range(TASK_RUNS):
            if number == TASK_RUNS // 3:
                dying.kill()
                # Only the one that is left can answer these.
                body = {"flow_id": flow["id"], "state": {"type": "PENDING"}}
                runs += [await api.created("/flow_runs/", body) for _ in range(4)]
            if number == TASK_RUNS * 2 // 3:
                await asyncio.to_thread(replicas.start)
            for event in task_run_events(runs[0]["id"], number):
                await client.send(event)
        await client.confirm()
        await client.close()

        wanted = {"flow_run_id": {"any_": [runs[0]["id"]]}, "state": {"type": {"any_": ["COMPLETED"]}}}
        for _ in replicas.replicas:
            assert (await api.post("/task_runs/count", {"task_runs": wanted})).json == TASK_RUNS
            assert (await api.post("/flow_runs/count", {})).json == len(runs)
