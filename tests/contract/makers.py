"""How each kind of object of a contract test is made over the API; an object first asks for those it hangs on."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.contract.samples import AUTOMATION, BLOCK_FIELDS, DAILY, PARAMETER_SCHEMA, event, iso, log_line
from tests.contract.world import World
from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until

INPUT_KEY = "answer"


class Builder:
    """Makes the objects of one world, each once."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.world = World()

    async def need(self, kind: str) -> Json:
        """Return the object of this kind, made now if there is none yet."""
        if kind not in self.world.objects:
            self.world.objects[kind] = await MAKERS[kind](self)
        return self.world.objects[kind]


async def make_world(api: Api, kinds: tuple[str, ...]) -> World:
    """Create new objects of these kinds, and of those that they hang on."""
    builder = Builder(api)
    for kind in kinds:
        await builder.need(kind)
    return builder.world


async def _flow(make: Builder) -> Json:
    labels = {"team": "a"}
    return await make.api.created("/flows/", {"name": f"flow-{uuid4()}", "tags": ["contract"], "labels": labels})


async def _flow_run(make: Builder) -> Json:
    """A paused run with parameters: it can be resumed."""
    flow = await make.need("flow")
    state = {"type": "RUNNING", "name": "Running"}
    run = await make.api.created("/flow_runs/", {"flow_id": flow["id"], "state": state, "parameters": {"x": 1}})
    timeout = iso(datetime.now(UTC) + timedelta(hours=1))
    details = {"pause_key": "k", "pause_reschedule": False, "pause_timeout": timeout}
    paused = {"state": {"type": "PAUSED", "name": "Paused", "state_details": details}}
    await make.api.created(f"/flow_runs/{run['id']}/set_state", paused)
    return (await make.api.get(f"/flow_runs/{run['id']}")).json


async def _flow_run_input(make: Builder) -> Json:
    run = await make.need("flow_run")
    stored = {"key": INPUT_KEY, "value": '{"x": 1}', "sender": None}
    assert (await make.api.post(f"/flow_runs/{run['id']}/input", stored)).status == 201
    return stored


async def _task_run(make: Builder) -> Json:
    run = await make.need("flow_run")
    task = {
        "flow_run_id": run["id"], "name": "extract-0", "task_key": "extract", "dynamic_key": str(uuid4()),
        "state": {"type": "PENDING"}, "task_inputs": {"x": [{"input_type": "task_run", "id": str(uuid4())}]},
    }  # fmt: skip
    return await make.api.created("/task_runs/", task)


async def _log(make: Builder) -> Json:
    line = log_line((await make.need("flow_run"))["id"], (await make.need("task_run"))["id"])
    assert (await make.api.post("/logs/", [line])).status == 201
    return line


async def _events(make: Builder) -> Json:
    """Two events, told by the id of one and the token of a second page that holds the other."""
    pair = [event(), event()]
    assert (await make.api.post("/events", pair)).status == 204
    one = {"filter": {"event": {"name": ["contract.checked"]}}, "limit": 1}

    async def second_page() -> str | None:
        return (await make.api.post("/events/filter", one)).json["next_page"]

    page = await wait_until(second_page, seconds=20, every=0.05, what="a second page of events")
    assert page is not None
    return {"id": pair[0]["id"], "page_token": page.split("page-token=")[1]}


async def _deployment(make: Builder) -> Json:
    wanted = {
        "name": f"deployment-{uuid4()}", "flow_id": (await make.need("flow"))["id"], "tags": ["contract"],
        "schedules": [{"schedule": DAILY, "slug": "daily", "parameters": {"x": 2}}], "labels": {"team": "a"},
        "parameter_openapi_schema": PARAMETER_SCHEMA, "parameters": {"x": 1}, "entrypoint": "flows.py:etl",
        "pull_steps": [{"step": {"directory": "/"}}], "concurrency_limit": 3,
        "concurrency_options": {"collision_strategy": "ENQUEUE"},
    }  # fmt: skip
    return await make.api.created("/deployments/", wanted)


async def _deployment_schedule(make: Builder) -> Json:
    return (await make.need("deployment"))["schedules"][0]


async def _deployment_run(make: Builder) -> Json:
    """A run of the deployment that is due."""
    deployment = await make.need("deployment")
    return await make.api.created(f"/deployments/{deployment['id']}/create_flow_run", {})


async def _pooled_deployment(make: Builder) -> Json:
    """A deployment whose runs go to the pool's queue."""
    wanted = {
        "name": f"deployment-{uuid4()}", "flow_id": (await make.need("flow"))["id"],
        "work_pool_name": (await make.need("work_pool"))["name"],
        "work_queue_name": (await make.need("pool_queue"))["name"],
    }  # fmt: skip
    return await make.api.created("/deployments/", wanted)


async def _pooled_run(make: Builder) -> Json:
    """A run that waits, due, in the pool's queue."""
    deployment = await make.need("pooled_deployment")
    return await make.api.created(f"/deployments/{deployment['id']}/create_flow_run", {})


async def _work_pool(make: Builder) -> Json:
    template = {
        "job_configuration": {"command": "{{ command }}"},
        "variables": {"type": "object", "properties": {"command": {"type": "string", "default": "true"}}},
    }
    wanted = {"name": f"pool-{uuid4()}", "type": "process", "base_job_template": template, "concurrency_limit": 5}
    return await make.api.created("/work_pools/", wanted)


async def _pool_queue(make: Builder) -> Json:
    pool = await make.need("work_pool")
    wanted = {"name": f"queue-{uuid4()}", "concurrency_limit": 4, "description": "for tests"}
    return await make.api.created(f"/work_pools/{pool['name']}/queues", wanted)


async def _worker(make: Builder) -> Json:
    pool = await make.need("work_pool")
    worker = {"name": f"worker-{uuid4()}", "heartbeat_interval_seconds": 30}
    answer = await make.api.post(f"/work_pools/{pool['name']}/workers/heartbeat", worker)
    assert answer.status == 204, answer.body
    return worker


async def _work_queue(make: Builder) -> Json:
    """A queue of the pool of old agents, which takes runs by their deployment."""
    return await make.api.created("/work_queues/", {"name": f"queue-{uuid4()}", "concurrency_limit": 2})


async def _tag_limit(make: Builder) -> Json:
    return await make.api.created("/concurrency_limits/", {"tag": f"tag-{uuid4()}", "concurrency_limit": 3})


async def _limit(make: Builder) -> Json:
    return await make.api.created("/v2/concurrency_limits/", {"name": f"limit-{uuid4()}", "limit": 10})


async def _lease(make: Builder) -> Json:
    limit = await make.need("limit")
    wanted = {"names": [limit["name"]], "slots": 1, "holder": {"type": "flow_run", "id": str(uuid4())}}
    return await make.api.created("/v2/concurrency_limits/increment-with-lease", wanted)


async def _block_type(make: Builder) -> Json:
    name = f"block-{uuid4()}"
    wanted = {"name": name, "slug": name, "description": "A block.", "code_example": "Block()"}
    return await make.api.created("/block_types/", wanted)


async def _block_schema(make: Builder) -> Json:
    """A schema of its own: schemas are told apart by the checksum of their fields."""
    block_type = await make.need("block_type")
    wanted = {
        "fields": BLOCK_FIELDS | {"title": block_type["name"]}, "block_type_id": block_type["id"],
        "capabilities": ["read-path", "write-path"], "version": "1.0",
    }  # fmt: skip
    return await make.api.created("/block_schemas/", wanted)


async def _block_document(make: Builder) -> Json:
    schema = await make.need("block_schema")
    wanted = {
        "name": f"document-{uuid4()}", "data": {"path": "/data", "password": "hush"},
        "block_schema_id": schema["id"], "block_type_id": schema["block_type_id"],
    }  # fmt: skip
    return await make.api.created("/block_documents/", wanted)


async def _artifact(make: Builder) -> Json:
    run, task = await make.need("flow_run"), await make.need("task_run")
    wanted = {
        "key": f"artifact-{uuid4()}", "type": "markdown", "description": "A table.", "data": "# Hello",
        "metadata_": {"rows": "3"}, "flow_run_id": run["id"], "task_run_id": task["id"],
    }  # fmt: skip
    return await make.api.created("/artifacts/", wanted)


async def _variable(make: Builder) -> Json:
    return await make.api.created("/variables/", {"name": f"variable-{uuid4()}", "value": {"x": 1}, "tags": ["a"]})


async def _saved_search(make: Builder) -> Json:
    criterion = {"object": "flow", "property": "name", "type": "string", "operation": "equals", "value": "etl"}
    answer = await make.api.request("PUT", "/saved_searches/", {"name": f"search-{uuid4()}", "filters": [criterion]})
    assert answer.status == 201, answer.body
    return answer.json


async def _automation(make: Builder) -> Json:
    """An automation that a deployment owns; the answer does not say so, the returned object does."""
    owner = f"prefect.deployment.{uuid4()}"
    wanted = AUTOMATION | {"name": f"automation-{uuid4()}", "owner_resource": owner}
    return await make.api.created("/automations/", wanted) | {"owner_resource": owner}


MAKERS: dict[str, Callable[[Builder], Awaitable[Json]]] = {
    "flow": _flow,
    "flow_run": _flow_run,
    "flow_run_input": _flow_run_input,
    "task_run": _task_run,
    "log": _log,
    "events": _events,
    "deployment": _deployment,
    "deployment_schedule": _deployment_schedule,
    "deployment_run": _deployment_run,
    "pooled_deployment": _pooled_deployment,
    "pooled_run": _pooled_run,
    "work_pool": _work_pool,
    "pool_queue": _pool_queue,
    "worker": _worker,
    "work_queue": _work_queue,
    "tag_limit": _tag_limit,
    "limit": _limit,
    "lease": _lease,
    "block_type": _block_type,
    "block_schema": _block_schema,
    "block_document": _block_document,
    "artifact": _artifact,
    "variable": _variable,
    "saved_search": _saved_search,
    "automation": _automation,
}
"""Kind of object -> how it is made."""
