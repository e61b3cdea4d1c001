"""Ways in which a run comes not to run, each with the causes that its explanation has, in order."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from ostinato_core.ids import DEFAULT_WORKSPACE_ID
from ostinato_wire.explanations import Explanation
from tests.support.client import Api
from tests.support.database import query, settings_of
from tests.support.json import Json
from tests.support.pools import at, move, new_flow, new_pool, new_queue, new_run, poll, unique
from tests.support.server import Server


@dataclass
class World:
    """One server, and a way past its API for what only time would bring."""

    api: Api
    server: Server

    async def backdate(self, table: str, column: str, id_: str, seconds: float) -> None:
        """Let a row's time lie so many seconds back."""
        then = datetime.now(UTC) - timedelta(seconds=seconds)
        on_postgres = "postgresql" in self.server.database_url
        value = f"'{then.isoformat()}'" if on_postgres else str(int(then.timestamp() * 1_000_000))
        await self.write(f"UPDATE {table} SET {column} = {value} WHERE id = '{self.key(id_)}'")

    def key(self, id_: str) -> str:
        """Return an id as the database spells it."""
        return id_ if "postgresql" in self.server.database_url else UUID(id_).hex

    async def write(self, sql: str) -> None:
        """Run a statement."""
        await asyncio.to_thread(query, settings_of(self.server.database_url, self.server.home), sql)

    async def beat(self, pool: Json, worker: str = "w") -> str:
        """Let a worker give a sign of life; return its id."""
        assert (await self.api.post(f"/work_pools/{pool['name']}/workers/heartbeat", {"name": worker})).status == 204
        return (await self.api.post(f"/work_pools/{pool['name']}/workers/filter", {})).json[0]["id"]

    async def served_pool(self, **members: Json) -> Json:
        """Make a pool that a worker asks for runs."""
        pool = await new_pool(self.api, **members)
        await self.beat(pool)
        await poll(self.api, pool)
        return pool

    async def deployment(self, pool: Json | None = None, **members: Json) -> Json:
        """Make a deployment of a flow of its own, in a pool or in none."""
        where = {} if pool is None else {"work_pool_name": pool["name"]}
        return await self.api.created(
            "/deployments/", {"name": unique("d"), "flow_id": await new_flow(self.api), **where, **members}
        )

    async def run_of(self, deployment: Json, **state: Json) -> Json:
        """Make a run of a deployment that is due."""
        body = {"state": {"type": "SCHEDULED", **state}}
        return await self.api.created(f"/deployments/{deployment['id']}/create_flow_run", body)

    async def explain(self, run_id: str) -> Json:
        """Return the explanation, which must fit the wire."""
        answer = await self.api.get(f"/flow_runs/{run_id}/explain")
        assert answer.status == 200, answer.body
        Explanation.model_validate(answer.json)
        return answer.json


Scene = Callable[[World], Awaitable[str]]
SCENES: list[tuple[Scene, list[str]]] = []


def explained_by(*codes: str) -> Callable[[Scene], Scene]:
    """Register how a run comes to have these causes, in this order."""

    def register(scene: Scene) -> Scene:
        SCENES.append((scene, list(codes)))
        return scene

    return register


@explained_by("no_state")
async def a_run_of_which_nothing_was_said(world: World) -> str:
    run = await world.api.created("/flow_runs/", {"flow_id": await new_flow(world.api)})
    await world.write(f"UPDATE flow_runs SET state_id = NULL, state_type = NULL WHERE id = '{world.key(run['id'])}'")
    return run["id"]


@explained_by("deployment_gone")
async def a_rerun_of_a_deleted_deployment(world: World) -> str:
    deployment = await world.deployment(await world.served_pool())
    run = await world.run_of(deployment)
    for state in ("RUNNING", "SCHEDULED"):
        await world.api.created(f"/flow_runs/{run['id']}/set_state", {"state": {"type": state}, "force": True})
    assert (await world.api.request("DELETE", f"/deployments/{deployment['id']}")).status == 204
    return run["id"]


@explained_by("queue_gone", "late")
async def a_deleted_queue(world: World) -> str:
    pool = await world.served_pool()
    await new_queue(world.api, pool, "gone")
    run = await new_run(world.api, await new_flow(world.api), pool, "r", queue="gone")
    assert (await world.api.request("DELETE", f"/work_pools/{pool['name']}/queues/gone")).status == 204
    return run["id"]


@explained_by("no_queue")
async def a_scheduled_run_of_nothing(world: World) -> str:
    flow_id = await new_flow(world.api)
    return (await world.api.created("/flow_runs/", {"flow_id": flow_id, "state": {"type": "SCHEDULED"}}))["id"]


@explained_by("not_served")
async def a_deployment_that_nobody_serves(world: World) -> str:
    return (await world.run_of(await world.deployment()))["id"]


@explained_by("ready")
async def a_deployment_that_is_served(world: World) -> str:
    deployment = await world.deployment()
    run = await world.run_of(deployment)
    await world.api.created("/deployments/get_scheduled_flow_runs", {"deployment_ids": [deployment["id"]]})
    return run["id"]


@explained_by("pool_paused", "late")
async def a_paused_pool(world: World) -> str:
    pool = await world.served_pool()
    await world.api.request("PATCH", f"/work_pools/{pool['name']}", {"is_paused": True})
    return (await new_run(world.api, await new_flow(world.api), pool, "r"))["id"]


@explained_by("queue_paused", "late")
async def a_paused_queue(world: World) -> str:
    pool = await world.served_pool()
    await world.api.request("PATCH", f"/work_pools/{pool['name']}/queues/default", {"is_paused": True})
    return (await new_run(world.api, await new_flow(world.api), pool, "r"))["id"]


@explained_by("no_worker_ever", "late")
async def a_pool_that_nobody_works_for(world: World) -> str:
    return (await new_run(world.api, await new_flow(world.api), await new_pool(world.api), "r"))["id"]


@explained_by("no_worker_online", "late")
async def a_worker_that_is_gone(world: World) -> str:
    pool = await world.served_pool()
    await world.backdate("workers", "last_heartbeat_time", await world.beat(pool), 3600)
    await world.backdate("work_queues", "last_polled", pool["default_queue_id"], 3600)
    return (await new_run(world.api, await new_flow(world.api), pool, "r"))["id"]


@explained_by("other_queues_only", "late")
async def a_worker_of_other_queues(world: World) -> str:
    pool = await new_pool(world.api)
    await new_queue(world.api, pool, "mine")
    await world.beat(pool)
    await poll(world.api, pool, work_queue_names=["default"])
    return (await new_run(world.api, await new_flow(world.api), pool, "r", queue="mine"))["id"]


@explained_by("workers_do_not_ask", "late")
async def a_worker_that_hangs(world: World) -> str:
    pool = await world.served_pool()
    await world.backdate("work_queues", "last_polled", pool["default_queue_id"], 3600)
    return (await new_run(world.api, await new_flow(world.api), pool, "r"))["id"]


@explained_by("pool_limit_full", "late")
async def a_full_pool(world: World) -> str:
    pool, flow = await world.served_pool(concurrency_limit=1), await new_flow(world.api)
    await move(world.api, await new_run(world.api, flow, pool, "holder"), "PENDING")
    return (await new_run(world.api, flow, pool, "r"))["id"]


@explained_by("queue_limit_full", "late")
async def a_full_queue(world: World) -> str:
    pool, flow = await world.served_pool(), await new_flow(world.api)
    await new_queue(world.api, pool, "narrow", concurrency_limit=1)
    await poll(world.api, pool)
    await move(world.api, await new_run(world.api, flow, pool, "holder", queue="narrow"), "RUNNING")
    return (await new_run(world.api, flow, pool, "r", queue="narrow"))["id"]


@explained_by("deployment_limit_full")
async def a_full_deployment(world: World) -> str:
    deployment = await world.deployment(await world.served_pool(), concurrency_limit=1)
    await move(world.api, await world.run_of(deployment), "PENDING")
    run = await world.run_of(deployment)
    await move(world.api, run, "PENDING")  # is refused: the run awaits a slot
    return run["id"]


@explained_by("deployment_limit_full")
async def a_full_deployment_that_cancels(world: World) -> str:
    options = {"collision_strategy": "CANCEL_NEW"}
    deployment = await world.deployment(await world.served_pool(), concurrency_limit=1, concurrency_options=options)
    await move(world.api, await world.run_of(deployment), "PENDING")
    return (await world.run_of(deployment))["id"]


@explained_by("runs_ahead", "late")
async def a_run_behind_others(world: World) -> str:
    pool, flow = await world.served_pool(), await new_flow(world.api)
    await new_queue(world.api, pool, "urgent", priority=1)
    await new_run(world.api, flow, pool, "urgent", queue="urgent")
    await new_run(world.api, flow, pool, "earlier", due=-90)
    return (await new_run(world.api, flow, pool, "r"))["id"]


@explained_by("too_late", "late")
async def a_run_that_its_schedule_does_not_want_any_more(world: World) -> str:
    pool, flow = await world.served_pool(), await new_flow(world.api)
    run = await new_run(world.api, flow, pool, "r")
    await world.backdate("flow_runs", "start_before", run["id"], 20)
    return run["id"]


@explained_by("not_due")
async def a_run_of_the_future(world: World) -> str:
    return (await new_run(world.api, await new_flow(world.api), await world.served_pool(), "r", due=3600))["id"]


@explained_by("waiting_for_retry")
async def a_retry_that_waits_for_a_worker(world: World) -> str:
    run = await new_run(world.api, await new_flow(world.api), await world.served_pool(), "r")
    state = {"type": "SCHEDULED", "name": "AwaitingRetry", "state_details": {"scheduled_time": at(60)}}
    await world.api.created(f"/flow_runs/{run['id']}/set_state", {"state": state, "force": True})
    return run["id"]


@explained_by("waiting_for_retry")
async def a_retry_that_its_process_waits_for(world: World) -> str:
    return await _retry_in_process(world)


@explained_by("retry_overdue")
async def a_retry_whose_process_is_gone(world: World) -> str:
    run_id = await _retry_in_process(world)
    await world.backdate("flow_runs", "next_scheduled_start_time", run_id, 600)
    return run_id


@explained_by("pending")
async def a_run_that_a_worker_took(world: World) -> str:
    run = await new_run(world.api, await new_flow(world.api), await world.served_pool(), "r")
    await move(world.api, run, "PENDING")
    return run["id"]


@explained_by("no_worker_online", "pending")
async def a_run_whose_worker_went_away(world: World) -> str:
    run_id = await a_run_that_a_worker_took(world)
    pool = (await world.api.get(f"/flow_runs/{run_id}")).json["work_pool_name"]
    stored = (await world.api.get(f"/work_pools/{pool}")).json
    await world.backdate("workers", "last_heartbeat_time", await world.beat(stored), 3600)
    await world.backdate("work_queues", "last_polled", stored["default_queue_id"], 3600)
    return run_id


@explained_by("paused")
async def a_run_that_waits_for_input(world: World) -> str:
    return await _paused(world, 3600)


@explained_by("pause_expired")
async def a_run_that_waited_too_long(world: World) -> str:
    return await _paused(world, -3600)


@explained_by("cancelling")
async def a_run_that_is_to_end(world: World) -> str:
    run = await _started(world)
    await move(world.api, run, "CANCELLING")
    return run["id"]


@explained_by("running")
async def a_run_that_runs(world: World) -> str:
    return (await _started(world))["id"]


@explained_by("silent", "running")
async def a_run_of_which_nothing_is_heard(world: World) -> str:
    run_id = (await _started(world))["id"]
    key, workspace = world.key(run_id), world.key(str(DEFAULT_WORKSPACE_ID))
    beat = datetime.now(UTC) - timedelta(seconds=100)
    then = f"'{beat.isoformat()}'" if "postgresql" in world.server.database_url else int(beat.timestamp() * 1_000_000)
    await world.write(
        "INSERT INTO flow_run_heartbeats (flow_run_id, workspace_id, last_heartbeat, last_occurred, run_count, "
        f"interval_seconds) VALUES ('{key}', '{workspace}', {then}, {then}, 1, 30)"
    )
    return run_id


@explained_by("tag_limit_full", "running")
async def a_run_whose_tasks_wait_for_a_tag(world: World) -> str:
    run, tag = await _started(world), unique("tag")
    await world.api.created("/concurrency_limits/", {"tag": tag, "concurrency_limit": 1})
    for number in range(3):
        body = {"task_key": "t", "dynamic_key": str(number), "flow_run_id": run["id"], "tags": [tag]}
        task_run = await world.api.created("/task_runs/", {**body, "state": {"type": "PENDING"}})
        await world.api.created(f"/task_runs/{task_run['id']}/set_state", {"state": {"type": "RUNNING"}})
    return run["id"]


@explained_by("finished")
async def a_run_that_ended(world: World) -> str:
    run = await _started(world)
    await move(world.api, run, "FAILED", message="It broke.")
    return run["id"]


@explained_by("ready", "deployment_paused")
async def a_paused_deployment(world: World) -> str:
    deployment = await world.deployment(await world.served_pool())
    run = await world.run_of(deployment)
    await world.api.post(f"/deployments/{deployment['id']}/pause_deployment")
    return run["id"]


@explained_by("ready", "late", "schedule_paused")
async def a_late_run_of_a_paused_schedule(world: World) -> str:
    deployment, run_id = await _scheduled(world)
    schedule = f"/deployments/{deployment['id']}/schedules/{deployment['schedules'][0]['id']}"
    assert (await world.api.request("PATCH", schedule, {"active": False})).status == 204
    return run_id


@explained_by("ready", "late", "schedule_gone")
async def a_late_run_of_a_replaced_schedule(world: World) -> str:
    deployment, run_id = await _scheduled(world)
    answer = await world.api.post("/deployments/", {"name": deployment["name"], "flow_id": deployment["flow_id"]})
    assert answer.status == 200
    return run_id


@explained_by("ready")
async def a_run_that_just_waits_for_the_next_poll(world: World) -> str:
    return (await new_run(world.api, await new_flow(world.api), await world.served_pool(), "r", due=-1))["id"]


@explained_by("deployment_gone", "pool_paused", "queue_paused", "no_worker_ever", "pool_limit_full", "late")
async def everything_at_once(world: World) -> str:
    pool = await new_pool(world.api, concurrency_limit=0)
    deployment = await world.deployment(pool)
    run = await new_run(world.api, deployment["flow_id"], pool, "r", deployment_id=deployment["id"], queue="default")
    name = pool["name"]
    await world.write(f"DELETE FROM deployments WHERE id = '{world.key(deployment['id'])}'")
    assert (await world.api.request("PATCH", f"/work_pools/{name}", {"is_paused": True})).status == 204
    assert (await world.api.request("PATCH", f"/work_pools/{name}/queues/default", {"is_paused": True})).status == 204
    return run["id"]


@explained_by("not_due", "pool_paused", "no_worker_ever", "deployment_paused")
async def a_run_of_the_future_with_much_in_its_way(world: World) -> str:
    pool = await new_pool(world.api, concurrency_limit=0)
    deployment = await world.deployment(pool)
    run = await world.run_of(deployment, state_details={"scheduled_time": at(7200)})
    await world.api.request("PATCH", f"/work_pools/{pool['name']}", {"is_paused": True})
    await world.api.post(f"/deployments/{deployment['id']}/pause_deployment")
    return run["id"]


async def _started(world: World) -> Json:
    run = await world.api.created("/flow_runs/", {"flow_id": await new_flow(world.api)})
    await move(world.api, run, "RUNNING")
    return run


async def _paused(world: World, seconds: float) -> str:
    run = await _started(world)
    details = {"pause_timeout": at(seconds), "run_input_keyset": {"schema": "s", "response": "r"}}
    await move(world.api, run, "PAUSED", state_details=details)
    return run["id"]


async def _retry_in_process(world: World) -> str:
    policy = {"retries": 1, "retry_delay": 300}
    body = {"flow_id": await new_flow(world.api), "empirical_policy": policy}
    run = await world.api.created("/flow_runs/", body)
    await move(world.api, run, "RUNNING")
    answer = await move(world.api, run, "FAILED")
    assert answer["state"]["name"] == "AwaitingRetry"
    return run["id"]


async def _scheduled(world: World) -> tuple[Json, str]:
    """Make a deployment with a run that its schedule made for a time gone by."""
    schedules = [{"schedule": {"interval": 86400, "anchor_date": at(-3600)}}]
    deployment = await world.deployment(await world.served_pool(), schedules=schedules)
    body = {"start_time": at(-7200), "end_time": at(-1), "min_runs": 1}
    assert (await world.api.post(f"/deployments/{deployment['id']}/schedule", body)).status == 200
    made = {"flow_runs": {"deployment_id": {"any_": [deployment["id"]]}}}
    (run,) = (await world.api.post("/flow_runs/filter", made)).json
    return deployment, run["id"]
