"""The concurrency limit of a deployment's runs: its own, `deployment:<id>`, or one that it shares with others."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from ostinato_core.concurrency import repository as limits
from ostinato_core.concurrency.operations import delete_owned_limit, set_owned_limit
from ostinato_core.concurrency.rows import limit_json
from ostinato_core.db.tables import concurrency_limits
from ostinato_core.deployments.errors import ConcurrencyLimitNotFound
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.deployments import DeploymentCreate, DeploymentUpdate


async def limit_after(
    tx: Transaction, deployment_id: UUID, current: UUID | None, body: DeploymentCreate | DeploymentUpdate
) -> UUID | None:
    """Return which limit a deployment has after a request, making, changing or deleting its own one.

    Errors: ConcurrencyLimitNotFound for a shared one that does not exist.
    """
    if "global_concurrency_limit_id" in body.model_fields_set and body.concurrency_limit is None:
        shared = body.global_concurrency_limit_id
        if shared is not None and await limits.find(tx, shared) is None:
            raise ConcurrencyLimitNotFound
        await delete_own_limits(tx, [deployment_id])
        return shared
    if "concurrency_limit" not in body.model_fields_set:
        return current
    if body.concurrency_limit is None:
        await delete_own_limits(tx, [deployment_id])
        return None
    return await set_owned_limit(tx, own_name(deployment_id), body.concurrency_limit)


async def delete_own_limits(tx: Transaction, deployment_ids: Iterable[UUID]) -> None:
    """Delete the limits that deployments do not share with others."""
    names = [own_name(deployment_id) for deployment_id in deployment_ids]
    for row in await limits.select_by_names(tx, names):
        await delete_owned_limit(tx, row["id"])


async def limits_of(tx: Transaction, deployments: Iterable[Row]) -> dict[UUID, JsonDict]:
    """Return the limits of deployments as the API answers them, by their ids."""
    ids = {row["concurrency_limit_id"] for row in deployments} - {None}
    if not ids:
        return {}
    chosen = (tx.dialect.is_one_of(concurrency_limits.c.id, sorted(ids)),)
    names = await tx.rows(select(concurrency_limits.c.name).where(*chosen))
    found = await limits.select_by_names(tx, [row["name"] for row in names])
    return {row["id"]: limit_json(row, tx.now) for row in found}


def own_name(deployment_id: UUID) -> str:
    """Return the name of the limit that belongs to a deployment."""
    return f"deployment:{deployment_id}"
