"""Variables, concurrency limits and automations."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, cast
from uuid import UUID

from ostinato.client.errors import ObjectNotFound
from ostinato.events.schemas.automations import Automation, AutomationCore
from ostinato.transfer.items import EXISTS, Item, Skip, Target
from ostinato_wire.concurrency import ConcurrencyLimitV2Create, GlobalConcurrencyLimitResponse
from ostinato_wire.variables import Variable, VariableCreate

OF_DEPLOYMENT = "deployment:"
"""Names of limits that the server makes for a deployment, with which they come and go, begin so."""
_REFERENCES = ("deployment_id", "work_pool_id", "work_queue_id", "block_document_id", "automation_id")


def variables(found: Iterable[Variable]) -> Iterator[Item]:
    """Return items of variables."""
    return (Item(each.id, f"variable/{each.name}", partial(_make_variable, each)) for each in found)


def _make_variable(variable: Variable, target: Target) -> None:
    if target.client.read_variable_by_name(variable.name) is not None:
        raise Skip(EXISTS)
    target.client.create_variable(VariableCreate(name=variable.name, value=variable.value, tags=variable.tags))


def limits(found: Iterable[GlobalConcurrencyLimitResponse]) -> Iterator[Item]:
    """Return items of global limits, those of tags among them; nobody holds a slot of the copies."""
    return (
        Item(each.id, f"concurrency-limit/{each.name}", partial(_make_limit, each))
        for each in found
        if not each.name.startswith(OF_DEPLOYMENT)
    )


def _make_limit(limit: GlobalConcurrencyLimitResponse, target: Target) -> None:
    try:
        known = target.client.read_global_concurrency_limit_by_name(limit.name)
    except ObjectNotFound:
        body = ConcurrencyLimitV2Create(
            name=limit.name,
            limit=limit.limit,
            active=limit.active,
            slot_decay_per_second=limit.slot_decay_per_second,
        )
        target.known(limit.id, target.client.create_global_concurrency_limit(body).id)
    else:
        target.known(limit.id, known.id)
        raise Skip(EXISTS)


def automations(found: Iterable[Automation]) -> Iterator[Item]:
    """Return items of automations; one that acts on another comes after it."""
    acting = sorted(found, key=lambda each: any(getattr(action, "automation_id", None) for action in _actions(each)))
    return (Item(each.id, f"automation/{each.name}", partial(_make_automation, each)) for each in acting)


def _actions(automation: Automation) -> list[Any]:  # Any: actions of all kinds
    return [*automation.actions, *automation.actions_on_trigger, *automation.actions_on_resolve]


def _make_automation(automation: Automation, target: Target) -> None:
    known = target.client.read_automations_by_name(automation.name)
    if known:
        target.known(automation.id, known[0].id)
        raise Skip(EXISTS)
    for action in _actions(automation):
        for name in _REFERENCES:
            named: UUID | None = getattr(action, name, None)
            if named is not None:
                target.id_of(named)
    document = _renamed(automation.model_dump(mode="json"), {str(old): str(new) for old, new in target.ids.items()})
    body = AutomationCore.model_validate(document)
    target.known(automation.id, target.client.create_automation(body))


def _renamed(value: Any, ids: dict[str, str]) -> Any:  # Any: JSON values
    """Return JSON with the ids of the target in all texts, such as `prefect.deployment.<id>` of a trigger."""
    if isinstance(value, str):
        head, dot, tail = value.rpartition(".")
        return f"{head}{dot}{ids.get(tail, tail)}"
    if isinstance(value, dict):
        return {key: _renamed(item, ids) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_renamed(item, ids) for item in cast("list[Any]", value)]
    return value
