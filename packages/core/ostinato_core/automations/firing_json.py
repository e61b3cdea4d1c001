"""Firings as JSON, and back: so those of the children of composite triggers are kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from ostinato_core.automations.firing import Firing, TriggerState
from ostinato_core.events.stored import from_content
from ostinato_core.states.rows import JsonDict


def firing_json(firing: Firing) -> JsonDict:
    """Return a firing with all that is within it, for orjson."""
    event = firing.triggering_event
    return {
        "id": str(firing.id),
        "trigger_id": str(firing.trigger_id),
        "state": firing.state.value,
        "triggered": firing.triggered.isoformat(),
        "triggering_labels": dict(firing.triggering_labels),
        "triggering_event": None if event is None else event.content(),
        "triggering_value": firing.triggering_value,
        "firings": [firing_json(each) for each in firing.firings],
    }


def read_firing(content: Mapping[str, Any]) -> Firing:  # Any: as `firing_json` returns it
    """Return the firing of which this is the JSON."""
    event = content["triggering_event"]
    return Firing(
        trigger_id=UUID(content["trigger_id"]),
        state=TriggerState(content["state"]),
        triggered=datetime.fromisoformat(content["triggered"]),
        triggering_labels=content["triggering_labels"],
        triggering_event=None if event is None else from_content(event),
        triggering_value=content["triggering_value"],
        firings=[read_firing(each) for each in content["firings"]],
        id=UUID(content["id"]),
    )
