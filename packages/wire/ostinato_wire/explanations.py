"""Why a flow run does not run: an extension of the wire, answered by `GET /flow_runs/{id}/explain`."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from ostinato_wire.base import JsonObject, UtcTime, WireModel
from ostinato_wire.states import StateType


class Severity(StrEnum):
    """What has to happen before a cause is gone."""

    BLOCKING = "blocking"
    """Somebody must do something."""
    WAITING = "waiting"
    """Time, or other runs, take care of it."""
    INFO = "info"
    """It holds nothing back."""


class CauseCode(StrEnum):
    """The causes that this version of the server knows."""

    NO_STATE = "no_state"
    DEPLOYMENT_GONE = "deployment_gone"
    QUEUE_GONE = "queue_gone"
    NO_QUEUE = "no_queue"
    NOT_SERVED = "not_served"
    POOL_PAUSED = "pool_paused"
    QUEUE_PAUSED = "queue_paused"
    NO_WORKER_EVER = "no_worker_ever"
    NO_WORKER_ONLINE = "no_worker_online"
    OTHER_QUEUES_ONLY = "other_queues_only"
    WORKERS_DO_NOT_ASK = "workers_do_not_ask"
    POOL_LIMIT_FULL = "pool_limit_full"
    QUEUE_LIMIT_FULL = "queue_limit_full"
    DEPLOYMENT_LIMIT_FULL = "deployment_limit_full"
    TAG_LIMIT_FULL = "tag_limit_full"
    RUNS_AHEAD = "runs_ahead"
    NOT_DUE = "not_due"
    TOO_LATE = "too_late"
    WAITING_FOR_RETRY = "waiting_for_retry"
    RETRY_OVERDUE = "retry_overdue"
    PENDING = "pending"
    PAUSED = "paused"
    PAUSE_EXPIRED = "pause_expired"
    CANCELLING = "cancelling"
    RUNNING = "running"
    SILENT = "silent"
    FINISHED = "finished"
    READY = "ready"
    LATE = "late"
    DEPLOYMENT_PAUSED = "deployment_paused"
    SCHEDULE_PAUSED = "schedule_paused"
    SCHEDULE_GONE = "schedule_gone"


class Cause(WireModel):
    """One thing that keeps a flow run from running, or that is good to know; `message` and `remedy` are for people."""

    code: CauseCode | str
    severity: Severity
    message: str
    since: UtcTime | None = None
    details: JsonObject = Field(default_factory=dict)
    remedy: str | None = None


class Explanation(WireModel):
    """Why a flow run does not run, in a sentence and by its causes: what counts most is first."""

    id: UUID
    name: str
    state_type: StateType | None = None
    state_name: str | None = None
    since: UtcTime | None = None
    verdict: str
    causes: list[Cause] = Field(default_factory=list[Cause])
