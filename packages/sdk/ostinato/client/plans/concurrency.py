"""Concurrency limits, the slots taken of them, and the older limits of task tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.client.operation import decode, encode, facts, present
from ostinato.client.steps import Plan, Request
from ostinato.exceptions import ObjectNotFound
from ostinato_wire.concurrency import (
    ConcurrencyLeaseHolder,
    ConcurrencyLimit,
    ConcurrencyLimitV2,
    ConcurrencyLimitV2Create,
    ConcurrencyLimitV2Update,
    ConcurrencyLimitWithLeaseResponse,
    GlobalConcurrencyLimitResponse,
    MinimalConcurrencyLimitResponse,
    SlotMode,
)
from ostinato_wire.slot_ledgers import SlotLedger

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

V2 = "/v2/concurrency_limits"


def create_global_concurrency_limit(body: ConcurrencyLimitV2Create) -> Plan[ConcurrencyLimitV2]:
    """Make a limit. Raises ObjectAlreadyExists."""
    with facts():
        response = yield Request("POST", f"{V2}/", encode(body.model_dump(exclude_unset=True)))
    return decode(response, ConcurrencyLimitV2)


def read_global_concurrency_limit_by_name(name: str) -> Plan[GlobalConcurrencyLimitResponse]:
    """Return a limit by its name or id. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"{V2}/{name}")
    return decode(response, GlobalConcurrencyLimitResponse)


def read_global_concurrency_limits(
    limit: int | None = None, offset: int = 0
) -> Plan[list[GlobalConcurrencyLimitResponse]]:
    """Return limits, by name."""
    response = yield Request("POST", f"{V2}/filter", encode(present(limit=limit, offset=offset)))
    return decode(response, list[GlobalConcurrencyLimitResponse])


def update_global_concurrency_limit(name: str, body: ConcurrencyLimitV2Update) -> Plan[None]:
    """Change the members of a limit that are set in `body`. Raises ObjectNotFound."""
    with facts():
        yield Request("PATCH", f"{V2}/{name}", encode(body.model_dump(exclude_unset=True)))


def delete_global_concurrency_limit_by_name(name: str) -> Plan[None]:
    """Delete a limit. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"{V2}/{name}")


def upsert_global_concurrency_limit_by_name(
    name: str, limit: int, slot_decay_per_second: float | None = None
) -> Plan[None]:
    """Make the limit of this name, or change the one that is there."""
    changes = present(limit=limit, slot_decay_per_second=slot_decay_per_second)
    try:
        yield from update_global_concurrency_limit(name, ConcurrencyLimitV2Update.model_validate(changes))
    except ObjectNotFound:
        yield from create_global_concurrency_limit(ConcurrencyLimitV2Create.model_validate({"name": name, **changes}))


def increment_concurrency_slots(
    names: Iterable[str], slots: int, mode: SlotMode = SlotMode.CONCURRENCY
) -> Plan[list[MinimalConcurrencyLimitResponse]]:
    """Take slots of each of the limits, or of none: then the server answers 423 with `Retry-After`."""
    body = {"names": list(names), "slots": slots, "mode": mode}
    response = yield Request("POST", f"{V2}/increment", encode(body))
    return decode(response, list[MinimalConcurrencyLimitResponse])


def increment_concurrency_slots_with_lease(
    names: Iterable[str],
    slots: int,
    mode: SlotMode = SlotMode.CONCURRENCY,
    lease_duration: float = 300.0,
    holder: ConcurrencyLeaseHolder | None = None,
) -> Plan[ConcurrencyLimitWithLeaseResponse]:
    """Take slots of each of the limits for `lease_duration` seconds, or of none (423, as above)."""
    body = present(names=list(names), slots=slots, mode=mode, lease_duration=lease_duration, holder=holder)
    response = yield Request("POST", f"{V2}/increment-with-lease", encode(body))
    return decode(response, ConcurrencyLimitWithLeaseResponse)


def renew_concurrency_lease(lease_id: UUID, lease_duration: float) -> Plan[None]:
    """Keep the slots of a lease for `lease_duration` more seconds. Raises ObjectNotFound if it is gone."""
    with facts():
        yield Request("POST", f"{V2}/leases/{lease_id}/renew", encode({"lease_duration": lease_duration}))


def release_concurrency_slots(
    names: Iterable[str], slots: int, occupancy_seconds: float
) -> Plan[list[MinimalConcurrencyLimitResponse]]:
    """Give back slots that were taken without a lease and held for `occupancy_seconds`."""
    body = {"names": list(names), "slots": slots, "occupancy_seconds": occupancy_seconds}
    response = yield Request("POST", f"{V2}/decrement", encode(body))
    return decode(response, list[MinimalConcurrencyLimitResponse])


def release_concurrency_slots_with_lease(lease_id: UUID) -> Plan[None]:
    """Give back the slots of a lease."""
    yield Request("POST", f"{V2}/decrement-with-lease", encode({"lease_id": lease_id}))


def read_slot_ledger(name: str, limit: int | None = None, offset: int = 0) -> Plan[SlotLedger]:
    """Return who holds slots of a limit, by its name or id. Raises ObjectNotFound. An extension of the wire."""
    page = {"offset": offset} if limit is None else {"limit": limit, "offset": offset}
    with facts():
        response = yield Request("GET", f"{V2}/{name}/leases", query=page)
    return decode(response, SlotLedger)


def revoke_concurrency_lease(lease_id: UUID) -> Plan[None]:
    """Take the slots of a lease from their holder. Raises ObjectNotFound if it is gone. An extension of the wire."""
    with facts():
        yield Request("DELETE", f"{V2}/leases/{lease_id}")


def create_concurrency_limit(tag: str, concurrency_limit: int) -> Plan[UUID]:
    """Limit how many task runs with a tag run at once; an existing limit is changed. Returns its id."""
    body = {"tag": tag, "concurrency_limit": concurrency_limit}
    response = yield Request("POST", "/concurrency_limits/", encode(body))
    return decode(response, ConcurrencyLimit).id


def read_concurrency_limit_by_tag(tag: str) -> Plan[ConcurrencyLimit]:
    """Return the limit of a tag. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/concurrency_limits/tag/{tag}")
    return decode(response, ConcurrencyLimit)


def read_concurrency_limits(limit: int | None = None, offset: int = 0) -> Plan[list[ConcurrencyLimit]]:
    """Return the limits of tags."""
    response = yield Request("POST", "/concurrency_limits/filter", encode(present(limit=limit, offset=offset)))
    return decode(response, list[ConcurrencyLimit])


def reset_concurrency_limit_by_tag(tag: str, slot_override: Iterable[UUID] | None = None) -> Plan[None]:
    """Free the slots of a tag, or have exactly these task runs hold them. Raises ObjectNotFound."""
    override = None if slot_override is None else list(slot_override)
    with facts():
        yield Request("POST", f"/concurrency_limits/tag/{tag}/reset", encode({"slot_override": override}))


def delete_concurrency_limit_by_tag(tag: str) -> Plan[None]:
    """Delete the limit of a tag. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/concurrency_limits/tag/{tag}")
