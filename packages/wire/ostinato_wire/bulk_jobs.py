"""Bulk jobs: one change of all flow runs that match a filter, worked off by the server. An extension of the wire."""

from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from ostinato_wire.base import Json, JsonObject, UtcTime, WireModel
from ostinato_wire.filters import AnyId
from ostinato_wire.queries import FlowRunsWhere, Slice
from ostinato_wire.states import StateCreate, StateType

LONGEST_DELAY = 86_400
"""Seconds until a job begins, at most."""
MOST_REASONS = 20
"""Reasons of refusals that a job tells apart; those of all others are counted together."""


class BulkAction(StrEnum):
    """What is done to each flow run."""

    CANCEL = "cancel"
    """Cancelled with its sub-flow runs."""
    RETRY = "retry"
    """Put back into its work pool, where it has ended and belongs to a deployment."""
    DELETE = "delete"
    SET_STATE = "set-state"


class BulkJobStatus(StrEnum):
    """Where a job stands: `pending` ones have not begun, and the last three have ended."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"


UNFINISHED = frozenset({BulkJobStatus.PENDING, BulkJobStatus.RUNNING})


class BulkJobWhere(FlowRunsWhere):
    """Which flow runs, as in `POST /flow_runs/filter`. All there are only where `everything` says so, so that a
    misspelt filter, which would be ignored, does not mean them.
    """

    everything: bool = False

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.everything and not any(_asks(getattr(self, name)) for name in FlowRunsWhere.model_fields):
            raise ValueError("Give a filter with at least one criterion, or say 'everything': true.")
        return self

    def filters(self) -> JsonObject:
        """Return the filters alone, as JSON."""
        return self.model_dump(mode="json", include=set(FlowRunsWhere.model_fields), exclude_none=True)


def _asks(part: object) -> bool:
    """Whether a filter has a criterion; its operator is none."""
    if isinstance(part, WireModel):
        return any(_asks(value) for name, value in part if name != "operator")
    return part is not None


class BulkJobPreviewQuery(BulkJobWhere):
    """Body of `POST /bulk_jobs/preview`."""


class BulkJobCreate(BulkJobWhere):
    """Body of `POST /bulk_jobs/`."""

    action: BulkAction
    state: StateCreate | None = None
    """The state to set; of `set-state` alone."""
    force: bool = False
    """Whether rules that protect runs from the state are left out; of `set-state` alone."""
    delay: float | None = Field(default=None, ge=0, le=LONGEST_DELAY, allow_inf_nan=False)
    """Seconds until it begins; by default 0, but of `delete` what the server's settings say."""

    @model_validator(mode="after")
    def _has_its_state(self) -> Self:
        if (self.action is BulkAction.SET_STATE) != (self.state is not None):
            raise ValueError("'state' belongs to the action 'set-state', and that needs one.")
        return self


class CountOfState(WireModel):
    """How many flow runs are in a state; its type is null for those without any."""

    state_type: StateType | None
    count: int


class BulkJobPreview(WireModel):
    """What a job would be about, now."""

    matched: int
    by_state: list[CountOfState]
    """The most frequent first."""
    delete_delay: float
    """Seconds until a deletion begins, within which it can be stopped."""


class BulkRefusal(WireModel):
    """Why flow runs were left as they are, how many, and one of them."""

    reason: str
    count: int
    flow_run_id: UUID


class BulkJob(WireModel):
    """A job. Of `matched` flow runs when it was asked for, `done` were changed and `refused` were not; others did not
    match any more when their turn came.
    """

    id: UUID
    created: UtcTime
    updated: UtcTime
    action: BulkAction
    filters: JsonObject
    state: JsonObject | None
    force: bool
    status: BulkJobStatus
    matched: int
    looked_at: int
    """Runs whose turn has come."""
    done: int
    refused: int
    refusals: list[BulkRefusal]
    """The most frequent first."""
    begins: UtcTime
    started: UtcTime | None
    ended: UtcTime | None
    reason: str | None
    """Why it failed."""
    created_by: dict[str, Json] | None


class AnyBulkJobStatus(WireModel):
    """Statuses in the list."""

    any_: list[BulkJobStatus] | None = None


class BulkJobFilter(WireModel):
    """Which jobs: all criteria must hold."""

    id: AnyId | None = None
    status: AnyBulkJobStatus | None = None


class BulkJobsQuery(Slice):
    """Body of `POST /bulk_jobs/filter`: the newest come first."""

    bulk_jobs: BulkJobFilter | None = None
