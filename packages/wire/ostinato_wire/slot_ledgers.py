"""Who holds the slots of a concurrency limit. An extension of the wire."""

from uuid import UUID

from pydantic import Field

from ostinato_wire.base import UtcTime, WireModel
from ostinato_wire.concurrency import ConcurrencyLeaseHolder, GlobalConcurrencyLimitResponse
from ostinato_wire.states import StateType


class HeldSlots(WireModel):
    """Slots that a lease holds. `until` is null where it lasts until its holder ends."""

    lease_id: UUID
    slots: int
    since: UtcTime
    until: UtcTime | None
    holder: ConcurrencyLeaseHolder | None
    """Null where whoever took the slots did not say for whom."""
    name: str | None = None
    state_type: StateType | None = None
    state_name: str | None = None


class SlotLedgerQuery(WireModel):
    """Query of `GET /v2/concurrency_limits/{id_or_name}/leases`."""

    limit: int | None = None
    offset: int = Field(default=0, ge=0)


class SlotLedger(WireModel):
    """A limit with the leases on it, the oldest first, and what is taken without one, as at `as_of`."""

    as_of: UtcTime
    limit: GlobalConcurrencyLimitResponse
    leases: list[HeldSlots]
    lease_count: int
    leased_slots: int
    unleased_slots: float
    """Slots taken without a lease; those of a limit with a decay drain by it, little by little."""
    denied_slots: float
    """Slots that were asked for in vain lately, and are likely to be asked for again."""
    avg_slot_occupancy_seconds: float
