"""What can be done with service level agreements: given to a deployment or a tag, looked at, switched and deleted."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from ostinato_core.deployments import repository as deployments
from ostinato_core.ids import new_id
from ostinato_core.slas import repository
from ostinato_core.slas.errors import SlaNamesRepeat, SlaNotFound, SlaOwnerInvalid
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.slas import (
    DEPLOYMENT,
    TAG,
    FrequencySla,
    LatenessSla,
    SlaKind,
    SlasQuery,
    SlasWhere,
    SlaTypes,
    SlaUpdate,
    TimeToCompletionSla,
)

_TIMES: Final = {
    SlaKind.TIME_TO_COMPLETION: "duration",
    SlaKind.FREQUENCY: "stale_after",
    SlaKind.LATENESS: "within",
}
_GIVEN: Final = ("kind", "seconds", "severity", "enabled")
"""What makes an agreement another one."""
_SHOWN: Final = (
    "id",
    "created",
    "updated",
    "name",
    "owner_resource",
    "kind",
    "severity",
    "enabled",
    "due",
    "last_violated",
)


async def apply_slas(tx: Transaction, resource_id: str, wanted: Sequence[SlaTypes]) -> JsonDict:
    """Give a deployment or a tag these agreements and no others; return the names of those made, changed, deleted.

    One that stays as it is goes on counting. Errors: SlaOwnerInvalid, SlaNamesRepeat, DeploymentNotFound.
    """
    owner = await _owner(tx, resource_id)
    known = {row["name"]: row for row in await repository.select_of_owner(tx, resource_id)}
    names = [sla.name for sla in wanted]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise SlaNamesRepeat(repeated)
    changed = [sla for sla in wanted if await _keep(tx, owner, known.get(sla.name), sla)]
    gone = [row for name, row in known.items() if name not in names]
    if gone:
        await repository.remove(tx, [row["id"] for row in gone])
    return {
        "created": [sla.name for sla in changed if sla.name not in known],
        "updated": [sla.name for sla in changed if sla.name in known],
        "deleted": [row["name"] for row in gone],
    }


async def set_sla(tx: Transaction, sla: SlaTypes) -> JsonDict:
    """Give the owner of an agreement this one, or change that of its name; return it. Errors: as `apply_slas`."""
    owner = await _owner(tx, sla.owner_resource)
    found = await repository.select_of_owner(tx, owner["owner_resource"])
    await _keep(tx, owner, next((row for row in found if row["name"] == sla.name), None), sla)
    kept = await repository.select_of_owner(tx, owner["owner_resource"])
    return sla_json(next(row for row in kept if row["name"] == sla.name))


async def read_sla(tx: Transaction, sla_id: UUID) -> JsonDict:
    """Return an agreement. Errors: SlaNotFound."""
    return sla_json(await repository.get(tx, sla_id))


async def read_slas(tx: Transaction, query: SlasQuery, limit: int) -> list[JsonDict]:
    """Return agreements, at most `limit`."""
    return [sla_json(row) for row in await repository.select_where(tx, query, limit, query.offset)]


async def count_slas(tx: Transaction, where: SlasWhere) -> int:
    """Return how many agreements match."""
    return await repository.count_where(tx, where)


async def switch_sla(tx: Transaction, sla_id: UUID, update: SlaUpdate) -> None:
    """Enable or disable an agreement: no deadline of the time between is judged. Errors: SlaNotFound."""
    row = await repository.get(tx, sla_id)
    if row["enabled"] is not update.enabled:
        values = {"enabled": update.enabled, "updated": tx.now} | _from_now(tx, row["kind"], row["seconds"])
        await repository.write(tx, sla_id, values)


async def delete_sla(tx: Transaction, sla_id: UUID) -> None:
    """Delete an agreement. Errors: SlaNotFound."""
    if not await repository.remove(tx, [sla_id]):
        raise SlaNotFound


def sla_json(row: Row) -> JsonDict:
    """Return an agreement as the API answers it."""
    times = {member: row["seconds"] if kind == row["kind"] else None for kind, member in _TIMES.items()}
    return {name: row[name] for name in _SHOWN} | times


async def _owner(tx: Transaction, resource_id: str | None) -> JsonDict:
    """Return the columns that say whose runs an agreement is about."""
    resource = resource_id or ""
    if resource.startswith(TAG) and resource != TAG:
        return {"owner_resource": resource, "deployment_id": None, "tag": resource.removeprefix(TAG)}
    try:
        deployment_id = UUID(resource.removeprefix(DEPLOYMENT)) if resource.startswith(DEPLOYMENT) else None
    except ValueError:
        deployment_id = None
    if deployment_id is None:
        raise SlaOwnerInvalid(resource_id)
    await deployments.get(tx, deployment_id)
    return {"owner_resource": resource, "deployment_id": deployment_id, "tag": None}


async def _keep(tx: Transaction, owner: JsonDict, known: Row | None, sla: SlaTypes) -> bool:
    """Store an agreement unless it is stored as it is; return whether anything was written."""
    kind, seconds = _measure_of(sla)
    given = {"kind": kind.value, "seconds": seconds, "severity": sla.severity.value, "enabled": sla.enabled}
    if known is None:
        row = {"id": new_id(), "created": tx.now, "updated": tx.now, "name": sla.name, "last_violated": None}
        await repository.insert(tx, row | owner | given | _from_now(tx, kind, seconds))
        return True
    if all(known[name] == given[name] for name in _GIVEN):
        return False
    counts_on = all(known[name] == given[name] for name in _GIVEN if name != "severity")
    await repository.write(
        tx, known["id"], given | {"updated": tx.now} | ({} if counts_on else _from_now(tx, kind, seconds))
    )
    return True


def _measure_of(sla: SlaTypes) -> tuple[SlaKind, float]:
    match sla:
        case TimeToCompletionSla():
            return SlaKind.TIME_TO_COMPLETION, float(sla.duration)
        case FrequencySla():
            return SlaKind.FREQUENCY, sla.stale_after.total_seconds()
        case LatenessSla():
            return SlaKind.LATENESS, sla.within.total_seconds()


def _from_now(tx: Transaction, kind: str, seconds: float) -> JsonDict:
    """Return the columns by which an agreement counts from now on."""
    due = tx.now + timedelta(seconds=seconds) if kind == SlaKind.FREQUENCY else None
    return {"judged_from": tx.now, "due": due}
