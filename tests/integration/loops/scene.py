"""Runs for the loops to find, made and looked at over HTTP; and loops that tick until there is no more to do."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from uuid import uuid4

from ostinato_core.clock import utc_now
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Loop
from tests.support.client import Api
from tests.support.json import Json
from tests.support.loops import tick_to_end
from tests.support.pools import new_flow

NEW = {"User-Agent": "prefect/3.8.4 (API 0.8.4)"}


def later(seconds: float) -> str:
    """Return the time in so many seconds of the test's clock, as the wire has it."""
    return (utc_now() + timedelta(seconds=seconds)).isoformat()


async def tick_all(loops: Iterable[Loop]) -> int:
    """Let loops tick at once, as replicas do, until none has more to do; return how much they did together."""
    return sum(await asyncio.gather(*map(tick_to_end, loops)))


def twice(kind: type[Loop], databases: Iterable[Database], settings: ServerSettings) -> list[Loop]:
    """Return the loop as each of several processes has it."""
    return [kind(database, settings) for database in databases]


async def new_run(api: Api, state: str | Json = "RUNNING", *, parent: str | None = None, **members: Json) -> Json:
    """Make a flow run in a type of state or a whole one, with members of its body; `parent` is a task run."""
    flow_id = members.pop("flow_id", None) or await new_flow(api)
    body = {"flow_id": flow_id, "parent_task_run_id": parent, "state": _state(state)}
    return await api.created("/flow_runs/", body | members)


async def new_task_run(api: Api, flow_run: Json | None, state: str | Json = "RUNNING", **members: Json) -> Json:
    """Make a task run, in a flow run or alone."""
    flow_run_id = None if flow_run is None else flow_run["id"]
    body: Json = {"flow_run_id": flow_run_id, "task_key": "task", "dynamic_key": str(uuid4()), "state": _state(state)}
    return await api.created("/task_runs/", body | members)


async def new_child(api: Api, parent: Json, state: str | Json = "RUNNING", **members: Json) -> Json:
    """Make a sub-flow run with the task run that stands for it."""
    stand_in = await new_task_run(api, parent, state)
    return await new_run(api, state, parent=stand_in["id"], **members)


def _state(state: str | Json) -> Json:
    return {"type": state} if isinstance(state, str) else state


async def new_deployment(api: Api, **members: Json) -> Json:
    """Make a deployment of a flow of its own."""
    return await api.created("/deployments/", {"name": "d", "flow_id": await new_flow(api), **members})


async def move(api: Api, run: Json, state: str, *, cascade: bool = False, force: bool = False, **members: Json) -> Json:
    """Propose a state, and return the answer."""
    path = f"/flow_runs/{run['id']}/set_state" + ("?cascade=true" if cascade else "")
    body = {"state": {"type": state, **members}, "force": force}
    answer = await api.request("POST", path, body, headers=NEW)
    assert answer.status in (200, 201), answer.body
    return answer.json


async def state_of(api: Api, run: Json) -> Json:
    """Return the state in which a flow run is."""
    return (await api.get(f"/flow_runs/{run['id']}")).json["state"]


async def type_of(api: Api, run: Json) -> str:
    """Return the type of the state in which a flow run is."""
    return (await state_of(api, run))["type"]


async def task_state_of(api: Api, run: Json) -> Json:
    """Return the state in which a task run is."""
    return (await api.get(f"/task_runs/{run['id']}")).json["state"]


async def events_of(api: Api, kind: str, thing: Json) -> list[str]:
    """Return the last part of the names of an object's events, the oldest first."""
    occurred = {"since": later(-86_400), "until": later(86_400)}
    wanted = {"resource": {"id": [f"prefect.{kind}.{thing['id']}"]}, "order": "ASC", "occurred": occurred}
    found = (await api.post("/events/filter", {"filter": wanted, "limit": 50})).json["events"]
    return [event["event"].rsplit(".", 1)[1] for event in found]
