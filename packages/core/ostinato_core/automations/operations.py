"""What can be done with automations. Each change is told by an event that carries the automation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from ostinato_core.automations import repository
from ostinato_core.automations.errors import AutomationInvalid, AutomationNotFound
from ostinato_core.automations.job_variables import check_job_variables_of
from ostinato_core.automations.older_clients import may_have_forgotten, with_forgotten
from ostinato_core.automations.templates import check_templates
from ostinato_core.automations.triggers.cursors import automations_change
from ostinato_core.automations.triggers.store import forget
from ostinato_core.errors import LostRace
from ostinato_core.events.new_event import NewEvent
from ostinato_core.events.outbox import record
from ostinato_core.ids import new_id
from ostinato_core.metric_triggers.watching import watch_anew
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.actions import RunDeployment, Source
from ostinato_wire.automations import (
    AutomationCreate,
    AutomationPartialUpdate,
    AutomationsQuery,
    AutomationsWhere,
    AutomationUpdate,
)
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME
from ostinato_wire.triggers import CompoundTrigger, SequenceTrigger, Trigger


async def create_automation(tx: Transaction, automation: AutomationCreate) -> JsonDict:
    """Make an automation. Errors: ActionInvalid, ActionDeploymentNotFound, ActionJobVariablesInvalid."""
    await _check(tx, automation)
    await automations_change(tx)
    row: JsonDict = {"id": new_id(), "created": tx.now, "updated": tx.now, **_columns(automation)}
    await repository.insert(tx, row)
    await repository.relate(tx, row["id"], automation.owner_resource, _targets(automation))
    await watch_anew(tx, row)
    await record(tx, _event("created", row))
    return automation_json(row)


async def read_automation(tx: Transaction, automation_id: UUID) -> JsonDict:
    """Return an automation. Errors: AutomationNotFound."""
    return automation_json(await repository.get(tx, automation_id))


async def read_automations(tx: Transaction, query: AutomationsQuery, limit: int) -> list[JsonDict]:
    """Return automations that match, at most `limit`."""
    rows = await repository.select_where(tx, query.automations, query.sort, limit, query.offset)
    return [automation_json(row) for row in rows]


async def count_automations(tx: Transaction, where: AutomationsWhere) -> int:
    """Return how many automations match."""
    return await repository.count_where(tx, where.automations)


async def read_related_automations(tx: Transaction, resource_id: str) -> list[JsonDict]:
    """Return the automations that a resource owns, or that run it."""
    return [automation_json(row) for row in await repository.select_related(tx, resource_id)]


async def replace_automation(
    tx: Transaction, automation_id: UUID, automation: AutomationUpdate, *, is_reference: bool = False
) -> None:
    """Replace an automation; its owner stays, and what the client does not know (`is_reference`: the reference's).

    Errors: AutomationNotFound, and as for a new one.
    """
    if may_have_forgotten(automation, is_reference=is_reference):
        stored = await repository.get(tx, automation_id)
        automation = with_forgotten(stored, automation, is_reference=is_reference)
    await _check(tx, automation)
    await automations_change(tx)
    row = await repository.write(tx, automation_id, _columns(automation))
    if row is None:
        raise AutomationNotFound
    await forget(tx, automation_id)
    await repository.relate_anew(tx, automation_id, _targets(automation))
    await watch_anew(tx, row)
    await record(tx, _event("updated", row))


async def enable_automation(tx: Transaction, automation_id: UUID, update: AutomationPartialUpdate) -> None:
    """Enable or disable an automation. Errors: AutomationNotFound; AutomationInvalid where it may not be enabled."""
    row = await repository.get(tx, automation_id)
    if "enabled" not in update.model_fields_set:
        return
    try:
        AutomationUpdate.model_validate(automation_json(row) | {"enabled": update.enabled})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise AutomationInvalid(first["msg"]) from error
    await automations_change(tx)
    written = await repository.write(tx, automation_id, {"enabled": update.enabled}, unchanged_since=row["updated"])
    if written is None:
        raise LostRace
    await forget(tx, automation_id)
    if written["enabled"] is not row["enabled"]:
        await watch_anew(tx, written)
    await record(tx, _event("updated", written))


async def delete_automation(tx: Transaction, automation_id: UUID) -> None:
    """Delete an automation. Errors: AutomationNotFound."""
    await automations_change(tx)
    row = await repository.remove(tx, automation_id)
    if row is None:
        raise AutomationNotFound
    await record(tx, _event("deleted", row))


async def delete_owned_automations(tx: Transaction, *resource_ids: str) -> None:
    """Delete the automations that these resources own."""
    if not await repository.own_any(tx, resource_ids):
        return
    await automations_change(tx)
    rows = await repository.remove_owned(tx, resource_ids)
    await record(tx, *(_event("deleted", row) for row in rows))


def automation_json(row: Row) -> JsonDict:
    """Return an automation as the API answers it."""
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "name": row["name"],
        "description": row["description"],
        "enabled": row["enabled"],
        "tags": row["tags"],
        "trigger": row["trigger"],
        "actions": row["actions"],
        "actions_on_trigger": row["actions_on_trigger"],
        "actions_on_resolve": row["actions_on_resolve"],
    }


def renewed(trigger: Any) -> Any:  # Any: one of the triggers, and of the same type
    """Return a trigger with a fresh id, and so all within it: what was counted for the old ones is void."""
    fresh: JsonDict = {"id": new_id()}
    if isinstance(trigger, CompoundTrigger | SequenceTrigger):
        fresh["triggers"] = [renewed(each) for each in trigger.triggers]
    return trigger.model_copy(update=fresh)


async def _check(tx: Transaction, automation: AutomationUpdate) -> None:
    for member in ("actions", "actions_on_trigger", "actions_on_resolve"):
        check_templates(member, getattr(automation, member))
    await check_job_variables_of(tx, automation.actions)


def _columns(automation: AutomationUpdate) -> JsonDict:
    trigger: Trigger = renewed(automation.trigger)
    return {
        "name": automation.name,
        "description": automation.description,
        "enabled": automation.enabled,
        "tags": automation.tags,
        "trigger": trigger.model_dump(mode="json"),
        "actions": _dumped(automation.actions),
        "actions_on_trigger": _dumped(automation.actions_on_trigger),
        "actions_on_resolve": _dumped(automation.actions_on_resolve),
    }


def _dumped(actions: Sequence[Any]) -> list[JsonDict]:  # Any: one of the actions
    return [action.model_dump(mode="json") for action in actions]


def _targets(automation: AutomationUpdate) -> list[str]:
    """Return the resources that an automation runs; for those its relation can be asked for."""
    return [
        f"prefect.deployment.{action.deployment_id}"
        for action in automation.all_actions()
        if isinstance(action, RunDeployment) and action.source is Source.SELECTED
    ]


def _event(change: str, row: Row) -> NewEvent:
    return {
        "event": f"prefect.automation.{change}",
        "resource": {RESOURCE_ID: f"prefect.automation.{row['id']}", RESOURCE_NAME: row["name"]},
        "payload": {**automation_json(row), "created": _as_text(row["created"]), "updated": _as_text(row["updated"])},
    }


def _as_text(moment: datetime) -> str:
    """Return a time as the wire writes it: payloads are stored as they are."""
    return moment.isoformat().replace("+00:00", "Z")
