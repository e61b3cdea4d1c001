"""Flow runs: one execution of a flow each."""

from datetime import timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from ostinato_wire.base import Changes, JsonObject, KeyValueLabels, UtcTime, WireModel
from ostinato_wire.filters import (
    AnyOrAllTags,
    AnyOrNotId,
    AnyOrNotText,
    AnyText,
    NameFilter,
    NullableId,
    NullableText,
    NullableTimeFilter,
    OperatorFilter,
    StateFilter,
    TimeFilter,
)
from ostinato_wire.states import ResponseDetails, SetStateStatus, State, StateCreate, StateType


class FlowRunPolicy(WireModel):
    """How a flow run is retried; `retry_delay` in whole seconds. The first two members are old names."""

    max_retries: int = 0
    retry_delay_seconds: float = 0
    retries: int | None = None
    retry_delay: int | None = None
    pause_keys: list[str] | None = Field(default_factory=list)
    resuming: bool | None = False
    retry_type: Literal["in_process", "reschedule"] | None = None


class CreatedBy(WireModel):
    """Who or what made an object."""

    id: UUID | None = None
    type: str | None = None
    display_value: str | None = None


class FlowRunCreate(WireModel):
    """Body of `POST /flow_runs/`."""

    state: StateCreate | None = None
    name: str | None = None
    flow_id: UUID
    flow_version: str | None = None
    parameters: JsonObject = Field(default_factory=dict)
    context: JsonObject = Field(default_factory=dict)
    parent_task_run_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=list)
    labels: KeyValueLabels | None = None
    idempotency_key: str | None = None
    work_pool_name: str | None = None
    work_queue_name: str | None = None
    job_variables: JsonObject | None = None
    deployment_id: UUID | None = None


class FlowRunUpdate(Changes):
    """Body of `PATCH /flow_runs/{id}`: only members that are present are written."""

    name: str | None = None
    flow_version: str | None = None
    parameters: JsonObject = Field(default_factory=dict)
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=list)
    infrastructure_pid: str | None = None
    job_variables: JsonObject | None = None


class FlowRun(WireModel):
    """A stored flow run. Run times are in seconds."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    name: str
    flow_id: UUID
    state_id: UUID | None = None
    deployment_id: UUID | None = None
    deployment_version: str | None = None
    work_queue_id: UUID | None = None
    work_queue_name: str | None = None
    flow_version: str | None = None
    parameters: JsonObject = Field(default_factory=dict)
    idempotency_key: str | None = None
    context: JsonObject = Field(default_factory=dict)
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=list)
    labels: KeyValueLabels = Field(default_factory=dict)
    parent_task_run_id: UUID | None = None
    state_type: StateType | None = None
    state_name: str | None = None
    run_count: int = 0
    expected_start_time: UtcTime | None = None
    next_scheduled_start_time: UtcTime | None = None
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None
    total_run_time: timedelta = timedelta(0)
    estimated_run_time: timedelta = timedelta(0)
    estimated_start_time_delta: timedelta = timedelta(0)
    auto_scheduled: bool = False
    infrastructure_document_id: UUID | None = None
    infrastructure_pid: str | None = None
    created_by: CreatedBy | None = None
    work_pool_id: UUID | None = None
    work_pool_name: str | None = None
    state: State | None = None
    job_variables: JsonObject | None = None
    last_heartbeat: UtcTime | None = None


class FlowRunFilterCreatedBy(OperatorFilter):
    """By what made the run."""

    id_: list[UUID] | None = None
    type_: list[str] | None = None
    is_null_: bool | None = None


class FlowRunFilterParent(OperatorFilter):
    """Direct child runs of these flow runs."""

    any_: list[UUID] | None = None


class FlowRunFilter(OperatorFilter):
    """Which flow runs."""

    id: AnyOrNotId | None = None
    name: NameFilter | None = None
    tags: AnyOrAllTags | None = None
    deployment_id: NullableId | None = None
    work_queue_name: NullableText | None = None
    state: StateFilter | None = None
    flow_version: AnyText | None = None
    start_time: NullableTimeFilter | None = None
    end_time: NullableTimeFilter | None = None
    expected_start_time: TimeFilter | None = None
    next_scheduled_start_time: TimeFilter | None = None
    parent_flow_run_id: FlowRunFilterParent | None = None
    parent_task_run_id: NullableId | None = None
    idempotency_key: AnyOrNotText | None = None
    created_by: FlowRunFilterCreatedBy | None = None


class FlowRunSort(StrEnum):
    """Orders of a list of flow runs; start times fall back on expected start times."""

    ID_DESC = "ID_DESC"
    START_TIME_ASC = "START_TIME_ASC"
    START_TIME_DESC = "START_TIME_DESC"
    EXPECTED_START_TIME_ASC = "EXPECTED_START_TIME_ASC"
    EXPECTED_START_TIME_DESC = "EXPECTED_START_TIME_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    NEXT_SCHEDULED_START_TIME_ASC = "NEXT_SCHEDULED_START_TIME_ASC"
    END_TIME_DESC = "END_TIME_DESC"


class FlowRunResume(WireModel):
    """Body of `POST /flow_runs/{id}/resume`."""

    run_input: JsonObject | None = None


class FlowRunBulkDeleteResult(WireModel):
    """The flow runs that were deleted."""

    deleted: list[UUID] = Field(default_factory=list[UUID])


class FlowRunOrchestrationResult(WireModel):
    """What became of one flow run of a bulk set-state; `cascaded` as in `OrchestrationResult`."""

    flow_run_id: UUID
    status: SetStateStatus
    state: State | None = None
    details: ResponseDetails
    cascaded: int | None = None


class FlowRunBulkSetStateResult(WireModel):
    """What became of each flow run."""

    results: list[FlowRunOrchestrationResult] = Field(default_factory=list[FlowRunOrchestrationResult])


class FlowRunInputCreate(WireModel):
    """Body of `POST /flow_runs/{id}/input`; `value` is text, usually JSON."""

    key: str = Field(pattern=r"^[a-z0-9-]+$")
    value: str
    sender: str | None = None


class FlowRunInputFilter(WireModel):
    """Body of `POST /flow_runs/{id}/input/filter`."""

    prefix: str
    limit: int = Field(default=1, ge=-(2**31), lt=2**31)
    exclude_keys: list[str] = Field(default_factory=list)


class FlowRunInput(WireModel):
    """A stored input of a flow run."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    flow_run_id: UUID
    key: str
    value: str
    sender: str | None = None


class GraphState(WireModel):
    """A state in the history of the run that the graph shows."""

    id: UUID
    timestamp: UtcTime
    type: StateType
    name: str


class GraphArtifact(WireModel):
    """An artifact at a node, or at the run itself."""

    id: UUID
    created: UtcTime
    key: str | None
    type: str | None
    is_latest: bool
    data: object | None = None


class GraphEdge(WireModel):
    """The other end of an edge."""

    id: UUID


class GraphNode(WireModel):
    """A task run, or the flow run that a task run stands for."""

    kind: Literal["flow-run", "task-run"]
    id: UUID
    label: str
    state_type: StateType
    start_time: UtcTime
    end_time: UtcTime | None
    parents: list[GraphEdge]
    children: list[GraphEdge]
    encapsulating: list[GraphEdge]
    artifacts: list[GraphArtifact]


class Graph(WireModel):
    """The time-line of a flow run; `nodes` are `[id, node]` pairs by start time."""

    start_time: UtcTime | None
    end_time: UtcTime | None
    root_node_ids: list[UUID]
    nodes: list[tuple[UUID, GraphNode]]
    artifacts: list[GraphArtifact]
    states: list[GraphState]


class HistoryState(WireModel):
    """Runs of one state within an interval; sums are in seconds."""

    state_type: StateType
    state_name: str
    count_runs: int
    sum_estimated_run_time: float
    sum_estimated_lateness: float


class HistoryInterval(WireModel):
    """Runs whose expected start falls within `[interval_start, interval_end)`."""

    interval_start: UtcTime
    interval_end: UtcTime
    states: list[HistoryState]
