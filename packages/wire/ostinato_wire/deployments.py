"""Deployments: how, where, with what parameters and when a flow is run."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator

from ostinato_wire.base import Changes, JsonObject, KeyValueLabels, UtcTime, WireModel
from ostinato_wire.crash_retries import RetryOnCrash
from ostinato_wire.filters import DeploymentFilter
from ostinato_wire.flow_runs import CreatedBy, FlowRunPolicy
from ostinato_wire.paging import BulkLimit
from ostinato_wire.queries import FlowRunsWhere, NullMeansDefault, PageOf, Slice
from ostinato_wire.schedules import Schedule
from ostinato_wire.states import StateCreate

MOST_RUNS_AT_ONCE = 100
"""Flow runs that one bulk request may make."""

DeploymentName = Annotated[str, Field(pattern=r"^[^/%&><]*$")]
"""A name without any of ``/ % & > <``; it may be empty."""

MOST_SCHEDULED_RUNS = 50
"""What a schedule may say of how many runs it makes ahead, at most."""

ScheduledRuns = Annotated[int, Field(gt=0, le=MOST_SCHEDULED_RUNS)]
Slots = Annotated[int, Field(gt=0, lt=2**31)]
QueuedRuns = Annotated[int, Field(ge=1, lt=2**31)]
"""How many runs of a deployment may be due and wait; of more the oldest are skipped. An extension of the wire."""


class CollisionStrategy(StrEnum):
    """What becomes of a run for which a deployment's concurrency limit has no room."""

    ENQUEUE = "ENQUEUE"
    CANCEL_NEW = "CANCEL_NEW"


class ConcurrencyOptions(WireModel):
    """How a deployment's concurrency limit works; `grace_period_seconds` is how long a slot waits for its run."""

    collision_strategy: CollisionStrategy
    grace_period_seconds: int | None = Field(default=None, ge=60, le=86_400)


class DeploymentStatus(StrEnum):
    """Whether something asks for a deployment's runs."""

    READY = "READY"
    NOT_READY = "NOT_READY"


class CatchUp(StrEnum):
    """Which runs of a schedule still start when several of them are due, or one is late: an extension of the wire."""

    ALL = "all"
    LATEST = "latest"
    NONE = "none"


MAX_LATE_BY_DEFAULT = 60.0
"""Seconds by which a run of a schedule whose `catchup` is `none` may be late, where the schedule does not say."""

Lateness = Annotated[float, Field(ge=0, le=10**9)]


class DeploymentScheduleCreate(WireModel):
    """A schedule to be made; with `replaces`, in place of the one that has that slug.

    `catchup` and `max_late_seconds` (null: no limit, 60 where `catchup` is `none`) are an extension; a client that
    does not name them keeps those of the schedule whose slug or definition it sends again.
    """

    active: bool = True
    schedule: Schedule
    max_scheduled_runs: ScheduledRuns | None = None
    parameters: JsonObject = Field(default_factory=dict)
    slug: str | None = None
    replaces: str | None = None
    catchup: CatchUp | None = None
    max_late_seconds: Lateness | None = None


class ScheduleMember(StrEnum):
    """What of a schedule can be none."""

    SLUG = "slug"
    MAX_SCHEDULED_RUNS = "max_scheduled_runs"
    MAX_LATE_SECONDS = "max_late_seconds"


class DeploymentScheduleUpdate(Changes):
    """Changes of a schedule, or in a list a new one; members that are null say nothing.

    `clear` names those that become null: an extension of the wire, where a null has always said nothing.
    """

    active: bool | None = None
    schedule: Schedule | None = None
    max_scheduled_runs: ScheduledRuns | None = None
    parameters: JsonObject = Field(default_factory=dict)
    slug: str | None = None
    replaces: str | None = None
    catchup: CatchUp | None = None
    max_late_seconds: Lateness | None = None
    clear: list[ScheduleMember] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> "DeploymentScheduleUpdate":
        for member in self.clear or ():
            if getattr(self, member.value) is not None:
                raise ValueError(f"clear: {member.value} has a value as well. Leave out one of the two.")
        return self


class DeploymentSchedule(WireModel):
    """A stored schedule."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    deployment_id: UUID | None = None
    schedule: Schedule
    active: bool = True
    max_scheduled_runs: int | None = None
    parameters: JsonObject = Field(default_factory=dict)
    slug: str | None = None
    catchup: CatchUp = CatchUp.ALL
    max_late_seconds: float | None = None


class _Limited(WireModel):
    concurrency_limit: Slots | None = None
    concurrency_options: ConcurrencyOptions | None = None
    global_concurrency_limit_id: UUID | None = None

    @model_validator(mode="after")
    def _has_one_limit(self) -> "_Limited":
        if self.concurrency_limit and self.global_concurrency_limit_id:
            raise ValueError("A deployment cannot have both a concurrency limit and a global concurrency limit.")
        return self


class VersionInfo(WireModel):
    """Where a version of a deployment comes from; of code from git the commit, its message, branch and repository.

    The reference checks it and keeps nothing of it.
    """

    type: str
    version: str
    commit_sha: str | None = None
    message: str | None = None
    branch: str | None = None
    repository: str | None = None
    url: str | None = None


class DeploymentCreate(_Limited):
    """Body of `POST /deployments/`: made, or the one of that flow and name is changed by the members present."""

    name: DeploymentName
    flow_id: UUID
    paused: bool = False
    schedules: list[DeploymentScheduleCreate] = Field(default_factory=list[DeploymentScheduleCreate])
    enforce_parameter_schema: bool = True
    parameter_openapi_schema: JsonObject | None = Field(default_factory=dict)
    parameters: JsonObject = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list)
    labels: KeyValueLabels | None = None
    pull_steps: list[JsonObject] | None = None
    work_queue_name: str | None = None
    work_pool_name: str | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    description: str | None = None
    path: str | None = None
    version: str | None = None
    version_info: VersionInfo | None = Field(default=None, exclude=True)
    entrypoint: str | None = None
    job_variables: JsonObject | None = Field(default_factory=dict)
    retry_on_crash: RetryOnCrash | None = None
    max_queued: QueuedRuns | None = None


class DeploymentMember(StrEnum):
    """What of a deployment no value of the wire makes empty."""

    JOB_VARIABLES = "job_variables"


class DeploymentUpdate(_Limited, Changes):
    """Body of `PATCH /deployments/{id}`: only members that are present are written.

    `clear` empties what an empty value leaves as it is: an extension of the wire.
    """

    version: str | None = None
    version_info: VersionInfo | None = Field(default=None, exclude=True)
    description: str | None = None
    paused: bool = False
    schedules: list[DeploymentScheduleUpdate] = Field(default_factory=list[DeploymentScheduleUpdate])
    parameters: JsonObject | None = None
    parameter_openapi_schema: JsonObject | None = None
    tags: list[str] = Field(default_factory=list)
    work_queue_name: str | None = None
    work_pool_name: str | None = None
    path: str | None = None
    job_variables: JsonObject | None = None
    pull_steps: list[JsonObject] | None = None
    entrypoint: str | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    enforce_parameter_schema: bool | None = None
    retry_on_crash: RetryOnCrash | None = None
    max_queued: QueuedRuns | None = None
    clear: list[DeploymentMember] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> "DeploymentUpdate":
        if self.clear and self.job_variables:
            raise ValueError("clear: job_variables has a value as well. Leave out one of the two.")
        return self


class GlobalConcurrencyLimit(WireModel):
    """The concurrency limit that a deployment's runs share."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    active: bool = True
    name: str
    limit: int
    active_slots: int
    slot_decay_per_second: float = 2.0


class Deployment(WireModel):
    """A stored deployment."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    name: str
    version: str | None = None
    description: str | None = None
    flow_id: UUID
    paused: bool = False
    schedules: list[DeploymentSchedule] = Field(default_factory=list[DeploymentSchedule])
    concurrency_limit: int | None = None
    global_concurrency_limit: GlobalConcurrencyLimit | None = None
    concurrency_options: ConcurrencyOptions | None = None
    job_variables: JsonObject = Field(default_factory=dict)
    parameters: JsonObject = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list)
    labels: KeyValueLabels = Field(default_factory=dict)
    work_queue_name: str | None = None
    work_queue_id: UUID | None = None
    last_polled: UtcTime | None = None
    parameter_openapi_schema: JsonObject | None = None
    path: str | None = None
    pull_steps: list[JsonObject] | None = None
    entrypoint: str | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    created_by: CreatedBy | None = None
    updated_by: CreatedBy | None = None
    work_pool_name: str | None = None
    status: DeploymentStatus | None = DeploymentStatus.NOT_READY
    enforce_parameter_schema: bool = True
    version_info: VersionInfo | None = None
    retry_on_crash: RetryOnCrash | None = None
    max_queued: int | None = None


class DeploymentSort(StrEnum):
    """Orders of a list of deployments."""

    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"


class DeploymentsWhere(FlowRunsWhere):
    """Which deployments. Body of `POST /deployments/count`."""


class DeploymentsQuery(DeploymentsWhere, Slice):
    """Body of `POST /deployments/filter`."""

    sort: DeploymentSort = DeploymentSort.NAME_ASC


class DeploymentsPageQuery(DeploymentsWhere, PageOf):
    """Body of `POST /deployments/paginate`."""

    sort: DeploymentSort = DeploymentSort.NAME_ASC


class DeploymentsBulkDelete(WireModel):
    """Body of `POST /deployments/bulk_delete`."""

    deployments: DeploymentFilter | None = None
    limit: BulkLimit = 50


class DeploymentBulkDeleteResult(WireModel):
    """The deployments that were deleted."""

    deleted: list[UUID] = Field(default_factory=list[UUID])


class ScheduledFlowRunsQuery(NullMeansDefault):
    """Body of `POST /deployments/get_scheduled_flow_runs`; `limit` is the server's default where it is absent."""

    deployment_ids: list[UUID]
    scheduled_before: UtcTime | None = None
    limit: int | None = None


class ScheduleRuns(NullMeansDefault):
    """Body of `POST /deployments/{id}/schedule`; `min_time` on the wire in seconds, `start_time` by default is now."""

    start_time: UtcTime | None = None
    end_time: UtcTime | None = None
    min_time: timedelta | None = None
    min_runs: int | None = Field(default=None, lt=2**31, gt=-(2**31))
    max_runs: int | None = Field(default=None, lt=2**31, gt=-(2**31))


class DeploymentFlowRunCreate(Changes):
    """Body of `POST /deployments/{id}/create_flow_run`."""

    state: StateCreate | None = None
    name: str | None = None
    parameters: JsonObject = Field(default_factory=dict)
    enforce_parameter_schema: bool | None = None
    context: JsonObject = Field(default_factory=dict)
    infrastructure_document_id: UUID | None = None
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=list)
    idempotency_key: str | None = None
    labels: KeyValueLabels | None = None
    parent_task_run_id: UUID | None = None
    work_queue_name: str | None = None
    job_variables: JsonObject | None = None


class BulkCreateStatus(StrEnum):
    """What became of one flow run of a bulk creation."""

    CREATED = "CREATED"
    FAILED = "FAILED"


class FlowRunCreateResult(WireModel):
    """What became of one flow run of a bulk creation; `error` says why there is none."""

    flow_run_id: UUID | None = None
    status: BulkCreateStatus
    error: str | None = None


class FlowRunBulkCreateResult(WireModel):
    """What became of each flow run, in the order asked for."""

    results: list[FlowRunCreateResult] = Field(default_factory=list[FlowRunCreateResult])
