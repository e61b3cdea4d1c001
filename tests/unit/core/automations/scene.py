"""Events, triggers and rows of automations for the pure tests; times are seconds from `START`."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from ostinato_core.events.stored import StoredEvent
from ostinato_core.states.rows import Row
from ostinato_wire.automations import AutomationCreate

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return a time."""
    return START + timedelta(seconds=seconds)


def happened(
    name: str = "a", seconds: float = 0, *, received: float | None = None, resource: str = "thing", **members: Any
) -> StoredEvent:
    """Return an event that occurred then, and was taken in at that time or another."""
    return StoredEvent(
        cursor=(0, 0),
        id=members.pop("id", None) or uuid4(),
        occurred=at(seconds),
        received=at(seconds if received is None else received),
        event=name,
        resource={"prefect.resource.id": resource, **members.pop("labels", {})},
        related=members.pop("related", []),
        payload=members.pop("payload", {}),
        follows=members.pop("follows", None),
    )


def automation(trigger: dict[str, Any], automation_id: UUID | None = None) -> Row:
    """Return the row of an automation, with as much of it as its evaluation looks at."""
    made = AutomationCreate.model_validate({"name": "n", "trigger": trigger, "actions": [{"type": "do-nothing"}]})
    return {"id": automation_id or uuid4(), "name": "n", "trigger": made.trigger.model_dump(mode="json")}


def reactive(*expect: str, **members: Any) -> dict[str, Any]:
    """Return a reactive trigger."""
    return {"type": "event", "posture": "Reactive", "expect": list(expect), **members}


def proactive(*expect: str, **members: Any) -> dict[str, Any]:
    """Return a proactive trigger."""
    return {"type": "event", "posture": "Proactive", "expect": list(expect), **members}
