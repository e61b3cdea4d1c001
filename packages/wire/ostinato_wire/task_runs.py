"""Task runs: one execution of a task each, told by the client through events."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import Field, model_validator

from ostinato_wire.base import Changes, KeyValueLabels, UtcTime, WireModel
from ostinato_wire.filters import (
    AllTags,
    AnyId,
    ExistsFilter,
    NameFilter,
    NullableTimeFilter,
    OperatorFilter,
    StateFilter,
    TimeFilter,
)
from ostinato_wire.states import State, StateCreate, StateType


class TaskRunPolicy(WireModel):
    """How a task run is retried; delays in seconds, one or one per retry. The first two members are old names."""

    max_retries: int = 0
    retry_delay_seconds: float = 0
    retries: int | None = None
    retry_delay: int | float | list[int] | list[float] | None = None
    retry_jitter_factor: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _fill_from_old_names(self) -> "TaskRunPolicy":
        if not self.retries and self.max_retries:
            self.retries = self.max_retries
        if not self.retry_delay and self.retry_delay_seconds:
            self.retry_delay = self.retry_delay_seconds
        return self

    @model_validator(mode="after")
    def _limit_delays(self) -> "TaskRunPolicy":
        if isinstance(self.retry_delay, list) and len(self.retry_delay) > 50:
            raise ValueError("Can not configure more than 50 retry delays per task.")
        return self


class TaskRunResult(WireModel):
    """The value came from a task run."""

    input_type: Literal["task_run"] = "task_run"
    id: UUID


class FlowRunResult(WireModel):
    """The value came from a flow run."""

    input_type: Literal["flow_run"] = "flow_run"
    id: UUID


class Parameter(WireModel):
    """The value is a parameter of the flow."""

    input_type: Literal["parameter"] = "parameter"
    name: str


class Constant(WireModel):
    """The value is a constant of this type."""

    input_type: Literal["constant"] = "constant"
    type: str


TaskRunInput = Annotated[TaskRunResult | FlowRunResult | Parameter | Constant, Field(discriminator="input_type")]
TaskInputs: TypeAlias = dict[str, list[TaskRunInput]]
"""Edges of the graph by parameter name, and under `wait_for` and `__parents__`."""


class TaskRunCreate(WireModel):
    """Body of `POST /task_runs/`; (`flow_run_id`, `task_key`, `dynamic_key`) is the natural key."""

    id: UUID | None = None
    state: StateCreate | None = None
    name: str | None = None
    flow_run_id: UUID | None = None
    task_key: str
    dynamic_key: str
    cache_key: str | None = Field(default=None, max_length=2000)
    cache_expiration: UtcTime | None = None
    task_version: str | None = None
    empirical_policy: TaskRunPolicy = Field(default_factory=TaskRunPolicy)
    tags: list[str] = Field(default_factory=list)
    labels: KeyValueLabels | None = None
    task_inputs: TaskInputs = Field(default_factory=dict)


class TaskRunUpdate(Changes):
    """Body of `PATCH /task_runs/{id}`."""

    name: str | None = None


class TaskRun(WireModel):
    """A stored task run. Run times are in seconds."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    name: str
    flow_run_id: UUID | None = None
    task_key: str
    dynamic_key: str
    cache_key: str | None = None
    cache_expiration: UtcTime | None = None
    task_version: str | None = None
    empirical_policy: TaskRunPolicy = Field(default_factory=TaskRunPolicy)
    tags: list[str] = Field(default_factory=list)
    labels: KeyValueLabels | None = None
    state_id: UUID | None = None
    task_inputs: TaskInputs = Field(default_factory=dict)
    state_type: StateType | None = None
    state_name: str | None = None
    run_count: int = 0
    flow_run_run_count: int = 0
    expected_start_time: UtcTime | None = None
    next_scheduled_start_time: UtcTime | None = None
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None
    total_run_time: timedelta = timedelta(0)
    estimated_run_time: timedelta = timedelta(0)
    estimated_start_time_delta: timedelta = timedelta(0)
    state: State | None = None


class TaskRunSummary(WireModel):
    """A stored task run as pages of a list show it."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    name: str
    flow_run_id: UUID | None = None
    task_key: str
    state_id: UUID | None = None
    state: State | None = None
    task_version: str | None = None
    task_inputs: TaskInputs = Field(default_factory=dict)
    empirical_policy: TaskRunPolicy = Field(default_factory=TaskRunPolicy)
    tags: list[str] = Field(default_factory=list)
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None
    total_run_time: timedelta = timedelta(0)
    estimated_run_time: timedelta = timedelta(0)
    estimated_start_time_delta: timedelta = timedelta(0)


class TaskRunDependencies(WireModel):
    """A task run and the task runs whose results it took. Run times are in seconds."""

    id: UUID
    name: str
    upstream_dependencies: list[TaskRunResult]
    state: State | None
    expected_start_time: UtcTime | None
    start_time: UtcTime | None
    end_time: UtcTime | None
    total_run_time: timedelta | None
    estimated_run_time: timedelta | None
    untrackable_result: bool


class TaskRunFilterFlowRunId(OperatorFilter):
    """By flow run. Mind the default: without `any_`, only task runs within a flow run match."""

    any_: list[UUID] | None = None
    is_null_: bool | None = False


class TaskRunFilter(OperatorFilter):
    """Which task runs."""

    id: AnyId | None = None
    name: NameFilter | None = None
    tags: AllTags | None = None
    state: StateFilter | None = None
    start_time: NullableTimeFilter | None = None
    end_time: NullableTimeFilter | None = None
    expected_start_time: TimeFilter | None = None
    subflow_runs: ExistsFilter | None = None
    flow_run_id: TaskRunFilterFlowRunId | None = None


class TaskRunSort(StrEnum):
    """Orders of a list of task runs."""

    ID_DESC = "ID_DESC"
    EXPECTED_START_TIME_ASC = "EXPECTED_START_TIME_ASC"
    EXPECTED_START_TIME_DESC = "EXPECTED_START_TIME_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    NEXT_SCHEDULED_START_TIME_ASC = "NEXT_SCHEDULED_START_TIME_ASC"
    END_TIME_DESC = "END_TIME_DESC"
