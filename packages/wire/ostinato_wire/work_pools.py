"""Work pools: where workers find the runs that they are to start."""

from enum import StrEnum
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, Field

from ostinato_wire.base import Changes, JsonObject, Name, UtcTime, WireModel
from ostinato_wire.crash_retries import RetryOnCrash
from ostinato_wire.filters import WorkPoolFilter
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.job_templates import BaseJobTemplate
from ostinato_wire.paging import PageNumber
from ostinato_wire.queries import NullMeansDefault, Slice
from ostinato_wire.states import StateType


def _not_blank(name: str) -> str:
    if not name.strip("' \""):
        raise ValueError("name cannot be an empty string")
    return name


WorkPoolName: TypeAlias = Annotated[Name, AfterValidator(_not_blank)]
"""A name that is not blank."""

Slots: TypeAlias = Annotated[int, Field(ge=0, lt=2**31)]
"""How many runs may be PENDING or RUNNING at once."""


PendingDeadline: TypeAlias = Annotated[int, Field(ge=0, le=604_800)]
"""Seconds within which a run has to begin once a worker has taken it, else it is scheduled again; 0: no matter."""


class Status(StrEnum):
    """Status of a pool or queue: whether somebody works for it."""

    READY = "READY"
    NOT_READY = "NOT_READY"
    PAUSED = "PAUSED"


class StorageConfiguration(WireModel):
    """Where a pool's runs keep bundles of code and results."""

    bundle_upload_step: JsonObject | None = None
    bundle_execution_step: JsonObject | None = None
    default_result_storage_block_id: UUID | None = None


class WorkPoolCreate(WireModel):
    """Body of `POST /work_pools/`."""

    name: WorkPoolName
    description: str | None = None
    type: str = "prefect-agent"
    base_job_template: BaseJobTemplate = Field(default_factory=dict)
    is_paused: bool = False
    concurrency_limit: Slots | None = None
    storage_configuration: StorageConfiguration = Field(default_factory=StorageConfiguration)
    retry_on_crash: RetryOnCrash | None = None
    pending_deadline_seconds: PendingDeadline | None = None


class WorkPoolUpdate(Changes):
    """Body of `PATCH /work_pools/{name}`: only members that are present are written."""

    description: str | None = None
    is_paused: bool | None = None
    base_job_template: BaseJobTemplate = Field(default_factory=dict)
    concurrency_limit: Slots | None = None
    storage_configuration: StorageConfiguration | None = None
    retry_on_crash: RetryOnCrash | None = None
    pending_deadline_seconds: PendingDeadline | None = None


class WorkPool(WireModel):
    """A stored work pool; `active_slots` is null without a limit, `status` for pools of agents.

    `pending_deadline_seconds` is null where the server's setting applies.
    """

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    name: str
    description: str | None = None
    type: str
    base_job_template: JsonObject = Field(default_factory=dict)
    is_paused: bool = False
    concurrency_limit: int | None = None
    status: Status | None = None
    default_queue_id: UUID | None = None
    storage_configuration: StorageConfiguration = Field(default_factory=StorageConfiguration)
    active_slots: int | None = None
    retry_on_crash: RetryOnCrash | None = None
    pending_deadline_seconds: int | None = None


class WorkPoolsWhere(WireModel):
    """Body of `POST /work_pools/count`."""

    work_pools: WorkPoolFilter | None = None


class WorkPoolsQuery(WorkPoolsWhere, Slice):
    """Body of `POST /work_pools/filter`."""


class QueueLoad(WireModel):
    """What waits in a queue and runs from it: `waiting` runs are due, and have been since `waiting_since`."""

    id: UUID
    name: str
    is_paused: bool
    concurrency_limit: int | None = None
    last_polled: UtcTime | None = None
    active_slots: int
    waiting: int
    waiting_since: UtcTime | None = None


class WorkPoolLoad(WireModel):
    """How a work pool is, what it has to do, queue by queue in order of priority, and how many workers it has for that.

    `status` is null for pools of agents.
    """

    work_pool_id: UUID
    name: str
    type: str
    is_paused: bool
    status: Status | None = None
    concurrency_limit: int | None = None
    workers_online: int
    queues: list[QueueLoad]


class ScheduledRunsQuery(NullMeansDefault):
    """Body of `POST /work_pools/{name}/get_scheduled_flow_runs`: a worker asks for runs to start."""

    work_queue_names: list[str] = Field(default_factory=list)
    scheduled_before: UtcTime | None = None
    scheduled_after: UtcTime | None = None
    limit: int | None = None


class WorkerFlowRun(WireModel):
    """A run that a worker may start."""

    work_pool_id: UUID
    work_queue_id: UUID
    flow_run: FlowRun


class ConcurrencyStatusQuery(NullMeansDefault):
    """Body of `POST /work_pools/{name}/concurrency_status`: which page of its queues, with how many runs of each."""

    page: PageNumber = 1
    limit: int | None = None
    flow_run_limit: int = Field(default=10, ge=0, le=200)


class FlowRunSlotSummary(WireModel):
    """A flow run that holds a slot; `time_in_current_state` in seconds."""

    id: UUID
    name: str
    state_type: StateType | None = None
    state_name: str | None = None
    start_time: UtcTime | None = None
    state_timestamp: UtcTime | None = None
    time_in_current_state: float | None = None


class QueueSlots(WireModel):
    """The slots of one queue of a pool."""

    queue_id: UUID
    queue_name: str
    active_slots: int
    concurrency_limit: int | None = None
    flow_runs: list[FlowRunSlotSummary] = Field(default_factory=list[FlowRunSlotSummary])
    flow_run_count: int | None = None


class WorkPoolConcurrencyStatus(WireModel):
    """The slots of a pool; `count` and `pages` are of its queues."""

    active_slots: int
    concurrency_limit: int | None = None
    queues: list[QueueSlots] = Field(default_factory=list[QueueSlots])
    count: int
    limit: int
    pages: int
    page: int
