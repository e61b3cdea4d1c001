"""Workers that fall silent are offline; pools, queues and deployments that nobody asks for are not ready, told once."""

import pytest

from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.foreman import Foreman
from tests.integration.loops.scene import events_of, new_deployment, tick_all, twice
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.json import Json
from tests.support.pools import new_pool, poll


async def beat(api: Api, pool: Json, name: str = "w", interval: int | None = 10) -> None:
    """Give a worker's sign of life."""
    body = {"name": name, "heartbeat_interval_seconds": interval}
    assert (await api.post(f"/work_pools/{pool['name']}/workers/heartbeat", body)).status == 204


async def pool_status(api: Api, pool: Json) -> str:
    """Return the status of a pool."""
    return (await api.get(f"/work_pools/{pool['name']}")).json["status"]


async def queue_of(api: Api, pool: Json) -> Json:
    """Return the default queue of a pool."""
    return (await api.get(f"/work_queues/{pool['default_queue_id']}")).json


@pytest.mark.parametrize(("interval", "patience"), [(10, 30), (60, 180), (None, 90)])
async def test_a_pool_is_not_ready_when_its_workers_are_silent(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, clock: DrivenClock,
    interval: int | None, patience: int,
) -> None:  # fmt: skip
    pool = await new_pool(client)
    await beat(client, pool, interval=interval)
    loops = twice(Foreman, [database, other_database], settings)

    clock.forward(patience - 1)
    await tick_all(loops)
    assert await pool_status(client, pool) == "READY"
    clock.forward(2)
    await tick_all(loops)
    await tick_all(loops)

    assert await pool_status(client, pool) == "NOT_READY"
    workers = (await client.post(f"/work_pools/{pool['name']}/workers/filter", {})).json
    assert [worker["status"] for worker in workers] == ["OFFLINE"]
    assert (await events_of(client, "work-pool", pool))[1:] == ["not-ready", "ready", "not-ready"]
    await beat(client, pool, interval=interval)
    assert await pool_status(client, pool) == "READY"


async def test_a_pool_stays_ready_with_one_worker_and_a_paused_one_paused(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    pool, paused = await new_pool(client), await new_pool(client)
    await beat(client, pool, "gone")
    await beat(client, paused)
    await client.request("PATCH", f"/work_pools/{paused['name']}", {"is_paused": True})
    clock.forward(25)
    await beat(client, pool, "here")
    clock.forward(10)
    await tick_all([Foreman(database, settings)])
    assert (await pool_status(client, pool), await pool_status(client, paused)) == ("READY", "PAUSED")


async def test_queues_and_deployments_that_nobody_asks_for_are_not_ready(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    pool, asked_again = await new_pool(client), await new_pool(client)
    deployment = await new_deployment(client, work_pool_name=pool["name"])
    used = await new_deployment(client, work_pool_name=asked_again["name"])
    for each in (pool, asked_again):
        await poll(client, each)
    assert (await queue_of(client, pool))["status"] == "READY"
    loops = twice(Foreman, [database, other_database], settings)

    clock.forward(55)
    await poll(client, asked_again)
    await tick_all(loops)
    assert (await client.get(f"/deployments/{deployment['id']}")).json["status"] == "READY"
    clock.forward(10)
    await tick_all(loops)
    await tick_all(loops)

    assert (await queue_of(client, pool))["status"] == "NOT_READY"
    assert (await queue_of(client, asked_again))["status"] == "READY"
    assert (await client.get(f"/deployments/{deployment['id']}")).json["status"] == "NOT_READY"
    assert (await client.get(f"/deployments/{used['id']}")).json["status"] == "READY"
    assert (await events_of(client, "deployment", deployment)) == ["created", "ready", "not-ready"]
    assert (await events_of(client, "work-queue", await queue_of(client, pool)))[-2:] == ["ready", "not-ready"]
    await poll(client, pool)
    assert (await queue_of(client, pool))["status"] == "READY"
    assert (await client.get(f"/deployments/{deployment['id']}")).json["status"] == "READY"


async def test_the_settings_say_how_long_is_too_long(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_SERVER_SERVICES_FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE", "2")
    monkeypatch.setenv("PREFECT_API_SERVICES_FOREMAN_WORK_QUEUE_LAST_POLLED_TIMEOUT_SECONDS", "5")
    monkeypatch.setenv("OSTINATO_SERVICES_FOREMAN_DEPLOYMENT_LAST_POLLED_TIMEOUT_SECONDS", "7")
    impatient = ServerSettings()
    pool = await new_pool(client)
    deployment = await new_deployment(client, work_pool_name=pool["name"])
    await beat(client, pool)
    await poll(client, pool)

    clock.forward(21)
    await tick_all([Foreman(database, settings)])
    assert (await pool_status(client, pool), (await queue_of(client, pool))["status"]) == ("READY", "READY")
    await tick_all([Foreman(database, impatient)])

    assert (await pool_status(client, pool), (await queue_of(client, pool))["status"]) == ("NOT_READY", "NOT_READY")
    assert (await client.get(f"/deployments/{deployment['id']}")).json["status"] == "NOT_READY"
