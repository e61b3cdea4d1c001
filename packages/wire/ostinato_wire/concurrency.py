"""Concurrency limits: named ones with slots, the leases by which slots are held, and the older limits of task tags."""

from enum import StrEnum
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import Field

from ostinato_wire.base import Changes, Name, UtcTime, WireModel
from ostinato_wire.queries import Slice

MOST = 2**31 - 1
"""Slots of a limit, at most."""

Count: TypeAlias = Annotated[int, Field(ge=0, le=MOST)]
Slots: TypeAlias = Annotated[int, Field(gt=0, le=MOST)]
Decay: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]
LeaseDuration: TypeAlias = Annotated[float, Field(ge=60, le=86_400)]
"""Seconds."""
Names: TypeAlias = Annotated[list[str], Field(max_length=10_000)]


class ConcurrencyLimitV2Create(WireModel):
    """Body of `POST /v2/concurrency_limits/`."""

    active: bool = True
    name: Name
    limit: Count
    active_slots: Count = 0
    denied_slots: Count = 0
    slot_decay_per_second: Decay = 0.0


class ConcurrencyLimitV2Update(Changes):
    """Body of `PATCH /v2/concurrency_limits/{id_or_name}`."""

    active: bool | None = None
    name: Name | None = None
    limit: Count | None = None
    active_slots: Count | None = None
    denied_slots: Count | None = None
    slot_decay_per_second: Decay | None = None


class ConcurrencyLimitV2(WireModel):
    """A limit as it was made."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    active: bool = True
    name: str
    limit: int
    active_slots: int = 0
    denied_slots: int = 0
    slot_decay_per_second: float = 0.0
    avg_slot_occupancy_seconds: float = 2.0


class GlobalConcurrencyLimitResponse(WireModel):
    """A limit and how many of its slots are in use now."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    active: bool = True
    name: str
    limit: int
    active_slots: int
    slot_decay_per_second: float = 2.0


class MinimalConcurrencyLimitResponse(WireModel):
    """A limit of which slots were taken or given back."""

    id: UUID
    name: str
    limit: int


class HolderType(StrEnum):
    """What can hold a lease."""

    FLOW_RUN = "flow_run"
    TASK_RUN = "task_run"
    DEPLOYMENT = "deployment"


class ConcurrencyLeaseHolder(WireModel):
    """Who holds a lease."""

    type: HolderType
    id: UUID


class ConcurrencyLimitWithLeaseResponse(WireModel):
    """A new lease and the limits of which it holds slots."""

    lease_id: UUID
    limits: list[MinimalConcurrencyLimitResponse]


class SlotMode(StrEnum):
    """What slots are taken for: to be given back, or to drain with the limit's decay."""

    CONCURRENCY = "concurrency"
    RATE_LIMIT = "rate_limit"


class SlotsIncrement(WireModel):
    """Body of `POST /v2/concurrency_limits/increment`: slots of each of these limits, or of none."""

    slots: Slots
    names: Names
    mode: SlotMode = SlotMode.CONCURRENCY
    create_if_missing: bool | None = None


class SlotsIncrementWithLease(WireModel):
    """Body of `POST /v2/concurrency_limits/increment-with-lease`."""

    slots: Slots
    names: Names
    mode: SlotMode = SlotMode.CONCURRENCY
    lease_duration: LeaseDuration = 300.0
    holder: ConcurrencyLeaseHolder | None = None


class SlotsDecrement(WireModel):
    """Body of `POST /v2/concurrency_limits/decrement`; `occupancy_seconds`: for how long the slots were held."""

    slots: Slots
    names: Names
    occupancy_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    create_if_missing: bool = True


class LeaseRelease(WireModel):
    """Body of `POST /v2/concurrency_limits/decrement-with-lease`."""

    lease_id: UUID


class LeaseRenewal(WireModel):
    """Body of `POST /v2/concurrency_limits/leases/{lease_id}/renew`."""

    lease_duration: LeaseDuration = 300.0


class ConcurrencyLimitsQuery(Slice):
    """Body of both `/filter` routes."""


class ConcurrencyLimitCreate(WireModel):
    """Body of `POST /concurrency_limits/`: a limit on the task runs that run at a time with a tag."""

    tag: Name
    concurrency_limit: Annotated[int, Field(ge=-MOST, le=MOST)]


class ConcurrencyLimit(WireModel):
    """A limit on a tag; `active_slots` are the task runs that hold one."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    tag: str
    concurrency_limit: int
    active_slots: list[UUID] = Field(default_factory=list[UUID])


class TagLimitReset(WireModel):
    """Body of `POST /concurrency_limits/tag/{tag}/reset`: the task runs that are to hold slots."""

    slot_override: list[UUID] | None = None


class TagSlots(WireModel):
    """Body of `POST /concurrency_limits/increment` and `/decrement`: a slot on each of these tags."""

    names: Names
    task_run_id: UUID
