"""All SQL about automations and the resources that own them or that they act on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, delete, false, func, or_, select, true, update

from ostinato_core.automations.errors import AutomationNotFound
from ostinato_core.db.prepared import Prepared, prepare, prepare_insert, prepare_insert_or_ignore
from ostinato_core.db.tables import automation_resources, automations
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Condition
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.automations import AutomationFilter, AutomationSort
from ostinato_wire.filters import Operator

_OWN = automations.c
_RESOURCE = automation_resources.c
COLUMNS = tuple(column for column in _OWN if column.name != "workspace_id")
"""What the API answers of an automation, in a SELECT."""

_BY_ID = prepare(select(*COLUMNS).where(_OWN.id == bindparam("id"), _OWN.workspace_id == bindparam("workspace_id")))
_BY_IDS = Prepared(
    lambda dialect: select(*COLUMNS).where(
        dialect.is_in(_OWN.id, "ids"), _OWN.workspace_id == bindparam("workspace_id")
    )
)
_ENABLED = prepare(
    select(*COLUMNS).where(_OWN.workspace_id == bindparam("workspace_id"), _OWN.enabled == true()).order_by(_OWN.id)
)
_INSERT = prepare_insert(automations)
_INSERT_RESOURCE = prepare_insert_or_ignore(automation_resources, "automation_id", "resource_id")
_FORGET_TARGETS = prepare(
    delete(automation_resources).where(_RESOURCE.automation_id == bindparam("automation"), ~_RESOURCE.is_owner)
)
_SAYING = (_OWN.trigger, _OWN.actions, _OWN.actions_on_trigger, _OWN.actions_on_resolve)
_ORDERS: dict[AutomationSort, tuple[ColumnElement[Any], ...]] = {  # Any: columns are of many types
    AutomationSort.CREATED_DESC: (_OWN.created.desc(), _OWN.id.desc()),
    AutomationSort.UPDATED_DESC: (_OWN.updated.desc(), _OWN.id.desc()),
    AutomationSort.NAME_ASC: (_OWN.name.asc(), _OWN.id.asc()),
    AutomationSort.NAME_DESC: (_OWN.name.desc(), _OWN.id.desc()),
}


async def get(tx: Transaction, automation_id: UUID) -> Row:
    """Return the automation. Errors: AutomationNotFound."""
    row = await tx.first(_BY_ID, {"id": automation_id, "workspace_id": tx.workspace_id})
    if row is None:
        raise AutomationNotFound
    return row


async def get_all(tx: Transaction, automation_ids: Collection[UUID]) -> dict[UUID, Row]:
    """Return those of the automations that there are, by id."""
    rows = await tx.rows(_BY_IDS, {"ids": sorted(automation_ids), "workspace_id": tx.workspace_id})
    return {row["id"]: row for row in rows}


async def insert(tx: Transaction, row: JsonDict) -> None:
    """Insert an automation."""
    await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id})


async def write(
    tx: Transaction, automation_id: UUID, values: Mapping[str, Any], *, unchanged_since: datetime | None = None
) -> Row | None:
    """Write columns and return the automation; None where there is none, or it was changed since."""
    statement = update(automations).where(*_own(tx, automation_id))
    if unchanged_since is not None:
        statement = statement.where(_OWN.updated == unchanged_since)
    return await tx.first(statement.values(**values, updated=tx.now).returning(*COLUMNS))


async def remove(tx: Transaction, automation_id: UUID) -> Row | None:
    """Delete an automation with what belongs to it; return it, or None."""
    return await tx.first(delete(automations).where(*_own(tx, automation_id)).returning(*COLUMNS))


async def own_any(tx: Transaction, resource_ids: Sequence[str]) -> bool:
    """Return whether one of these resources owns automations."""
    return await tx.first(_owned_by(tx, resource_ids).limit(1)) is not None


async def remove_owned(tx: Transaction, resource_ids: Sequence[str]) -> Sequence[Row]:
    """Delete the automations that these resources own and that were made until now, and return them."""
    statement = delete(automations).where(_OWN.id.in_(_owned_by(tx, resource_ids)), _OWN.created <= tx.now)
    return await tx.rows(statement.returning(*COLUMNS))


def _owned_by(tx: Transaction, resource_ids: Sequence[str]) -> Select[tuple[UUID]]:
    is_owner = tx.dialect.is_one_of(_RESOURCE.resource_id, resource_ids)
    return select(_RESOURCE.automation_id).where(
        _RESOURCE.is_owner, is_owner, _RESOURCE.workspace_id == tx.workspace_id
    )


async def relate(tx: Transaction, automation_id: UUID, owner: str | None, targets: Sequence[str]) -> None:
    """Note who owns a new automation, and on what it acts."""
    named = dict.fromkeys(targets, False) | ({owner: True} if owner else {})
    for resource_id, is_owner in named.items():
        row = {
            "id": new_id(),
            "workspace_id": tx.workspace_id,
            "automation_id": automation_id,
            "resource_id": resource_id,
            "is_owner": is_owner,
        }
        await tx.run(_INSERT_RESOURCE, row)


async def relate_anew(tx: Transaction, automation_id: UUID, targets: Sequence[str]) -> None:
    """Note on what a changed automation acts; its owner stays."""
    await tx.run(_FORGET_TARGETS, {"automation": automation_id})
    await relate(tx, automation_id, None, targets)


async def select_where(
    tx: Transaction, wanted: AutomationFilter | None, sort: AutomationSort, limit: int, offset: int
) -> Sequence[Row]:
    """Return the automations that match, in order."""
    condition = _where(tx, wanted)
    return await tx.rows(select(*COLUMNS).where(condition).order_by(*_ORDERS[sort]).limit(limit).offset(offset))


async def count_where(tx: Transaction, wanted: AutomationFilter | None) -> int:
    """Return how many automations match."""
    return await tx.value(select(func.count()).select_from(automations).where(_where(tx, wanted)))


async def select_enabled(tx: Transaction) -> Sequence[Row]:
    """Return the automations that are enabled, in the order of their making."""
    return await tx.rows(_ENABLED, {"workspace_id": tx.workspace_id})


async def select_related(tx: Transaction, resource_id: str) -> Sequence[Row]:
    """Return the automations that a resource owns, or that act on it, by name."""
    ids = select(_RESOURCE.automation_id).where(
        _RESOURCE.resource_id == resource_id, _RESOURCE.workspace_id == tx.workspace_id
    )
    return await tx.rows(select(*COLUMNS).where(_OWN.id.in_(ids)).order_by(_OWN.name, _OWN.id))


def _own(tx: Transaction, automation_id: UUID) -> tuple[Condition, Condition]:
    return _OWN.id == automation_id, _OWN.workspace_id == tx.workspace_id


def _where(tx: Transaction, wanted: AutomationFilter | None) -> Condition:
    own = _OWN.workspace_id == tx.workspace_id
    return own if wanted is None else criteria.combine(Operator.AND, (own, automation_matches(tx, wanted)))


def automation_matches(tx: Transaction, wanted: AutomationFilter) -> Condition:
    """Return the condition on a row of `automations`."""
    conditions: list[Condition | None] = []
    if wanted.id is not None:
        conditions.append(criteria.any_of(tx.dialect, _OWN.id, wanted.id.any_))
    if wanted.name is not None:
        conditions.append(criteria.any_of(tx.dialect, _OWN.name, wanted.name.any_))
    if wanted.created is not None and wanted.created.before_ is not None:
        conditions.append(_OWN.created <= wanted.created.before_)
    if wanted.tags is not None:
        conditions.append(criteria.tags(tx.dialect, _OWN.tags, wanted.tags))
    if wanted.about is not None and wanted.about.any_ is not None:
        conditions.append(or_(false(), *(_is_about(tx, each) for each in wanted.about.any_)))
    return criteria.combine(wanted.operator, conditions)


def _is_about(tx: Transaction, object_id: UUID) -> Condition:
    # Looked for as text: there are few automations, and ids stand in many places of them.
    owned = select(_RESOURCE.automation_id).where(
        _RESOURCE.is_owner, _RESOURCE.workspace_id == tx.workspace_id, _RESOURCE.resource_id.endswith(f".{object_id}")
    )
    said = (criteria.contains(tx.dialect, cast(column, Text), str(object_id)) for column in _SAYING)
    return or_(_OWN.id.in_(owned), *said)
