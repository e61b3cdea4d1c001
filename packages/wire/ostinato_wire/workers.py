"""Workers: the processes that start the runs of a work pool."""

from enum import StrEnum
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import Field

from ostinato_wire.base import UtcTime, WireModel
from ostinato_wire.filters import OperatorFilter, TimeFilter
from ostinato_wire.queries import NullMeansDefault, Slice
from ostinato_wire.work_pools import FlowRunSlotSummary

HeartbeatInterval: TypeAlias = Annotated[int, Field(gt=-(2**31), lt=2**31)]
"""Seconds between a worker's signs of life."""


class WorkerStatus(StrEnum):
    """Whether a worker gives signs of life."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"


class WorkerHeartbeat(WireModel):
    """Body of `POST /work_pools/{name}/workers/heartbeat`."""

    name: str
    heartbeat_interval_seconds: HeartbeatInterval | None = None


class Worker(WireModel):
    """A stored worker; `status` is as of now."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    name: str
    work_pool_id: UUID
    last_heartbeat_time: UtcTime | None = None
    heartbeat_interval_seconds: int | None = None
    status: WorkerStatus = WorkerStatus.OFFLINE


class WorkerFilterStatus(WireModel):
    """Statuses in one list and not in the other."""

    any_: list[WorkerStatus] | None = None
    not_any_: list[WorkerStatus] | None = None


class WorkerFilter(OperatorFilter):
    """Which workers."""

    last_heartbeat_time: TimeFilter | None = None
    status: WorkerFilterStatus | None = None


class WorkersQuery(Slice):
    """Body of `POST /work_pools/{name}/workers/filter`."""

    workers: WorkerFilter | None = None


class WorkerRunsQuery(NullMeansDefault):
    """Body of `POST /work_pools/{name}/workers/flow_runs`: of which workers, all by default, and how many runs each."""

    worker_names: list[str] | None = None
    flow_run_limit: int = Field(default=10, ge=0, le=200)


class WorkerRuns(WireModel):
    """The runs that a worker has at hand, the oldest first; the name is null of those whose worker did not say it."""

    worker_name: str | None = None
    flow_run_count: int
    flow_runs: list[FlowRunSlotSummary] = Field(default_factory=list[FlowRunSlotSummary])
