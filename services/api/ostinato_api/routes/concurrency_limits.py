"""Limits on the task runs that run at a time with a tag."""

from ostinato_api.endpoint import Call, Reply, Routes, created_or_found, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.concurrency import tag_limits
from ostinato_wire.base import Json
from ostinato_wire.concurrency import (
    ConcurrencyLimit,
    ConcurrencyLimitCreate,
    ConcurrencyLimitsQuery,
    MinimalConcurrencyLimitResponse,
    TagLimitReset,
    TagSlots,
)

routes = Routes("Concurrency Limits")


@routes.post("/concurrency_limits/")
@endpoint(body=ConcurrencyLimitCreate, returns=ConcurrencyLimit, statuses=(201, 200))
async def set_tag_limit(call: Call[ConcurrencyLimitCreate]) -> Reply:
    """Limit a tag, or change its limit."""
    return created_or_found(await call.write(tag_limits.set_tag_limit, call.body))


@routes.get("/concurrency_limits/{id}")
@endpoint(returns=ConcurrencyLimit)
async def read_tag_limit(call: Call[None]) -> Reply:
    """One limit on a tag."""
    return Reply(await call.lookup(tag_limits.read_tag_limit, call.id))


@routes.get("/concurrency_limits/tag/{tag}")
@endpoint(returns=ConcurrencyLimit)
async def read_limit_of_tag(call: Call[None]) -> Reply:
    """The limit on a tag."""
    return Reply(await call.lookup(tag_limits.read_tag_limit, call.path("tag")))


@routes.post("/concurrency_limits/filter")
@endpoint(body=ConcurrencyLimitsQuery, returns=list[ConcurrencyLimit])
async def read_tag_limits(call: Call[ConcurrencyLimitsQuery]) -> Reply:
    """Limits on tags in order of the tags."""
    return Reply(await call.read(tag_limits.read_tag_limits, call.body, limit_of(call, call.body.limit)))


@routes.post("/concurrency_limits/tag/{tag}/reset")
@endpoint(body=TagLimitReset, returns=Json)
async def reset_tag_limit(call: Call[TagLimitReset]) -> Reply:
    """Free all slots on a tag, and give them to the task runs that are named."""
    return Reply(await call.write(tag_limits.reset_tag_limit, call.path("tag"), call.body))


@routes.delete("/concurrency_limits/{id}")
@endpoint(returns=Json)
async def delete_tag_limit(call: Call[None]) -> Reply:
    """Delete a limit on a tag."""
    return Reply(await call.write(tag_limits.delete_tag_limit, call.id))


@routes.delete("/concurrency_limits/tag/{tag}")
@endpoint(returns=Json)
async def delete_limit_of_tag(call: Call[None]) -> Reply:
    """Delete the limit on a tag."""
    return Reply(await call.write(tag_limits.delete_tag_limit, call.path("tag")))


@routes.post("/concurrency_limits/increment")
@endpoint(body=TagSlots, returns=list[MinimalConcurrencyLimitResponse])
async def take_tag_slots(call: Call[TagSlots]) -> Reply:
    """Give a task run a slot on each of these tags, or answer 423."""
    return Reply(await call.write(tag_limits.take_tag_slots, call.body, call.services.slots.waits))


@routes.post("/concurrency_limits/decrement")
@endpoint(body=TagSlots, returns=list[MinimalConcurrencyLimitResponse])
async def release_tag_slots(call: Call[TagSlots]) -> Reply:
    """Give back the slots on tags that a task run holds."""
    return Reply(await call.write(tag_limits.release_tag_slots, call.body))
