"""States of runs, what a client proposes, and what the server answers."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from ostinato_wire.base import Json, UtcTime, WireModel


class StateType(StrEnum):
    """The nine kinds of state; rules look at the type, people read the name."""

    SCHEDULED = "SCHEDULED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    CRASHED = "CRASHED"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"


TERMINAL_STATES = frozenset({StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED})
ALL_STATES = frozenset(StateType)


class StateDetails(WireModel):
    """What a state carries beside its type and message; every member is present in answers."""

    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None
    child_flow_run_id: UUID | None = None
    scheduled_time: UtcTime | None = None
    cache_key: str | None = None
    cache_expiration: UtcTime | None = None
    deferred: bool | None = False
    untrackable_result: bool = False
    pause_timeout: UtcTime | None = None
    pause_reschedule: bool = False
    pause_key: str | None = None
    run_input_keyset: dict[str, str] | None = None
    refresh_cache: bool | None = None
    retriable: bool | None = None
    transition_id: UUID | None = None
    task_parameters_id: UUID | None = None
    traceparent: str | None = None
    deployment_concurrency_lease_id: UUID | None = None


class StateCreate(WireModel):
    """A state as a client proposes it. The server sets id and timestamp; a client cannot back-date."""

    type: StateType
    name: str | None = None
    message: str | None = None
    data: Json | None = None
    state_details: StateDetails = Field(default_factory=StateDetails)

    @model_validator(mode="after")
    def _fill_defaults(self) -> "StateCreate":
        if not self.name:
            self.name = self.type.value.capitalize()
        if self.type is StateType.SCHEDULED and self.state_details.scheduled_time is None:
            self.state_details = self.state_details.model_copy(update={"scheduled_time": datetime.now(UTC)})
        return self


class State(StateCreate):
    """A state that the server has accepted."""

    id: UUID
    timestamp: UtcTime

    def is_final(self) -> bool:
        """Whether the run has ended."""
        return self.type in TERMINAL_STATES


class SetStateStatus(StrEnum):
    """How the server answered a proposed state."""

    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    ABORT = "ABORT"
    WAIT = "WAIT"


class StateAcceptDetails(WireModel):
    """The proposed state was written."""

    type: Literal["accept_details"] = "accept_details"


class StateRejectDetails(WireModel):
    """Another state was written instead, or none."""

    type: Literal["reject_details"] = "reject_details"
    reason: str | None = None


class StateAbortDetails(WireModel):
    """Nothing was written and the client must stop."""

    type: Literal["abort_details"] = "abort_details"
    reason: str | None = None


class StateWaitDetails(WireModel):
    """Nothing was written; propose again after `delay_seconds` (whole seconds)."""

    type: Literal["wait_details"] = "wait_details"
    delay_seconds: int
    reason: str | None = None


ResponseDetails = Annotated[
    StateAcceptDetails | StateWaitDetails | StateRejectDetails | StateAbortDetails, Field(discriminator="type")
]


class OrchestrationResult(WireModel):
    """The answer to a proposed state; `state` is the run's state now.

    `cascaded` is how many sub-flow runs were cancelled with it, None where that was not asked for.
    """

    state: State | None
    status: SetStateStatus
    details: ResponseDetails
    cascaded: int | None = None


class SetState(WireModel):
    """Body of `POST /flow_runs/{id}/set_state` and `POST /task_runs/{id}/set_state`."""

    state: StateCreate
    force: bool = False


class CascadeQuery(WireModel):
    """Query of `set_state` and `bulk_set_state` of flow runs: are sub-flow runs, at any depth, cancelled too?"""

    cascade: bool = False
