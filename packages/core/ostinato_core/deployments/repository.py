"""All SQL about deployments, apart from their schedules and runs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, update

from ostinato_core.db.prepared import prepare, prepare_insert_or_ignore
from ostinato_core.db.tables import deployments, flows
from ostinato_core.deployments.errors import DeploymentNotFound
from ostinato_core.deployments.rows import COLUMNS, LISTED_COLUMNS, SOURCE
from ostinato_core.errors import LostRace
from ostinato_core.filters.existence import deployments_where
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.deployments import DeploymentSort, DeploymentsWhere

_DEPLOYMENT = deployments.c
_OWN = _DEPLOYMENT.workspace_id == bindparam("workspace_id")
_SELECT = select(*COLUMNS).select_from(SOURCE)
_SELECT_LISTED = select(*LISTED_COLUMNS).select_from(SOURCE)
_BY_ID = prepare(_SELECT.where(_DEPLOYMENT.id == bindparam("id"), _OWN))
_BY_KEY = prepare(
    _SELECT.where(_DEPLOYMENT.flow_id == bindparam("flow_id"), _DEPLOYMENT.name == bindparam("name"), _OWN)
)
_BY_NAMES = prepare(_SELECT.where(flows.c.name == bindparam("flow_name"), _DEPLOYMENT.name == bindparam("name"), _OWN))
_INSERT = prepare_insert_or_ignore(deployments, "flow_id", "name")
_HOLD = prepare(
    update(deployments)
    .where(_DEPLOYMENT.id == bindparam("key"), _DEPLOYMENT.updated == bindparam("seen"))
    .values(status=_DEPLOYMENT.status)
)

_ORDERS: dict[DeploymentSort, tuple[ColumnElement[Any], ...]] = {  # Any: columns are of many types
    DeploymentSort.NAME_ASC: (_DEPLOYMENT.name.asc(), _DEPLOYMENT.id.asc()),
    DeploymentSort.NAME_DESC: (_DEPLOYMENT.name.desc(), _DEPLOYMENT.id.desc()),
    DeploymentSort.CREATED_DESC: (_DEPLOYMENT.created.desc(), _DEPLOYMENT.id.desc()),
    DeploymentSort.UPDATED_DESC: (_DEPLOYMENT.updated.desc(), _DEPLOYMENT.id.desc()),
}


async def find(tx: Transaction, deployment_id: UUID) -> Row | None:
    """Return the deployment with what is around it, or None."""
    return await tx.first(_BY_ID, {"id": deployment_id, "workspace_id": tx.workspace_id})


async def get(tx: Transaction, deployment_id: UUID, *, end: str = "") -> Row:
    """Return the deployment with what is around it. Errors: DeploymentNotFound, whose sentence ends with `end`."""
    row = await find(tx, deployment_id)
    if row is None:
        raise DeploymentNotFound(end)
    return row


async def find_by_key(tx: Transaction, flow_id: UUID, name: str) -> Row | None:
    """Return the deployment of a flow by its name, or None."""
    return await tx.first(_BY_KEY, {"flow_id": flow_id, "name": name, "workspace_id": tx.workspace_id})


async def find_by_names(tx: Transaction, flow_name: str, name: str) -> Row | None:
    """Return the deployment by the names of its flow and of its own, or None."""
    return await tx.first(_BY_NAMES, {"flow_name": flow_name, "name": name, "workspace_id": tx.workspace_id})


async def insert(tx: Transaction, row: JsonDict) -> None:
    """Insert a deployment. Errors: LostRace where its flow has one of that name by now."""
    if await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id}) != 1:
        raise LostRace


async def write(tx: Transaction, seen: Row, values: Mapping[str, Any]) -> None:  # Any: columns are of many types
    """Write columns of a deployment, and hold its row until the transaction ends.

    Errors: LostRace where the deployment is not any more as it was seen.
    """
    own = (_DEPLOYMENT.id == seen["id"], _DEPLOYMENT.updated == seen["updated"])
    later = max(tx.now, _after(seen["updated"]))
    if await tx.run(update(deployments).where(*own).values(**values, updated=later)) != 1:
        raise LostRace


def _after(time: datetime) -> datetime:
    # Two changes may fall into one tick of the clock: the second still has to be told from the first.
    return time + datetime.resolution


async def select_where(
    tx: Transaction, where: DeploymentsWhere, sort: DeploymentSort, limit: int, offset: int
) -> Sequence[Row]:
    """Return the deployments that match, in order."""
    return await tx.rows(_in_order(tx, _SELECT, where, sort).limit(limit).offset(offset))


async def select_listed(
    tx: Transaction, where: DeploymentsWhere, sort: DeploymentSort, limit: int, offset: int
) -> Sequence[Row]:
    """Return what a list shows of the deployments that match, in order."""
    return await tx.rows(_in_order(tx, _SELECT_LISTED, where, sort).limit(limit).offset(offset))


def _in_order(
    tx: Transaction, statement: Select[Any], where: DeploymentsWhere, sort: DeploymentSort
) -> Select[Any]:  # Any: of columns of many types
    return statement.where(deployments_where(tx, where)).order_by(*_ORDERS[sort])


async def count_where(tx: Transaction, where: DeploymentsWhere) -> int:
    """Return how many deployments match."""
    return await tx.value(select(func.count()).select_from(deployments).where(deployments_where(tx, where)))


async def select_of_flows(tx: Transaction, flow_ids: Sequence[UUID]) -> Sequence[Row]:
    """Return all deployments of flows."""
    mine = (tx.dialect.is_one_of(_DEPLOYMENT.flow_id, flow_ids), _DEPLOYMENT.workspace_id == tx.workspace_id)
    return await tx.rows(_SELECT.where(*mine))


async def select_by_ids(tx: Transaction, deployment_ids: Collection[UUID]) -> Sequence[Row]:
    """Return the deployments of these ids that exist."""
    if not deployment_ids:
        return []
    return await tx.rows(_SELECT.where(tx.dialect.is_one_of(_DEPLOYMENT.id, list(deployment_ids))))


async def delete_all(tx: Transaction, deployment_ids: Sequence[UUID]) -> None:
    """Delete deployments with their schedules."""
    own = (tx.dialect.is_one_of(_DEPLOYMENT.id, deployment_ids), _DEPLOYMENT.workspace_id == tx.workspace_id)
    await tx.run(delete(deployments).where(*own))


async def write_limit(tx: Transaction, deployment_id: UUID, limit_id: UUID | None) -> None:
    """Write which concurrency limit a deployment has, whose row this transaction holds already."""
    await tx.run(update(deployments).where(_DEPLOYMENT.id == deployment_id).values(concurrency_limit_id=limit_id))


async def hold(tx: Transaction, seen: Row) -> None:
    """Hold a deployment's row until the transaction ends. Errors: LostRace where it is not any more as it was seen."""
    if await tx.run(_HOLD, {"key": seen["id"], "seen": seen["updated"]}) != 1:
        raise LostRace
