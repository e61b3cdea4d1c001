"""The bodies that ask for lists, counts, sums and bulk deletions.

All filters of a body must hold. A filter of another noun restricts by existence (behaviour.md, section 3).
"""

from typing import cast
from uuid import UUID

from pydantic import Field, model_validator

from ostinato_wire.base import Json, JsonObject, UtcTime, WireModel
from ostinato_wire.filters import DeploymentFilter, WorkPoolFilter, WorkQueueFilter
from ostinato_wire.flow_runs import FlowRunFilter, FlowRunSort
from ostinato_wire.flows import FlowFilter, FlowSort
from ostinato_wire.logs import LogFilter, LogSort
from ostinato_wire.paging import BulkLimit, Offset, PageNumber
from ostinato_wire.states import StateCreate
from ostinato_wire.task_runs import TaskRunFilter, TaskRunSort


class RunsWhere(WireModel):
    """Filters that every list of flows, flow runs or task runs knows."""

    flows: FlowFilter | None = None
    flow_runs: FlowRunFilter | None = None
    task_runs: TaskRunFilter | None = None
    deployments: DeploymentFilter | None = None


class FlowsWhere(RunsWhere):
    """Which flows. Body of `POST /flows/count`."""

    work_pools: WorkPoolFilter | None = None


class FlowRunsWhere(FlowsWhere):
    """Which flow runs. Body of `POST /flow_runs/count` and `/lateness`."""

    work_pool_queues: WorkQueueFilter | None = None


class TaskRunsWhere(RunsWhere):
    """Which task runs. Body of `POST /task_runs/count`."""


class NullMeansDefault(WireModel):
    """A body in which null stands for what is not said: clients send all members, set or not."""

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, body: Json) -> Json:
        if not isinstance(body, dict):
            return body
        members = cast(JsonObject, body)
        return {name: value for name, value in members.items() if value is not None}


class Slice(NullMeansDefault):
    """Which rows of a list; `limit` is the server's default where it is absent."""

    limit: int | None = None
    offset: Offset = 0


class PageOf(NullMeansDefault):
    """Which page of a list; `limit` is the rows of a page, the server's default where it is absent."""

    limit: int | None = None
    page: PageNumber = 1


class FlowsQuery(FlowsWhere, Slice):
    """Body of `POST /flows/filter`."""

    sort: FlowSort = FlowSort.NAME_ASC


class FlowsPageQuery(FlowsWhere, PageOf):
    """Body of `POST /flows/paginate`."""

    sort: FlowSort = FlowSort.NAME_ASC


class FlowRunsQuery(FlowRunsWhere, Slice):
    """Body of `POST /flow_runs/filter`."""

    sort: FlowRunSort = FlowRunSort.ID_DESC


class FlowRunsPageQuery(FlowRunsWhere, PageOf):
    """Body of `POST /flow_runs/paginate`."""

    sort: FlowRunSort = FlowRunSort.ID_DESC


class TaskRunsQuery(TaskRunsWhere, Slice):
    """Body of `POST /task_runs/filter`."""

    sort: TaskRunSort = TaskRunSort.ID_DESC


class TaskRunsPageQuery(TaskRunsWhere, PageOf):
    """Body of `POST /task_runs/paginate`."""

    sort: TaskRunSort = TaskRunSort.ID_DESC


class LogsQuery(Slice):
    """Body of `POST /logs/filter`."""

    logs: LogFilter | None = None
    sort: LogSort = LogSort.TIMESTAMP_ASC


class FlowsBulkDelete(WireModel):
    """Body of `POST /flows/bulk_delete`."""

    flows: FlowFilter | None = None
    limit: BulkLimit = 50


class FlowRunsBulkDelete(WireModel):
    """Body of `POST /flow_runs/bulk_delete`."""

    flow_runs: FlowRunFilter | None = None
    limit: BulkLimit = 50


class FlowRunsBulkSetState(WireModel):
    """Body of `POST /flow_runs/bulk_set_state`."""

    flow_runs: FlowRunFilter | None = None
    state: StateCreate
    force: bool = False
    limit: BulkLimit = 50


class Buckets(WireModel):
    """Intervals of time: `[start, start + seconds)` and on, while they begin before the end."""

    history_start: UtcTime
    history_end: UtcTime
    history_interval_seconds: float = Field(allow_inf_nan=False, le=1e9)


class FlowRunHistoryQuery(FlowsWhere, Buckets):
    """Body of `POST /flow_runs/history`."""

    work_queues: WorkQueueFilter | None = None

    def where(self) -> FlowRunsWhere:
        """Return which flow runs are asked for."""
        return FlowRunsWhere(
            flows=self.flows,
            flow_runs=self.flow_runs,
            task_runs=self.task_runs,
            deployments=self.deployments,
            work_pools=self.work_pools,
            work_pool_queues=self.work_queues,
        )


class TaskRunHistoryQuery(TaskRunsWhere, Buckets):
    """Body of `POST /task_runs/history`."""


class FlowRunStatesQuery(WireModel):
    """Query of `GET /flow_run_states/`."""

    flow_run_id: UUID


class TaskRunStatesQuery(WireModel):
    """Query of `GET /task_run_states/`."""

    task_run_id: UUID


class GraphQuery(WireModel):
    """Query of `GET /flow_runs/{id}/graph-v2`: nodes that ended before `since` are left out."""

    since: UtcTime | None = None
