"""The frames of the worker channel (websockets.md, section 7). Unlike requests they take no unknown members."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import ConfigDict, Field, TypeAdapter, model_validator

from ostinato_wire.base import JsonObject, UtcTime, WireModel
from ostinato_wire.job_templates import BaseJobTemplate
from ostinato_wire.workers import HeartbeatInterval

VERSION: Final = "work_pool_worker_channel.v1"
HEARTBEATS: Final = "worker_heartbeat.v1"
SNAPSHOTS: Final = "work_pool_snapshot.v1"
CLEANUP: Final = "cleanup_delivery.v1"
CAPABILITIES: Final = (HEARTBEATS, SNAPSHOTS, CLEANUP)
"""What this server can do on the channel."""


class CleanupKind(StrEnum):
    """What a worker is to clean up."""

    CANCELLING_TIMEOUT = "cancelling_timeout_teardown.v1"
    PENDING_CLAIM = "pending_claim_teardown.v1"


class Strict(WireModel):
    """A part of a frame: unknown members are an error."""

    model_config = ConfigDict(extra="forbid")


class Hello(Strict):
    """What a worker says of itself first. Intervals in seconds."""

    consumer_id: UUID
    worker_name: str = Field(min_length=1)
    worker_type: str
    heartbeat_interval_seconds: Annotated[HeartbeatInterval, Field(gt=0)]
    supported_channel_versions: list[str] = Field(min_length=1)
    requested_capabilities: list[str] = Field(min_length=1)
    work_queue_names: list[str] = Field(default_factory=list)
    handled_cleanup_kinds: list[CleanupKind] = Field(default_factory=list[CleanupKind])
    max_cleanup_concurrency: int | None = Field(default=None, ge=0)
    create_pool_if_not_found: bool = False
    default_base_job_template: BaseJobTemplate | None = None
    worker_metadata: JsonObject | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "Hello":
        for needed in (HEARTBEATS, SNAPSHOTS):
            if needed not in self.requested_capabilities:
                raise ValueError(f"The capability {needed} must be requested")
        cleans = bool(self.handled_cleanup_kinds or self.max_cleanup_concurrency)
        if cleans and CLEANUP not in self.requested_capabilities:
            raise ValueError(f"Clean-up needs the capability {CLEANUP}")
        return self

    def cleanup_concurrency(self) -> int:
        """Return how many clean-up messages the worker takes at once."""
        if CLEANUP not in self.requested_capabilities or not self.handled_cleanup_kinds:
            return 0
        return 1 if self.max_cleanup_concurrency is None else self.max_cleanup_concurrency


class Heartbeat(Strict):
    """A sign of life; the interval in seconds."""

    consumer_id: UUID
    worker_name: str
    heartbeat_interval_seconds: Annotated[HeartbeatInterval, Field(gt=0)]


class Reservation(Strict):
    """Names a clean-up message that was given out, and proves that it was given to the sender."""

    message_id: UUID
    reservation_token: str


class Release(Reservation):
    """Gives a clean-up message back."""

    reason: str = Field(min_length=1)


class _Frame(Strict):
    id: UUID
    sent_at: UtcTime


class HelloFrame(_Frame):
    """The first frame."""

    type: Literal["worker.hello.v1"]
    payload: Hello


class HeartbeatFrame(_Frame):
    """A sign of life."""

    type: Literal["worker.heartbeat.v1"]
    payload: Heartbeat


class AckFrame(_Frame):
    """A clean-up is done."""

    type: Literal["cleanup.ack.v1"]
    payload: Reservation


class RenewFrame(_Frame):
    """A clean-up takes longer."""

    type: Literal["cleanup.renew.v1"]
    payload: Reservation


class ReleaseFrame(_Frame):
    """A clean-up cannot be done."""

    type: Literal["cleanup.release.v1"]
    payload: Release


CleanupFrame: TypeAlias = AckFrame | RenewFrame | ReleaseFrame
ClientFrame: TypeAlias = Annotated[HeartbeatFrame | CleanupFrame, Field(discriminator="type")]
"""What a client sends after its hello."""

CLIENT_FRAME: Final[TypeAdapter[HeartbeatFrame | CleanupFrame]] = TypeAdapter(ClientFrame)


def frame(type_: str, id_: UUID, sent_at: datetime, payload: JsonObject) -> JsonObject:
    """Return a frame that the server sends."""
    return {"type": type_, "id": str(id_), "sent_at": sent_at, "payload": payload}
