"""Work queues: the lines of a work pool, in order of priority."""

from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import Field

from ostinato_wire.base import Changes, Name, UtcTime, WireModel
from ostinato_wire.filters import WorkQueueFilter
from ostinato_wire.queries import NullMeansDefault, PageOf, Slice
from ostinato_wire.work_pools import FlowRunSlotSummary, Slots, Status

Priority: TypeAlias = Annotated[int, Field(gt=0, lt=2**30)]
"""1 comes first."""


class QueueFilter(WireModel):
    """How queues of old chose their runs: by tags, and by deployments."""

    tags: list[str] | None = None
    deployment_ids: list[UUID] | None = None


class WorkQueueCreate(WireModel):
    """Body of `POST /work_queues/` and `POST /work_pools/{name}/queues`."""

    name: Name
    description: str | None = ""
    is_paused: bool = False
    concurrency_limit: Slots | None = None
    priority: Priority | None = None
    filter: QueueFilter | None = None


class WorkQueueUpdate(Changes):
    """Body of `PATCH /work_queues/{id}` and of a pool's queue: only members that are present are written."""

    name: Name | None = None
    description: str | None = None
    is_paused: bool = False
    concurrency_limit: Slots | None = None
    priority: Priority | None = None
    last_polled: UtcTime | None = None
    filter: QueueFilter | None = None


class WorkQueue(WireModel):
    """A stored work queue; `active_slots` is null without a limit."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    name: str
    description: str | None = ""
    is_paused: bool = False
    concurrency_limit: int | None = None
    priority: int = 1
    work_pool_id: UUID | None = None
    filter: QueueFilter | None = None
    last_polled: UtcTime | None = None
    work_pool_name: str | None = None
    status: Status | None = None
    active_slots: int | None = None


class WorkQueuesQuery(Slice):
    """Body of `POST /work_queues/filter` and of the list of a pool's queues."""

    work_queues: WorkQueueFilter | None = None


class QueueRunsQuery(NullMeansDefault):
    """Body of `POST /work_queues/{id}/get_runs`."""

    scheduled_before: UtcTime | None = None
    limit: int | None = None


class QueueConcurrencyQuery(PageOf):
    """Body of `POST /work_queues/{id}/concurrency_status`: which page of its runs."""


class WorkQueueConcurrencyStatus(WireModel):
    """The slots of a queue; `count` and `pages` are of the runs that hold them."""

    active_slots: int
    concurrency_limit: int | None = None
    flow_runs: list[FlowRunSlotSummary] = Field(default_factory=list[FlowRunSlotSummary])
    count: int
    limit: int
    pages: int
    page: int


class HealthPolicy(WireModel):
    """When a queue counts as healthy."""

    maximum_late_runs: int | None = 0
    maximum_seconds_since_last_polled: int | None = 60


class WorkQueueStatusDetail(WireModel):
    """Whether somebody works for a queue in time."""

    healthy: bool
    late_runs_count: int = 0
    last_polled: UtcTime | None = None
    health_check_policy: HealthPolicy
