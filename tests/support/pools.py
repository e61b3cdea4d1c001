"""Work pools, and runs that wait in them, for tests over HTTP."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.support.client import Api
from tests.support.json import Json


def unique(prefix: str) -> str:
    """Return a name that no other test uses."""
    return f"{prefix}-{uuid4()}"


def at(seconds: float) -> str:
    """Return the time in so many seconds, as the wire has it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def new_pool(api: Api, **members: Json) -> Json:
    """Make a pool of type process."""
    return await api.created("/work_pools/", {"name": unique("pool"), "type": "process", **members})


async def new_queue(api: Api, pool: Json, name: str, **members: Json) -> Json:
    """Make a queue in a pool."""
    return await api.created(f"/work_pools/{pool['name']}/queues", {"name": name, **members})


async def new_flow(api: Api) -> str:
    """Make a flow and return its id."""
    return (await api.created("/flows/", {"name": unique("flow")}))["id"]


async def new_run(
    api: Api, flow_id: str, pool: Json, name: str, *, due: float = -60, queue: str | None = None, **members: Json
) -> Json:
    """Make a run that waits in a queue of a pool and is due in so many seconds."""
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": at(due)}}
    body = {"flow_id": flow_id, "name": name, "work_pool_name": pool["name"], "work_queue_name": queue, "state": state}
    return await api.created("/flow_runs/", body | members)


async def poll(api: Api, pool: Json, **asked: Json) -> list[str]:
    """Return the names of the runs that a worker of the pool is given, in order."""
    answer = await api.post(f"/work_pools/{pool['name']}/get_scheduled_flow_runs", asked)
    assert answer.status == 200, answer.body
    return [each["flow_run"]["name"] for each in answer.json]


async def move(api: Api, run: Json, state: str, **members: Json) -> Json:
    """Propose a state and return what became of it."""
    return await api.created(f"/flow_runs/{run['id']}/set_state", {"state": {"type": state, **members}})
