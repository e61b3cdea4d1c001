"""Triggers of a deployment: each becomes an automation that runs it, and that goes with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato_wire.base import JsonObject

# Any below: JSON values.

_OF_AUTOMATION = ("name", "description", "enabled", "tags")
_OF_ACTION = ("parameters", "job_variables", "schedule_after")


def as_mapping(trigger: object) -> JsonObject:
    """Return a trigger as JSON; given as a mapping or as a model of pydantic. Raises TypeError for anything else."""
    if isinstance(trigger, BaseModel):
        # All members, for a trigger within another is known by its type only; an id is made anew by the server.
        return trigger.model_dump(mode="json", exclude_none=True, exclude={"id"})
    if isinstance(trigger, Mapping):
        return dict(cast("Mapping[str, Any]", trigger))
    raise TypeError(f"A trigger is a mapping or a model of pydantic, got {type(trigger).__name__}.")


def automations_for(triggers: Sequence[object], deployment_name: str, deployment_id: UUID) -> list[JsonObject]:
    """Return the body of `POST /automations/` for each trigger. Raises ValueError that names what is wrong.

    `name`, `description`, `enabled` and `tags` are those of the automation, `parameters`, `job_variables` and
    `schedule_after` those of its run; all else is the trigger. One without a name is called after the deployment.
    """
    from ostinato_wire.automations import AutomationCreate

    bodies: list[JsonObject] = []
    for number, given in enumerate(triggers, start=1):
        trigger = as_mapping(given)
        name = trigger.get("name") or f"{deployment_name}__automation_{number}"
        automation = {key: trigger.pop(key) for key in _OF_AUTOMATION if trigger.get(key) is not None}
        action = {key: trigger.pop(key) for key in _OF_ACTION if key in trigger}
        body = automation | {
            "name": name,
            "trigger": trigger.get("trigger", _completed(trigger)),
            "actions": [
                {"type": "run-deployment", "source": "selected", "deployment_id": str(deployment_id)}
                | {key: value for key, value in action.items() if value is not None}
            ],
            "owner_resource": f"prefect.deployment.{deployment_id}",
        }
        try:
            checked = AutomationCreate.model_validate(body)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            raise ValueError(f"The trigger {name!r} is not valid: {problems}") from None
        bodies.append(checked.model_dump(mode="json"))
    return bodies


def _completed(trigger: JsonObject) -> JsonObject:
    """Return a trigger with the members that people may leave out."""
    trigger = {key: value for key, value in trigger.items() if key not in _OF_AUTOMATION}
    if "triggers" in trigger:
        trigger["triggers"] = [_completed(as_mapping(below)) for below in trigger["triggers"]]
        trigger.setdefault("within", None)
        if trigger.get("type", "compound") == "compound":
            trigger.setdefault("require", "all")
        return trigger
    if "metric" not in trigger and trigger.get("type", "event") == "event":
        trigger.setdefault("posture", "Reactive")
    return trigger
