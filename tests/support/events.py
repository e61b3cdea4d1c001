"""Events as clients send them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from ostinato_core.events.parsing import ParsedEvent, parse
from ostinato_core.ids import new_id
from tests.support.json import Json

START = datetime(2026, 11, 22, 4, 20, tzinfo=UTC)
"""The time of the first state of a task run, unless a test says otherwise."""


def iso(moment: datetime) -> str:
    """Return a time as the wire writes it."""
    return moment.isoformat().replace("+00:00", "Z")


def plain_event(name: str = "something.happened", **changed: Json) -> dict[str, Json]:
    """Return an event of no task run."""
    event: dict[str, Json] = {
        "occurred": iso(datetime.now(UTC)),
        "event": name,
        "resource": {"prefect.resource.id": f"thing.{new_id()}"},
        "related": [],
        "payload": {},
        "id": str(new_id()),
    }
    return event | changed


def task_run_event(
    flow_run_id: UUID | None,
    task_run_id: UUID,
    state: str,
    second: int = 0,
    *,
    dynamic_key: str = "0",
    members: dict[str, Json] | None = None,
    details: dict[str, Json] | None = None,
    message: str = "",
) -> dict[str, Json]:
    """Return the event of a task run's state, `second` seconds after START (websockets.md, section 3.2)."""
    occurred = START + timedelta(seconds=second)
    related: list[Json] = []
    if flow_run_id is not None:
        related = [{"prefect.resource.id": f"prefect.flow-run.{flow_run_id}", "prefect.resource.role": "flow-run"}]
    return {
        "occurred": iso(occurred),
        "event": f"prefect.task-run.{state.capitalize()}",
        "id": str(new_id()),
        "resource": {
            "prefect.resource.id": f"prefect.task-run.{task_run_id}",
            "prefect.resource.name": "extract-0",
            "prefect.orchestration": "client",
        },
        "related": related,
        "payload": {
            "intended": {"from": None, "to": state},
            "initial_state": None,
            "validated_state": {
                "type": state,
                "name": state.capitalize(),
                "message": message,
                "state_details": details or {},
                "data": None,
            },
            "task_run": {"task_key": "extract-1a2b", "dynamic_key": dynamic_key, **(members or {})},
        },
    }


def parsed(*events: Json) -> list[ParsedEvent]:
    """Return events as they come out of frames."""
    return [parse(orjson.dumps(event)) for event in events]
