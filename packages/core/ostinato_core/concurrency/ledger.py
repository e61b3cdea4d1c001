"""The ledger of a limit: who holds slots of it, since when and until when, and how they are taken away."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, and_, bindparam, case, func, select

from ostinato_core.concurrency import leases, operations, repository
from ostinato_core.concurrency.errors import LeaseToRevokeNotFound
from ostinato_core.concurrency.rows import limit_json, limit_of
from ostinato_core.concurrency.slots import Waits
from ostinato_core.db.prepared import prepare
from ostinato_core.db.tables import concurrency_leases, deployments, flow_runs, task_runs
from ostinato_core.events.new_event import NewEvent
from ostinato_core.events.outbox import record
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

_LEASE = concurrency_leases.c
_BY_FLOW_RUN = _LEASE.holder_type == "flow_run"
_BY_DEPLOYMENT = _LEASE.holder_type == "deployment"
_OWN = _LEASE.workspace_id == bindparam("workspace_id")
_HELD = select(
    _LEASE.lease_id,
    _LEASE.limit_id,
    _LEASE.holder_type,
    _LEASE.holder_id,
    _LEASE.slots,
    _LEASE.created,
    _LEASE.expires,
    case((_BY_FLOW_RUN, flow_runs.c.name), (_BY_DEPLOYMENT, deployments.c.name), else_=task_runs.c.name).label("name"),
    case((_BY_FLOW_RUN, flow_runs.c.state_type), else_=task_runs.c.state_type).label("state_type"),
    case((_BY_FLOW_RUN, flow_runs.c.state_name), else_=task_runs.c.state_name).label("state_name"),
    func.count().over().label("leases"),
).select_from(
    concurrency_leases.outerjoin(flow_runs, and_(_BY_FLOW_RUN, flow_runs.c.id == _LEASE.holder_id))
    .outerjoin(task_runs, and_(_LEASE.holder_type == "task_run", task_runs.c.id == _LEASE.holder_id))
    .outerjoin(deployments, and_(_BY_DEPLOYMENT, deployments.c.id == _LEASE.holder_id))
)
_OF_LIMIT = prepare(
    _HELD.where(
        _LEASE.limit_id == bindparam("limit_id"), _OWN, _LEASE.expires > bindparam("now"), _LEASE.drains.is_(False)
    )
    .order_by(_LEASE.created, _LEASE.lease_id)
    .limit(bindparam("most", type_=BigInteger()))
    .offset(bindparam("offset", type_=BigInteger()))
)
_OF_LEASE = prepare(_HELD.where(_LEASE.lease_id == bindparam("lease"), _OWN).order_by(_LEASE.limit_id))


async def select_leases(tx: Transaction, limit_id: UUID, most: int, offset: int = 0) -> Sequence[Row]:
    """Return leases on a limit with their holders, the oldest first; each tells how many `leases` there are."""
    keys = {"limit_id": limit_id, "workspace_id": tx.workspace_id, "now": tx.now, "most": most, "offset": offset}
    return await tx.rows(_OF_LIMIT, keys)


async def read_ledger(tx: Transaction, id_or_name: UUID | str, most: int, offset: int, waits: Waits) -> JsonDict:
    """Return who holds slots of a limit (`SlotLedger`), at most so many. Errors: ConcurrencyLimitNotFound."""
    row = await operations.get_row(tx, id_or_name)
    limit = limit_of(row)
    held = await select_leases(tx, limit.id, most, offset)
    return {
        "as_of": tx.now,
        "limit": limit_json(row, tx.now),
        "leases": [_held_json(tx, each) for each in held],
        "lease_count": held[0]["leases"] if held else 0,
        "leased_slots": limit.leased,
        "unleased_slots": limit.unleased_at(tx.now),
        "denied_slots": limit.denied_at_time(tx.now, waits),
        "avg_slot_occupancy_seconds": limit.occupancy,
    }


async def revoke_lease(tx: Transaction, lease_id: UUID) -> None:
    """Take the slots of a lease away from who holds them, and tell of it. Errors: LeaseToRevokeNotFound.

    The holder learns of it when it renews the lease.
    """
    held = await tx.rows(_OF_LEASE, {"lease": lease_id, "workspace_id": tx.workspace_id})
    if not held:
        raise LeaseToRevokeNotFound
    await leases.release(tx, [lease_id])
    limits = await repository.select_by_ids(tx, [row["limit_id"] for row in held])
    slots = {row["limit_id"]: row for row in held}
    await record(tx, *(_revoked(tx, limit, slots[limit["id"]]) for limit in limits))


def _held_json(tx: Transaction, row: Row) -> JsonDict:
    holder = {"type": row["holder_type"], "id": row["holder_id"]} if row["holder_id"] is not None else None
    return {
        "lease_id": row["lease_id"],
        "slots": row["slots"],
        "since": row["created"],
        "until": None if leases.is_endless(row["expires"], tx.now) else row["expires"],
        "holder": holder,
        "name": row["name"],
        "state_type": row["state_type"],
        "state_name": row["state_name"],
    }


def _revoked(tx: Transaction, limit: Row, held: Row) -> NewEvent:
    event: NewEvent = {
        "event": "prefect.concurrency-limit.lease-revoked",
        "resource": {RESOURCE_ID: f"prefect.concurrency-limit.{limit['id']}", RESOURCE_NAME: limit["name"]},
        "payload": {
            "lease_id": str(held["lease_id"]),
            "slots": held["slots"],
            "held_seconds": (tx.now - held["created"]).total_seconds(),
        },
    }
    if held["holder_id"] is not None:
        kind = held["holder_type"].replace("_", "-")
        labels = {RESOURCE_ID: f"prefect.{kind}.{held['holder_id']}", RESOURCE_ROLE: kind}
        event["related"] = [labels | ({RESOURCE_NAME: held["name"]} if held["name"] else {})]
    return event
