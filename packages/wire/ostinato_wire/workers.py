"""Workers: the processes that start the runs of a work pool."""

from enum import StrEnum
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import Field

from ostinato_wire.base import UtcTime, WireModel
from ostinato_wire.filters import OperatorFilter, TimeFilter
from ostinato_wire.queries import Slice

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
