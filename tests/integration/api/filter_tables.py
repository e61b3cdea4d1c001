"""The filters of nouns that have no random test: what there is, what is asked for, and what is found of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

from tests.support.client import Api
from tests.support.json import Json
from tests.support.pools import new_flow, new_pool, new_queue, new_run, unique

Made = dict[str, Json]
"""Objects by a letter; a text `$a.id` in a filter stands for a member of one."""


@dataclass(frozen=True)
class Table:
    """A noun's filter: `rows` are a filter, and the letters of the objects that it finds, in any order."""

    path: str
    member: str
    make: Callable[[Api], Awaitable[Made]]
    rows: tuple[tuple[Json, str], ...]


async def variables(api: Api) -> Made:
    """Three variables: with two tags, with one, with none."""
    tags: dict[str, list[Json]] = {"a": ["x", "y"], "b": ["x"], "c": []}
    stem = f"v_{uuid4().hex}"
    return {
        letter: await api.created("/variables/", {"name": f"{stem}_{letter}", "value": 1, "tags": given})
        for letter, given in tags.items()
    }


async def pools(api: Api) -> Made:
    """Three pools, one of another type."""
    types = {"a": "process", "b": "docker", "c": "process"}
    return {letter: await new_pool(api, type=type_) for letter, type_ in types.items()}


async def queues(api: Api) -> Made:
    """Three queues of a pool; the pool is under `pool`."""
    pool = await new_pool(api)
    stem = unique("q")
    made = {letter: await new_queue(api, pool, f"{letter}-{stem}") for letter in "abc"}
    return made | {"pool": pool}


async def workers(api: Api) -> Made:
    """Two workers that are online, one after the other; the pool is under `pool`."""
    pool = await new_pool(api)
    path = f"/work_pools/{pool['name']}/workers"
    for name in "ab":
        assert (await api.post(f"{path}/heartbeat", {"name": name})).status == 204
    return {each["name"]: each for each in (await api.post(f"{path}/filter")).json} | {"pool": pool}


async def deployments(api: Api) -> Made:
    """Three deployments, of two flows, one in a queue of its own, one paused."""
    pool, flow, other = await new_pool(api), await new_flow(api), await new_flow(api)
    await new_queue(api, pool, "narrow")
    bodies: dict[str, Json] = {
        "a": {"flow_id": flow, "tags": ["x", "y"], "work_pool_name": pool["name"], "work_queue_name": "narrow"},
        "b": {"flow_id": flow, "tags": ["x"], "work_pool_name": pool["name"], "paused": True},
        "c": {"flow_id": other},
    }
    made = {
        letter: await api.created("/deployments/", body | {"name": unique(letter)}) for letter, body in bodies.items()
    }
    return made | {"flow": (await api.get(f"/flows/{flow}")).json}


async def artifacts(api: Api) -> Made:
    """Three artifacts: two of runs, one with a key, one of a task run."""
    pool, flow = await new_pool(api), await new_flow(api)
    run = await new_run(api, flow, pool, "r")
    task = await api.created("/task_runs/", {"task_key": "t", "dynamic_key": "0", "flow_run_id": run["id"]})
    within = {"type": "markdown", "flow_run_id": run["id"]}
    return {
        "a": await api.created("/artifacts/", within | {"key": unique("a"), "type": "table"}),
        "b": await api.created("/artifacts/", within | {"task_run_id": task["id"]}),
        "c": await api.created("/artifacts/", {"type": "markdown"}),
    }


async def collections(api: Api) -> Made:
    """Two newest artifacts of their keys, one of a task run."""
    flow = await new_flow(api)
    run = await api.created("/flow_runs/", {"flow_id": flow})
    task = await api.created("/task_runs/", {"task_key": "t", "dynamic_key": "0", "flow_run_id": run["id"]})
    bodies: dict[str, Json] = {
        "a": {"type": "table", "flow_run_id": run["id"]},
        "b": {"type": "markdown", "task_run_id": task["id"]},
    }
    made: Made = {}
    for letter, body in bodies.items():
        artifact = await api.created("/artifacts/", body | {"key": unique(letter)})
        found = await api.post("/artifacts/latest/filter", {"artifacts": {"key": {"any_": [artifact["key"]]}}})
        made[letter] = found.json[0]
    return made


async def automations(api: Api) -> Made:
    """Three automations: with two tags, with one, with none."""
    trigger = {"type": "event", "posture": "Reactive", "expect": ["x"]}
    body: Json = {"trigger": trigger, "actions": [{"type": "do-nothing"}]}
    tags: dict[str, list[Json]] = {"a": ["x", "y"], "b": ["x"], "c": []}
    return {
        letter: await api.created("/automations/", body | {"name": unique(letter), "tags": given})
        for letter, given in tags.items()
    }


async def _blocks(api: Api) -> dict[str, Made]:
    """Return a block type, a schema and a document of it by letter; `a` is anonymous and can more."""
    made: dict[str, Made] = {}
    for letter in "ab":
        name = unique(letter)
        type_ = await api.created("/block_types/", {"name": name, "slug": name})
        capabilities = ["one", "two"] if letter == "a" else ["one"]
        schema_body: Json = {"block_type_id": type_["id"], "capabilities": capabilities, "version": letter}
        schema_body["fields"] = {"title": name, "type": "object", "properties": {}}
        schema = await api.created("/block_schemas/", schema_body)
        body: Json = {"name": name, "block_type_id": type_["id"], "block_schema_id": schema["id"], "data": {}}
        document = await api.created("/block_documents/", body | {"is_anonymous": letter == "a"})
        made[letter] = {"type": type_, "schema": schema, "document": document}
    return made


async def block_types(api: Api) -> Made:
    """Two block types; `schema` is the schema of one."""
    made = await _blocks(api)
    return {letter: each["type"] for letter, each in made.items()} | {"schema": made["a"]["schema"]}


async def block_schemas(api: Api) -> Made:
    """Two block schemas."""
    return {letter: each["schema"] for letter, each in (await _blocks(api)).items()}


async def block_documents(api: Api) -> Made:
    """Two block documents; `schema` and `type` are those of one."""
    made = await _blocks(api)
    documents = {letter: each["document"] for letter, each in made.items()}
    return documents | {"schema": made["a"]["schema"], "type": made["a"]["type"]}


def named_and_tagged(*, any_: bool) -> tuple[tuple[Json, str], ...]:
    """Rows for objects of which one has two tags, one one, one none."""
    some: tuple[tuple[Json, str], ...] = (({"tags": {"any_": ["y", "z"]}}, "a"), ({"tags": {"any_": []}}, ""))
    return (
        ({}, "abc"),
        ({"id": {"any_": ["$a.id", "$c.id"]}}, "ac"),
        ({"name": {"any_": ["$b.name"]}}, "b"),
        ({"tags": {"all_": ["x"]}}, "ab"),
        ({"tags": {"all_": ["y", "x"]}}, "a"),
        ({"tags": {"is_null_": True}}, "c"),
        ({"tags": {"is_null_": False}}, "ab"),
        ({"tags": {"all_": ["x"], "is_null_": True}}, ""),
        ({"tags": {"operator": "or_", "all_": ["y"], "is_null_": True}}, "ac"),
        ({"name": {"any_": ["$a.name"]}, "id": {"any_": ["$c.id"]}}, ""),
        ({"operator": "or_", "name": {"any_": ["$a.name"]}, "id": {"any_": ["$c.id"]}}, "ac"),
        *(some if any_ else ()),
    )


PLACES: tuple[tuple[Json, str], ...] = (
    ({}, "abc"),
    ({"id": {"any_": ["$a.id", "$c.id"]}}, "ac"),
    ({"name": {"any_": ["$b.name"]}}, "b"),
    ({"name": {"any_": []}}, ""),
    ({"operator": "or_", "id": {"any_": ["$a.id"]}, "name": {"any_": ["$b.name"]}}, "ab"),
)
QUEUES: tuple[tuple[Json, str], ...] = (
    *PLACES,
    ({"name": {"startswith_": ["$a.name", "$B.name"]}}, "ab"),
    ({"name": {"any_": ["$a.name"], "startswith_": ["$b.name"]}}, ""),
)

TABLES = (
    Table(
        "/variables/filter", "variables", variables,
        (*named_and_tagged(any_=False), ({"name": {"like_": "$B.name"}}, "b")),
    ),
    Table(
        "/automations/filter", "automations", automations,
        (*named_and_tagged(any_=True), ({"created": {"before_": "$b.created"}}, "ab")),
    ),
    Table("/work_pools/filter", "work_pools", pools, (*PLACES, ({"type": {"any_": ["docker", "x"]}}, "b"))),
    Table("/work_queues/filter", "work_queues", queues, QUEUES),
    Table("/work_pools/$pool.name/queues/filter", "work_queues", queues, QUEUES),
    Table(
        "/work_pools/$pool.name/workers/filter", "workers", workers,
        (
            ({"status": {"any_": ["ONLINE"]}}, "ab"),
            ({"status": {"any_": ["OFFLINE"]}}, ""),
            ({"status": {"not_any_": ["ONLINE"]}}, ""),
            ({"status": {"not_any_": ["OFFLINE"]}}, "ab"),
            ({"last_heartbeat_time": {"before_": "$a.last_heartbeat_time"}}, "a"),
            ({"last_heartbeat_time": {"after_": "$b.last_heartbeat_time"}}, "b"),
            (
                {
                    "operator": "or_", "status": {"any_": ["OFFLINE"]},
                    "last_heartbeat_time": {"after_": "$b.last_heartbeat_time"},
                },
                "b",
            ),
        ),
    ),
    Table(
        "/deployments/filter", "deployments", deployments,
        (
            *named_and_tagged(any_=True),
            ({"id": {"not_any_": ["$a.id"]}}, "bc"),
            ({"name": {"like_": "$B.name"}}, "b"),
            ({"flow_or_deployment_name": {"like_": "$FLOW.name"}}, "ab"),
            ({"flow_or_deployment_name": {"like_": "$C.name"}}, "c"),
            ({"paused": {"eq_": True}}, "b"),
            ({"paused": {"eq_": False}}, "ac"),
            ({"work_queue_name": {"any_": ["narrow"]}}, "a"),
            ({"work_queue_name": {"any_": []}}, ""),
            ({"concurrency_limit": {"ge_": 1, "le_": 3, "is_null_": True}}, "abc"),
            ({"operator": "or_", "concurrency_limit": {"ge_": 1}, "paused": {"eq_": True}}, "b"),
        ),
    ),
    Table(
        "/artifacts/filter", "artifacts", artifacts,
        (
            ({"id": {"any_": ["$a.id", "$c.id"]}}, "ac"),
            ({"key": {"any_": ["$a.key"]}}, "a"),
            ({"key": {"like_": "$A.key"}}, "a"),
            ({"key": {"exists_": True}}, "a"),
            ({"key": {"exists_": False}}, "bc"),
            ({"flow_run_id": {"any_": ["$a.flow_run_id"]}}, "ab"),
            ({"task_run_id": {"any_": ["$b.task_run_id"]}}, "b"),
            ({"type": {"any_": ["table"]}}, "a"),
            ({"type": {"not_any_": ["table"]}}, "bc"),
            ({"operator": "or_", "id": {"any_": ["$c.id"]}, "type": {"any_": ["table"]}}, "ac"),
        ),
    ),
    Table(
        "/artifacts/latest/filter", "artifacts", collections,
        (
            ({"latest_id": {"any_": ["$a.latest_id"]}}, "a"),
            ({"key": {"any_": ["$b.key"]}}, "b"),
            ({"key": {"like_": "$B.key"}}, "b"),
            ({"key": {"exists_": True}}, "ab"),
            ({"key": {"exists_": False}}, ""),
            ({"flow_run_id": {"any_": ["$a.flow_run_id"]}}, "a"),
            ({"task_run_id": {"any_": ["$b.task_run_id"]}}, "b"),
            ({"type": {"any_": ["table"]}}, "a"),
            ({"type": {"not_any_": ["table"]}}, "b"),
            ({"operator": "or_", "key": {"any_": ["$b.key"]}, "type": {"any_": ["table"]}}, "ab"),
        ),
    ),
    Table(
        "/block_types/filter", "block_types", block_types,
        (
            ({"name": {"like_": "$A.name"}}, "a"),
            ({"slug": {"any_": ["$b.slug"]}}, "b"),
            ({"name": {"like_": "$a.name"}, "slug": {"any_": ["$b.slug"]}}, ""),
        ),
    ),
    *(
        Table(
            path, "block_schemas", make,
            (
                ({"id": {"any_": ["$schema.id"]}}, "a"),
                ({"block_type_id": {"any_": ["$schema.block_type_id"]}}, "a"),
                ({"block_capabilities": {"all_": ["two", "one"]}}, "a"),
                ({"block_capabilities": {"all_": ["one"]}}, "ab"),
                ({"version": {"any_": ["b"]}}, "b"),
                ({"version": {"any_": ["b"]}, "id": {"any_": ["$schema.id"]}}, ""),
                ({"operator": "or_", "version": {"any_": ["b"]}, "id": {"any_": ["$schema.id"]}}, "ab"),
            ),
        )
        for path, make in (("/block_types/filter", block_types), ("/block_documents/filter", block_documents))
    ),
    Table(
        "/block_schemas/filter", "block_schemas", block_schemas,
        (
            ({"id": {"any_": ["$b.id"]}}, "b"),
            ({"block_type_id": {"any_": ["$a.block_type_id"]}}, "a"),
            ({"block_capabilities": {"all_": ["two"]}}, "a"),
            ({"version": {"any_": ["a", "c"]}}, "a"),
            ({"operator": "or_", "version": {"any_": ["a"]}, "id": {"any_": ["$b.id"]}}, "ab"),
        ),
    ),
    Table(
        "/block_documents/filter", "block_documents", block_documents,
        (
            ({"id": {"any_": ["$a.id", "$b.id"]}}, "b"),
            ({"is_anonymous": {"eq_": True}}, "a"),
            ({"is_anonymous": None, "block_type_id": {"any_": ["$a.block_type_id"]}}, "a"),
            ({"name": {"any_": ["$b.name"]}}, "b"),
            ({"name": {"like_": "$B.name"}}, "b"),
            ({"operator": "or_", "is_anonymous": {"eq_": True}, "name": {"any_": ["$b.name"]}}, "ab"),
        ),
    ),
    Table(
        "/block_documents/filter", "block_types", block_documents,
        (({"name": {"like_": "$TYPE.name"}}, "a"), ({"slug": {"any_": ["$b.name"]}}, "b")),
    ),
)  # fmt: skip
