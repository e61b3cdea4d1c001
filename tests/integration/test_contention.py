"""State changes, polls and deletions of the same things at the same moment: no two of them wait for each other.

A deadlock costs its victim only a second, since it is run again; so the database is asked whether there was one.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from random import Random
from typing import TypeAlias
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from tests.support.client import Answer, Api
from tests.support.json import Json
from tests.support.pools import move, new_flow, new_pool, new_queue, new_run, poll
from tests.support.ports import wait_until
from tests.support.postgres import Postgres
from tests.support.replicas import Replicas
from tests.support.task_runs import task_run_events

ROUNDS = 3
RUNS = 48
POLLS = 40
SLOTS = 3
QUEUES = ("here", "there")


Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture(scope="module")
def replicas(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    """Processes on a database whose deadlocks are counted."""
    made = Replicas(tmp_path_factory.mktemp("replicas"), postgres.create_database())
    made.start()
    yield made
    made.stop()


@asynccontextmanager
async def connected(replicas: Replicas) -> AsyncGenerator[Connection]:
    """Connect to the database past the servers."""
    url = make_url(replicas.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def is_waited(database: Connection) -> bool:
    """Whether a transaction waits for a lock."""
    return await database.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0


async def take_only_slot(api: Api) -> tuple[str, Json, str]:
    """Let a run take the only slot of its deployment; return the deployment's id, the run, and the lease's id."""
    body = {"name": f"d-{uuid4()}", "flow_id": await new_flow(api), "concurrency_limit": 1}
    deployment = (await api.created("/deployments/", body))["id"]
    run = await api.created(f"/deployments/{deployment}/create_flow_run", {"state": {"type": "SCHEDULED"}})
    lease = (await move(api, run, "PENDING"))["state"]["state_details"]["deployment_concurrency_lease_id"]
    return deployment, run, lease


class Round:
    """A pool, deployments with limits and their runs, which nobody has touched yet."""

    def __init__(self, api: Api, random: Random) -> None:
        self.api = api
        self.random = random
        self.answers = Counter[int]()
        self.pool: Json = None
        self.deployments: list[str] = []
        self.runs: list[str] = []

    async def prepare(self) -> None:
        """Make everything."""
        flow = await new_flow(self.api)
        self.pool = await new_pool(self.api, concurrency_limit=40)
        for name in QUEUES:
            await new_queue(self.api, self.pool, name, concurrency_limit=30)
        for number in range(8):
            place = {"work_pool_name": self.pool["name"], "work_queue_name": QUEUES[number % 2]}
            body = {"name": f"d-{uuid4()}", "flow_id": flow, "concurrency_limit": SLOTS, **place}
            self.deployments.append((await self.api.created("/deployments/", body))["id"])
        for _, deployment in zip(range(RUNS), cycle(self.deployments), strict=False):
            made = await self.api.created(
                f"/deployments/{deployment}/create_flow_run", {"state": {"type": "SCHEDULED"}}
            )
            self.runs.append(made["id"])

    async def play(self) -> None:
        """Do everything at once."""
        work = [self.live(run) for run in self.runs]
        work += [self.poll() for _ in range(POLLS)]
        work += [self.ask_for_deployments() for _ in range(POLLS)]
        work += [self.delete(self.random.sample(self.runs, 8)) for _ in range(4)]
        self.random.shuffle(work)
        await asyncio.gather(*work)

    async def live(self, run: str) -> None:
        """Propose what one run goes through, each state together with one that contradicts it."""
        for wanted, other in (("PENDING", "PENDING"), ("RUNNING", "CANCELLED"), ("COMPLETED", "CRASHED")):
            await asyncio.gather(self.move(run, wanted), self.move(run, other))
        await self.move(run, "CANCELLED")

    async def move(self, run: str, state: str) -> None:
        self.note(await self.api.post(f"/flow_runs/{run}/set_state", {"state": {"type": state}}), 404)

    async def poll(self) -> None:
        """Ask as a worker of some queues does."""
        asked = {"work_queue_names": self.random.sample(QUEUES, self.random.choice((1, 2)))}
        self.note(await self.api.post(f"/work_pools/{self.pool['name']}/get_scheduled_flow_runs", asked))

    async def ask_for_deployments(self) -> None:
        """Ask as a process that serves some deployments does."""
        asked = {"deployment_ids": self.random.sample(self.deployments, 5)}
        self.note(await self.api.post("/deployments/get_scheduled_flow_runs", asked))

    async def delete(self, runs: list[str]) -> None:
        """Delete runs, whatever they do just now."""
        self.note(await self.api.post("/flow_runs/bulk_delete", {"flow_runs": {"id": {"any_": runs}}}))

    def note(self, answer: Answer, *expected: int) -> None:
        assert answer.status in (200, 201, *expected), answer.body
        self.answers[answer.status] += 1

    async def slots_in_use(self) -> list[int]:
        """Return how many slots of each deployment are in use."""
        limits = [await self.api.get(f"/v2/concurrency_limits/deployment:{id_}") for id_ in self.deployments]
        return [limit.json["active_slots"] for limit in limits]


@pytest.mark.parametrize("locked", ["work_queues", "deployments"])
async def test_a_poll_does_not_wait_for_those_who_write_to_what_it_asks_for(replicas: Replicas, locked: str) -> None:
    async with Api(replicas.api_url, keep_alive=False) as api, connected(replicas) as database:
        flow, pool = await new_flow(api), await new_pool(api)
        body = {"name": "d", "flow_id": flow, "work_pool_name": pool["name"]}
        deployment = (await api.created("/deployments/", body))["id"]
        await new_run(api, flow, pool, "waiting")
        id_ = {"work_queues": pool["default_queue_id"], "deployments": deployment}[locked]
        async with database.transaction():
            await database.execute(f"UPDATE {locked} SET updated = updated WHERE id = $1", id_)
            assert await asyncio.wait_for(poll(api, pool), 5) == ["waiting"]
            assert (await asyncio.wait_for(serve(api, deployment), 5)).status == 200
        assert await poll(api, pool) == ["waiting"]
        assert (await serve(api, deployment)).status == 200
        assert (await api.get(f"/deployments/{deployment}")).json["status"] == "READY"
        assert (await api.get(f"/work_queues/{pool['default_queue_id']}")).json["status"] == "READY"


async def serve(api: Api, deployment: str) -> Answer:
    """Ask for runs as a process that serves a deployment does."""
    return await api.post("/deployments/get_scheduled_flow_runs", {"deployment_ids": [deployment]})


async def delete_one(api: Api, run: str) -> Answer:
    return await api.request("DELETE", f"/flow_runs/{run}")


async def delete_many(api: Api, run: str) -> Answer:
    return await api.post("/flow_runs/bulk_delete", {"flow_runs": {"id": {"any_": [run]}}})


@pytest.mark.parametrize("delete", [delete_one, delete_many])
async def test_who_deletes_a_run_waits_for_its_state_change_before_touching_its_slot(
    replicas: Replicas, delete: Callable[[Api, str], Coroutine[None, None, Answer]]
) -> None:
    async with Api(replicas.api_url, keep_alive=False) as api, connected(replicas) as database:
        deployment, run, lease = await take_only_slot(api)

        # What ends a run does, in its order: first the run, then its slot.
        async with database.transaction():
            await database.execute("SET LOCAL lock_timeout = '500ms'")
            await database.execute("UPDATE flow_runs SET updated = updated WHERE id = $1", run["id"])
            deleting = asyncio.create_task(delete(api, run["id"]))
            await wait_until(partial(is_waited, database), what="the deletion waiting for the run")
            await database.execute("DELETE FROM concurrency_leases WHERE lease_id = $1", lease)
        assert (await deleting).status in (200, 204)
        limit = await api.get(f"/v2/concurrency_limits/deployment:{deployment}")
        assert limit.json["active_slots"] == 0


@pytest.mark.parametrize("delete", [delete_one, delete_many])
async def test_who_deletes_a_run_waits_for_state_changes_below_it_before_touching_its_task_runs(
    replicas: Replicas, delete: Callable[[Api, str], Coroutine[None, None, Answer]]
) -> None:
    async with Api(replicas.api_url, keep_alive=False) as api, connected(replicas) as database:
        running = {"flow_id": await new_flow(api), "state": {"type": "RUNNING"}}
        run = (await api.created("/flow_runs/", running))["id"]
        body = {"flow_run_id": run, "task_key": "t", "dynamic_key": "0", "state": {"type": "RUNNING"}}
        task = (await api.created("/task_runs/", body))["id"]
        below = (await api.created("/flow_runs/", running | {"parent_task_run_id": task}))["id"]

        # What moves a sub-flow run does, in its order: first the run, then the task run that stands for it.
        async with database.transaction():
            await database.execute("SET LOCAL lock_timeout = '500ms'")
            await database.execute("UPDATE flow_runs SET updated = updated WHERE id = $1", below)
            deleting = asyncio.create_task(delete(api, run))
            await wait_until(partial(is_waited, database), what="the deletion waiting for the run below")
            await database.execute("UPDATE task_runs SET updated = updated WHERE id = $1", task)
        assert (await deleting).status in (200, 204)
        assert (await api.get(f"/flow_runs/{below}")).json["parent_task_run_id"] is None


async def test_who_starts_a_run_waits_for_its_state_change_before_touching_its_slot(replicas: Replicas) -> None:
    async with Api(replicas.api_url, keep_alive=False) as api, connected(replicas) as database:
        deployment, run, lease = await take_only_slot(api)

        # As above. A client of today renews the lease when its run starts.
        async with database.transaction():
            await database.execute("SET LOCAL lock_timeout = '500ms'")
            await database.execute("UPDATE flow_runs SET updated = updated WHERE id = $1", run["id"])
            headers = {"User-Agent": "prefect/3.8.4 (API 0.8.4)"}
            path, proposed = f"/flow_runs/{run['id']}/set_state", {"state": {"type": "RUNNING"}}
            starting = asyncio.create_task(api.request("POST", path, proposed, headers=headers))
            await wait_until(partial(is_waited, database), what="the start waiting for the run")
            await database.execute("DELETE FROM concurrency_leases WHERE lease_id = $1", lease)
        # The slot that it had is gone: it has another one.
        started = (await starting).json
        assert (started["status"], started["state"]["type"]) == ("ACCEPT", "RUNNING")
        limit = await api.get(f"/v2/concurrency_limits/deployment:{deployment}")
        assert limit.json["active_slots"] == 1


async def test_who_tells_of_task_runs_waits_for_the_deletion_of_their_flow_run_before_touching_them(
    replicas: Replicas,
) -> None:
    async with Api(replicas.api_url, keep_alive=False) as api, connected(replicas) as database:
        body = {"flow_id": await new_flow(api), "state": {"type": "RUNNING"}}
        run = (await api.created("/flow_runs/", body))["id"]
        known, new = task_run_events(run, 0), task_run_events(run, 1)
        assert (await api.post("/events", known[:1])).status == 204
        task_run = known[0]["resource"]["prefect.resource.id"].rsplit(".", 1)[1]

        # What deletes a flow run does, in its order: first the run, then its task runs.
        async with database.transaction():
            await database.execute("SET LOCAL lock_timeout = '500ms'")
            await database.execute("SELECT FROM flow_runs WHERE id = $1 FOR UPDATE", run)
            telling = asyncio.create_task(api.post("/events", [known[1], new[1], heartbeat_of(run)]))
            await wait_until(partial(is_waited, database), what="the events waiting for the run")
            await database.execute("SELECT FROM task_runs WHERE id = $1 FOR UPDATE", task_run)
            await database.execute("DELETE FROM flow_runs WHERE id = $1", run)
        assert (await telling).status == 204
        assert await database.fetchval("SELECT count(*) FROM task_runs WHERE flow_run_id = $1", run) == 0


def heartbeat_of(run: str) -> Json:
    """Return the event that a flow run is alive."""
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "prefect.flow-run.heartbeat",
        "resource": {"prefect.resource.id": f"prefect.flow-run.{run}"},
    }


async def test_whatever_happens_at_once_there_is_no_deadlock(replicas: Replicas) -> None:
    async with Api(replicas.api_url, keep_alive=False) as api, connected(replicas) as database:
        for seed in range(ROUNDS):
            this = Round(api, Random(seed))
            await this.prepare()
            await this.play()
            assert this.answers[201] > RUNS
            assert await this.slots_in_use() == [0] * len(this.deployments)
        # A connection tells what it has counted at its end at the latest. No other test finds connections after this.
        others = "datname = current_database() AND application_name = 'ostinato'"
        await database.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}")
        own = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert await database.fetchval(own) == 0
