"""What is asked (`Transition`), what rules work on (`Change`) and what comes out (`Outcome`)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Final, Generic, Self, TypeAlias, TypeVar
from uuid import UUID

from ostinato_core.orchestration.states import RunState
from ostinato_wire import API_VERSION
from ostinato_wire.base import Json, JsonObject
from ostinato_wire.states import SetStateStatus

NEWEST_API_VERSION: Final = tuple(int(number) for number in API_VERSION.split("."))
"""The version of the wire that a request without `X-PREFECT-API-VERSION` is taken to speak."""


@dataclass(slots=True, kw_only=True)
class RunFacts:
    """The columns that rules read or write of any run. `empirical_policy` is JSON: replaced, never changed in place."""

    id: UUID
    name: str
    state: RunState | None = None
    tags: list[str] = field(default_factory=list[str])
    run_count: int = 0
    empirical_policy: JsonObject = field(default_factory=dict[str, Json])
    start_time: datetime | None = None
    end_time: datetime | None = None
    total_run_time: timedelta = timedelta(0)
    expected_start_time: datetime | None = None
    next_scheduled_start_time: datetime | None = None

    COLUMNS: ClassVar[tuple[str, ...]] = ()
    WRITABLE: ClassVar[tuple[str, ...]] = (
        "run_count",
        "empirical_policy",
        "start_time",
        "end_time",
        "total_run_time",
        "expected_start_time",
        "next_scheduled_start_time",
    )

    def copy(self) -> Self:
        """Return a shallow copy, much faster than `dataclasses.replace`."""
        twin = object.__new__(type(self))
        for name in self.COLUMNS:
            setattr(twin, name, getattr(self, name))
        return twin

    def changes_since(self, former: "RunFacts") -> dict[str, Json]:
        """Return the writable columns in which this differs from `former`, with their new values."""
        changed: dict[str, Json] = {}
        for name in self.WRITABLE:
            value = getattr(self, name)
            if value is not (old := getattr(former, name)) and value != old:
                changed[name] = value
        return changed


_RUN_COLUMNS = ("id", "name", "state", "tags", *RunFacts.WRITABLE)


@dataclass(frozen=True, slots=True)
class DeploymentStanding:
    """What a run's deployment says of its concurrency."""

    limit_id: UUID | None = None
    """The limit whose slots its runs take, if it has one."""
    cancels_new: bool = False
    """A run that finds no slot is cancelled; otherwise it waits for one."""
    grace_period: timedelta | None = None
    """How long a slot is kept for a run that does not renew its lease; None for the server's default."""


@dataclass(slots=True, kw_only=True)
class FlowRunFacts(RunFacts):
    """What rules read or write of a flow run; `empirical_policy` has the members of `FlowRunPolicy`."""

    flow_id: UUID | None = None
    deployment_id: UUID | None = None
    parent_task_run_id: UUID | None = None
    infrastructure_pid: str | None = None
    deployment: DeploymentStanding | None = None
    """None without a deployment, and where it is gone."""
    retry_on_crash: JsonObject | None = None
    """The members of `RetryOnCrash` that its deployment has, or else its work pool; None: it is not run again."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        *_RUN_COLUMNS,
        "flow_id",
        "deployment_id",
        "parent_task_run_id",
        "infrastructure_pid",
        "deployment",
        "retry_on_crash",
    )


@dataclass(slots=True, kw_only=True)
class TaskRunFacts(RunFacts):
    """What rules read or write of a task run; `empirical_policy` has the members of `TaskRunPolicy`."""

    flow_run_id: UUID | None = None
    task_key: str = ""
    flow_run_run_count: int = 0

    COLUMNS: ClassVar[tuple[str, ...]] = (*_RUN_COLUMNS, "flow_run_id", "task_key", "flow_run_run_count")
    WRITABLE: ClassVar[tuple[str, ...]] = (*RunFacts.WRITABLE, "flow_run_run_count")


@dataclass(slots=True)
class FlowRunStanding:
    """How the flow run stands that encloses a task run."""

    state: RunState | None
    run_count: int


RunT = TypeVar("RunT", bound=RunFacts)


@dataclass(frozen=True, slots=True)
class Proposer:
    """Who asks for a transition, as far as the client tells."""

    api_version: tuple[int, ...] = NEWEST_API_VERSION
    client_version: str | None = None
    worker_name: str | None = None
    """The worker to whose processes the client says that it belongs."""
    heartbeat: float | None = None
    """Seconds between the heartbeats of the flow runs that it begins, where it says so."""


ANONYMOUS: Final = Proposer()
"""Who tells nothing of itself; so it is where the server itself proposes."""


@dataclass(slots=True)
class Transition(Generic[RunT]):
    """A proposed state for a run as it was read, and who asks. Deciding does not change it: it may be decided again."""

    run: RunT
    proposed: RunState
    now: datetime
    proposer: Proposer = ANONYMOUS


@dataclass(slots=True)
class CopyToParentTask:
    """Force `state` onto the task run that stands for this sub-flow run (decide it with the task's minimal policy)."""

    task_run_id: UUID
    state: RunState


@dataclass(slots=True)
class InsertCache:
    """Remember that the state `state_id` holds the result for `cache_key`, until `expiration` if there is one."""

    cache_key: str
    expiration: datetime | None
    state_id: UUID


@dataclass(slots=True)
class MakeFailedTaskRunsReady:
    """Force every FAILED task run of the flow run to a copy of `state` and set its `run_count` to 0 (old clients)."""

    flow_run_id: UUID
    state: RunState


@dataclass(slots=True)
class Enqueue:
    """Put a background task run in the queue of its task, from which a worker takes it."""

    task_run_id: UUID
    task_key: str
    is_retry: bool


@dataclass(slots=True)
class ReleaseLease:
    """Give back the slots of a lease; one that is gone needs nothing."""

    lease_id: UUID


@dataclass(slots=True)
class KeepLease:
    """Keep the slots of a lease until it is released: the client does not know that it had to renew it."""

    lease_id: UUID


@dataclass(slots=True)
class RenewLease:
    """Let a lease last `lifetime` from now; where it is gone meanwhile, the state is to be decided again."""

    lease_id: UUID
    lifetime: timedelta


@dataclass(slots=True)
class ClearInfrastructure:
    """Forget what the flow run runs on: whatever it is, the run is not there any more."""

    flow_run_id: UUID


@dataclass(slots=True)
class CloseTaskRuns:
    """Let the task runs of the flow run crash that have not ended, with this message: their process is gone."""

    flow_run_id: UUID
    message: str | None


@dataclass(slots=True)
class ExpectHeartbeats:
    """The process of the flow run is going to tell every `interval` seconds that it lives."""

    flow_run_id: UUID
    interval: float


@dataclass(slots=True)
class ReleaseTagSlots:
    """Give back the slots on tags that a task run holds."""

    task_run_id: UUID


Instruction: TypeAlias = (
    CopyToParentTask
    | InsertCache
    | MakeFailedTaskRunsReady
    | ReleaseLease
    | KeepLease
    | RenewLease
    | ReleaseTagSlots
    | Enqueue
    | CloseTaskRuns
    | ClearInfrastructure
    | ExpectHeartbeats
)
"""What the caller does in the transaction that writes the state."""


@dataclass(slots=True)
class Change(Generic[RunT]):
    """A transition under decision. Rules change `run` and `proposed`, which are copies; `asked` is what was read."""

    asked: Transition[RunT]
    run: RunT
    initial: RunState | None
    proposed: RunState
    now: datetime
    proposer: Proposer
    after: list[Instruction] = field(default_factory=list[Instruction])
    refused: bool = False
    """A rule has decided that nothing is written."""
    enclosing: FlowRunStanding | None = None
    """The answer of the port about the enclosing flow run, so that it is asked once."""

    taken: UUID | None = None
    """The lease that a rule has taken for this run; it is given back where another rule decides otherwise."""
    failed: bool = False
    """A rule has failed: the transaction takes back whatever was written."""

    def current(self) -> RunState:
        """Return the run's state; for rules whose edge leaves out runs without a state."""
        if self.initial is None:
            raise LookupError("The run has no state; the edge of this rule must leave out such runs.")
        return self.initial

    def intent_holds(self) -> bool:
        """Whether a state of the type that was asked for is still going to be written."""
        return not self.refused and self.proposed.type is self.asked.proposed.type

    def set_policy(self, **members: Json) -> None:
        """Overlay members of the run's policy."""
        self.run.empirical_policy = self.run.empirical_policy | members


@dataclass(slots=True)
class Outcome:
    """What was decided: what to write, if anything, and what to answer."""

    status: SetStateStatus
    details: dict[str, Json]
    """The `details` of the wire's `OrchestrationResult`."""
    state: RunState | None
    """The state to write; None: write nothing at all and answer with the run's current state."""
    changes: dict[str, Json]
    """Columns of the run to write beside the state, with their new values; empty without a state."""
    after: list[Instruction]
    """What else to write in the same transaction; empty without a state."""
    run: RunFacts
    """The run as it stands when `state` and `changes` are written; as it was read if nothing is."""

    def current(self) -> RunState | None:
        """Return the state to answer with."""
        return self.run.state
