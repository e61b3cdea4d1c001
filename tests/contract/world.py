"""The objects that a contract test works on, and the values that they give to paths."""

import re
from dataclasses import dataclass, field
from uuid import uuid4

from tests.support.json import Json

PARAMETERS: dict[str, dict[str, tuple[str, str]]] = {
    "/flows/": {"id": ("flow", "id"), "name": ("flow", "name")},
    "/flow_runs/": {"id": ("flow_run", "id"), "key": ("flow_run_input", "key")},
    "/task_runs/": {"id": ("task_run", "id")},
    "/ui/task_runs/": {"id": ("task_run", "id")},
    "/flow_run_states/": {"id": ("flow_run", "state_id")},
    "/task_run_states/": {"id": ("task_run", "state_id")},
    "/deployments/": {
        "id": ("deployment", "id"), "schedule_id": ("deployment_schedule", "id"),
        "flow_name": ("flow", "name"), "deployment_name": ("deployment", "name"),
    },
    "/saved_searches/": {"id": ("saved_search", "id")},
    "/concurrency_limits/": {"id": ("tag_limit", "id"), "tag": ("tag_limit", "tag")},
    "/v2/concurrency_limits/": {"id_or_name": ("limit", "name"), "lease_id": ("lease", "lease_id")},
    "/block_types/": {
        "id": ("block_type", "id"), "slug": ("block_type", "slug"), "block_document_name": ("block_document", "name"),
    },
    "/block_schemas/": {"id": ("block_schema", "id"), "checksum": ("block_schema", "checksum")},
    "/block_documents/": {"id": ("block_document", "id")},
    "/work_pools/": {"name": ("work_pool", "name"), "work_pool_name": ("work_pool", "name")},
    "/work_pools/{work_pool_name}/queues/": {"name": ("pool_queue", "name")},
    "/work_pools/{work_pool_name}/workers/": {"name": ("worker", "name")},
    "/work_queues/": {"id": ("work_queue", "id"), "name": ("work_queue", "name")},
    "/artifacts/": {"id": ("artifact", "id"), "key": ("artifact", "key")},
    "/variables/": {"id": ("variable", "id"), "name": ("variable", "name")},
    "/automations/": {"id": ("automation", "id"), "resource_id": ("automation", "owner_resource")},
}  # fmt: skip
"""Path prefix -> parameter -> (kind of object, its member that fills the parameter); the longest prefix counts."""

FIXED = {"countable": "event", "view": "aggregate-worker-metadata"}
"""Parameters whose values are words of the API."""

UUID_PARAMETERS = ("id", "schedule_id", "lease_id")


@dataclass
class World:
    """The objects of one test by kind, each as the API answered it."""

<<<<<<< HEAD
    flow: Json
    flow_run: Json
    task_run: Json
    automation: Json
    event_id: str = ""
    page_token: str = ""

    def fill(self, path: str) -> str:
        """Put the ids of this world into a path template."""
        ids = {"flows": self.flow["id"], "flow_runs": self.flow_run["id"], "task_runs": self.task_run["id"]}
        ids |= {"flow_run_states": self.flow_run["state"]["id"], "task_run_states": self.task_run["state"]["id"]}
        ids["automations"] = self.automation["id"]
        noun = path.removeprefix("/ui").split("/")[1]
        filled = path.replace("{name}", self.flow["name"]).replace("{key}", INPUT_KEY).replace("{countable}", "event")
        filled = filled.replace("{resource_id}", "prefect.deployment.contract")
        return filled.replace("{id}", ids.get(noun, ""))
=======
    objects: dict[str, Json] = field(default_factory=dict[str, Json])

    def __getitem__(self, kind: str) -> Json:
        """Return the object of this kind; raises KeyError if the case does not name it as needed."""
        return self.objects[kind]

    def fill(self, path: str, *, unknown: tuple[str, ...] = ()) -> str:
        """Put the values of this world into a path template; those of the parameters `unknown` belong to nothing."""
        filled = path
        for name in parameters(path):
            if name in unknown:
                value = str(uuid4()) if name in UUID_PARAMETERS else f"no-{uuid4()}"
            elif name in FIXED:
                value = FIXED[name]
            else:
                kind, member = _source(path, name)
                value = str(self[kind][member])
            filled = filled.replace(f"{{{name}}}", value, 1)
        return filled
>>>>>>> contract


def parameters(path: str) -> list[str]:
    """Return the names of the parameters of a path template, in order."""
    return re.findall(r"\{(\w+)\}", path)


def path_kinds(path: str) -> tuple[str, ...]:
    """Return the kinds of object whose values fill a path template."""
    return tuple(_source(path, name)[0] for name in parameters(path) if name not in FIXED)


<<<<<<< HEAD
def window() -> Json:
    """Return the members that a history asks for: one hour around now in steps of ten minutes."""
    now = datetime.now(UTC)
    return {
        "history_start": iso(now - timedelta(minutes=30)),
        "history_end": iso(now + timedelta(minutes=30)),
        "history_interval_seconds": 600,
    }


def automation(**changed: Json) -> Json:
    """Return an automation that never fires."""
    trigger = {"type": "event", "posture": "Reactive", "expect": ["contract.never"], "threshold": 1, "within": 0}
    return {"name": f"automation-{uuid4()}", "trigger": trigger, "actions": [{"type": "do-nothing"}]} | changed


async def make_world(api: Api, *, with_events: bool) -> World:
    """Create the objects; every call makes new ones."""
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}", "tags": ["contract"], "labels": {"team": "a"}})
    state = {"type": "RUNNING", "name": "Running"}
    run = await api.created("/flow_runs/", {"flow_id": flow["id"], "state": state, "parameters": {"x": 1}})
    details = {
        "pause_key": "k",
        "pause_reschedule": False,
        "pause_timeout": iso(datetime.now(UTC) + timedelta(hours=1)),
    }
    paused = {"state": {"type": "PAUSED", "name": "Paused", "state_details": details}}
    await api.created(f"/flow_runs/{run['id']}/set_state", paused)
    task = {
        "flow_run_id": run["id"], "name": "extract-0", "task_key": "extract", "dynamic_key": str(uuid4()),
        "state": {"type": "PENDING"}, "task_inputs": {"x": [{"input_type": "task_run", "id": str(uuid4())}]},
    }  # fmt: skip
    task_run = await api.created("/task_runs/", task)
    assert (await api.post("/logs/", [log_line(run["id"], task_run["id"])])).status == 201
    stored = {"key": INPUT_KEY, "value": '{"x": 1}', "sender": None}
    assert (await api.post(f"/flow_runs/{run['id']}/input", stored)).status == 201
    flow_run = (await api.get(f"/flow_runs/{run['id']}")).json
    made = await api.created("/automations/", automation())
    return World(flow, flow_run, task_run, made, *(await _two_events(api) if with_events else ()))


async def _two_events(api: Api) -> tuple[str, str]:
    """Send two events and return an id of theirs and the token of a second page that holds the other."""
    pair = [event(), event()]
    assert (await api.post("/events", pair)).status == 204
    one = {"filter": {"event": {"name": ["contract.checked"]}}, "limit": 1}

    async def second_page() -> str | None:
        return (await api.post("/events/filter", one)).json["next_page"]

    page = await wait_until(second_page, seconds=20, every=0.05, what="a second page of events")
    assert page is not None
    return pair[0]["id"], page.split("page-token=")[1]
=======
def _source(path: str, name: str) -> tuple[str, str]:
    prefixes = [each for each in PARAMETERS if path.startswith(each) and name in PARAMETERS[each]]
    return PARAMETERS[max(prefixes, key=len)][name]
>>>>>>> contract
