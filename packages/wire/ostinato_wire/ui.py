"""What web pages ask for that lists of the nouns would answer less well (behaviour.md, section 20)."""

from datetime import timedelta
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import Field

from ostinato_wire.base import JsonObject, UtcTime, WireModel
from ostinato_wire.filters import WorkPoolFilter, WorkQueueFilter
from ostinato_wire.flow_runs import FlowRunSort
from ostinato_wire.paging import Offset
from ostinato_wire.queries import FlowsWhere, NullMeansDefault, TaskRunsWhere
from ostinato_wire.states import StateType
from ostinato_wire.task_runs import TaskRun, TaskRunFilter

MAXIMUM_POINTS = 1000


class FlowsAsked(WireModel):
    """For these flows."""

    flow_ids: list[UUID]


class FlowRunsAsked(WireModel):
    """For these flow runs."""

    flow_run_ids: list[UUID]


class NextFlowRun(WireModel):
    """The next run of a flow that is scheduled."""

    id: UUID
    flow_id: UUID
    name: str
    state_name: str
    state_type: StateType
    next_scheduled_start_time: UtcTime


class FlowRunPointsQuery(FlowsWhere, NullMeansDefault):
    """Which flow runs to plot."""

    sort: FlowRunSort = FlowRunSort.EXPECTED_START_TIME_DESC
    limit: Annotated[int, Field(ge=0, le=MAXIMUM_POINTS)] = MAXIMUM_POINTS
    offset: Offset = 0


class FlowRunPoint(WireModel):
    """A flow run as a plot shows it: when it started, or is to, for how long it ran and by how much it was late.

    `name` and `state_name` are an extension of the wire: a plot can tell what is pointed at without asking again.
    """

    id: UUID
    name: str
    state_type: StateType
    state_name: str | None
    timestamp: UtcTime
    duration: timedelta
    lateness: timedelta


class TaskRunCountsQuery(TaskRunsWhere):
    """Which task runs to count over time; the filter must say from when."""

    task_runs: TaskRunFilter  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]  # required here
    work_pools: WorkPoolFilter | None = None
    work_queues: WorkQueueFilter | None = None


class TaskRunCount(WireModel):
    """How many task runs that began in an interval have ended well, and not."""

    completed: int
    failed: int


class CountByState(WireModel):
    """How many runs are in states of each type."""

    COMPLETED: int = 0
    PENDING: int = 0
    RUNNING: int = 0
    FAILED: int = 0
    CANCELLED: int = 0
    CRASHED: int = 0
    PAUSED: int = 0
    CANCELLING: int = 0
    SCHEDULED: int = 0


class NamedTaskRun(TaskRun):
    """A task run with the name of its flow run."""

    flow_run_name: str | None = None


class ValuesToValidate(WireModel):
    """Values, and the JSON Schema that they should fit."""

    schema_: JsonObject = Field(alias="schema")
    values: JsonObject


class PropertyProblems(WireModel):
    """What is wrong with a member."""

    property: str
    errors: list["ValueProblem"]


class IndexProblems(WireModel):
    """What is wrong with an item of a list."""

    index: int
    errors: list["ValueProblem"]


ValueProblem: TypeAlias = str | PropertyProblems | IndexProblems


class ValidatedValues(WireModel):
    """What is wrong with values."""

    errors: list[ValueProblem]
    valid: bool


PropertyProblems.model_rebuild()
IndexProblems.model_rebuild()


class UiSettings(WireModel):
    """What the web UI must know before anybody has logged in."""

    api_url: str
    csrf_enabled: bool
    auth: Literal["BASIC"] | None
    flags: list[str]
    default_ui: str
    available_uis: list[str]
    v1_base_url: str | None
    v2_base_url: str | None
