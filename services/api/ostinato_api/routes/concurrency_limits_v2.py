"""Concurrency limits: named, with slots that are taken with a lease or without."""

from uuid import UUID

from ostinato_api.endpoint import NO_CONTENT, Call, Content, InvalidRequest, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.concurrency import ledger, operations
from ostinato_wire.concurrency import (
    ConcurrencyLimitsQuery,
    ConcurrencyLimitV2,
    ConcurrencyLimitV2Create,
    ConcurrencyLimitV2Update,
    ConcurrencyLimitWithLeaseResponse,
    GlobalConcurrencyLimitResponse,
    LeaseRelease,
    LeaseRenewal,
    MinimalConcurrencyLimitResponse,
    SlotsDecrement,
    SlotsIncrement,
    SlotsIncrementWithLease,
)
from ostinato_wire.slot_ledgers import SlotLedger, SlotLedgerQuery

routes = Routes("Concurrency Limits V2")


@routes.post("/v2/concurrency_limits/")
@endpoint(body=ConcurrencyLimitV2Create, returns=ConcurrencyLimitV2, statuses=(201,))
async def create_limit(call: Call[ConcurrencyLimitV2Create]) -> Reply:
    """Make a limit."""
    return Reply(await call.write(operations.create_limit, call.body), 201)


@routes.get("/v2/concurrency_limits/{id_or_name}")
@endpoint(returns=GlobalConcurrencyLimitResponse)
async def read_limit(call: Call[None]) -> Reply:
    """One limit."""
    return Reply(await call.lookup(operations.read_limit, _id_or_name(call)))


@routes.patch("/v2/concurrency_limits/{id_or_name}")
@endpoint(body=ConcurrencyLimitV2Update, statuses=(204,))
async def update_limit(call: Call[ConcurrencyLimitV2Update]) -> Reply:
    """Change a limit; fewer active slots than are held free the oldest."""
    await call.write(operations.update_limit, _id_or_name(call), call.body)
    return NO_CONTENT


@routes.delete("/v2/concurrency_limits/{id_or_name}")
@endpoint(statuses=(204,))
async def delete_limit(call: Call[None]) -> Reply:
    """Delete a limit."""
    await call.write(operations.delete_limit, _id_or_name(call))
    return NO_CONTENT


@routes.post("/v2/concurrency_limits/filter")
@endpoint(body=ConcurrencyLimitsQuery, returns=list[GlobalConcurrencyLimitResponse])
async def read_limits(call: Call[ConcurrencyLimitsQuery]) -> Reply:
    """Limits in order of their names."""
    return Reply(await call.read(operations.read_limits_page, call.body, limit_of(call, call.body.limit)))


@routes.post("/v2/concurrency_limits/increment")
@endpoint(body=SlotsIncrement, returns=list[MinimalConcurrencyLimitResponse])
async def take_slots(call: Call[SlotsIncrement]) -> Reply:
    """Take slots of all these limits, or answer 423 and when to come again."""
    return Reply(await call.services.slots.take(call.body))


@routes.post("/v2/concurrency_limits/increment-with-lease")
@endpoint(body=SlotsIncrementWithLease, returns=ConcurrencyLimitWithLeaseResponse)
async def lease_slots(call: Call[SlotsIncrementWithLease]) -> Reply:
    """Take slots of all these limits for a time, or answer 423 and when to come again."""
    return Reply(await call.services.slots.lease(call.body))


@routes.post("/v2/concurrency_limits/decrement")
@endpoint(body=SlotsDecrement, returns=list[MinimalConcurrencyLimitResponse])
async def give_slots_back(call: Call[SlotsDecrement]) -> Reply:
    """Give back slots that were taken without a lease."""
    return Reply(await call.write(operations.give_slots_back, call.body))


@routes.post("/v2/concurrency_limits/decrement-with-lease")
@endpoint(body=LeaseRelease, statuses=(204,))
async def release_lease(call: Call[LeaseRelease]) -> Reply:
    """Give back the slots of a lease."""
    await call.services.slots.release(call.body.lease_id)
    return NO_CONTENT


@routes.post("/v2/concurrency_limits/leases/{lease_id}/renew")
@endpoint(body=LeaseRenewal, statuses=(204,))
async def renew_lease(call: Call[LeaseRenewal]) -> Reply:
    """Let a lease last longer."""
    await call.write(operations.renew_lease, _lease_id(call), call.body.lease_duration)
    return NO_CONTENT


@routes.get("/v2/concurrency_limits/{id_or_name}/leases")
@endpoint(query=SlotLedgerQuery, returns=SlotLedger)
async def read_ledger(call: Call[None]) -> Reply:
    """Who holds slots of a limit, the oldest lease first. An extension of the wire."""
    most, waits = limit_of(call, call.query.limit), call.services.slots.waits
    return Reply(await call.read(ledger.read_ledger, _id_or_name(call), most, call.query.offset, waits))


@routes.delete("/v2/concurrency_limits/leases/{lease_id}")
@endpoint(statuses=(204,))
async def revoke_lease(call: Call[None]) -> Reply:
    """Take the slots of a lease away from who holds them. An extension of the wire."""
    await call.write(ledger.revoke_lease, _lease_id(call))
    return NO_CONTENT


def _lease_id(call: Call[Content]) -> UUID:
    given = call.path("lease_id")
    try:
        return UUID(given)
    except ValueError:
        problem = {"type": "uuid_parsing", "loc": ["path", "lease_id"], "msg": "Input should be a valid UUID"}
        raise InvalidRequest([{**problem, "input": given}]) from None


def _id_or_name(call: Call[Content]) -> UUID | str:
    given = call.path("id_or_name")
    try:
        return UUID(given)
    except ValueError:
        return given
