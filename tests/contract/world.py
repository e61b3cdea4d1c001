"""One small set of objects for a contract test, made over the API, and the values that fill paths and bodies."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until

INPUT_KEY = "answer"


def iso(moment: datetime) -> str:
    """Return a time as the wire writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class World:
    """A flow with a paused run, a task run in it, a log line and a stored input; and, where asked for, two events."""

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


def event(**changed: Json) -> Json:
    """Return an event as a client sends it."""
    return {
        "id": str(uuid4()),
        "occurred": iso(datetime.now(UTC)),
        "event": "contract.checked",
        "resource": {"prefect.resource.id": f"contract.{uuid4()}", "prefect.resource.name": "contract"},
        "related": [{"prefect.resource.id": "contract.other", "prefect.resource.role": "witness"}],
        "payload": {"n": 1},
    } | changed


def log_line(flow_run_id: str, task_run_id: str | None = None) -> Json:
    """Return a log line as a client sends it."""
    return {
        "name": "prefect.flow_runs", "level": 20, "message": "hello", "timestamp": iso(datetime.now(UTC)),
        "flow_run_id": flow_run_id, "task_run_id": task_run_id,
    }  # fmt: skip


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
