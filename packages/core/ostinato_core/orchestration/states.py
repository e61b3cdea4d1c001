"""A state while it is being decided on: light, with details as JSON-able values under the names of the wire."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self, TypeAlias
from uuid import UUID

from uuid_utils.compat import uuid7

from ostinato_wire.base import Json
from ostinato_wire.states import TERMINAL_STATES, StateCreate, StateDetails, StateType

Details: TypeAlias = dict[str, Json]
"""Members of `StateDetails` as JSON has them: ids are text, times are `wire_time` text."""

DEFAULT_DETAILS: Details = StateDetails().model_dump(mode="json")
"""All members of `state_details` with their defaults; copy it, do not change it."""

UNPERSISTED = "unpersisted"
"""The `type` of data that is answered but not stored."""


def wire_time(value: datetime) -> str:
    """Return an aware UTC time as the wire writes it: ISO 8601, `Z`."""
    return value.isoformat().replace("+00:00", "Z")


@dataclass(slots=True)
class RunState:
    """A state of a run. `details` of a state that was read may lack members; what `decide` works on has all of them."""

    id: UUID
    type: StateType
    name: str
    timestamp: datetime
    message: str | None = None
    data: Json = None
    details: Details = field(default_factory=DEFAULT_DETAILS.copy)

    @classmethod
    def make(
        cls,
        type_: StateType,
        now: datetime,
        *,
        name: str | None = None,
        message: str | None = None,
        data: Json = None,
        details: Details | None = None,
    ) -> Self:
        """Return a new state at `now`; `details` overlay the defaults, and SCHEDULED is due now if they do not say."""
        members = DEFAULT_DETAILS | details if details else DEFAULT_DETAILS.copy()
        if type_ is StateType.SCHEDULED and members["scheduled_time"] is None:
            members["scheduled_time"] = wire_time(now)
        return cls(uuid7(), type_, name or type_.value.capitalize(), now, message, data, members)

    @classmethod
    def from_wire(cls, proposed: StateCreate, now: datetime) -> Self:
        """Return what a client proposed as a state that was received at `now`."""
        given = proposed.state_details
        details = given.model_dump(mode="json", exclude_unset=True) if given.model_fields_set else None
        return cls.make(
            proposed.type, now, name=proposed.name, message=proposed.message, data=proposed.data, details=details
        )

    def copy(self) -> "RunState":
        """Return the same state with details of its own, completed with the defaults."""
        return RunState(
            self.id, self.type, self.name, self.timestamp, self.message, self.data, DEFAULT_DETAILS | self.details
        )

    def as_new(self, now: datetime) -> "RunState":
        """Return a copy with an id of its own that is made at `now`."""
        return RunState(uuid7(), self.type, self.name, now, self.message, self.data, DEFAULT_DETAILS | self.details)

    def is_final(self) -> bool:
        """Whether the run has ended."""
        return self.type in TERMINAL_STATES

    def has_persisted_result(self) -> bool:
        """Whether `data` refers to a stored result."""
        return isinstance(self.data, dict) and not self.is_unpersisted()

    def is_unpersisted(self) -> bool:
        """Whether `data` belongs into the answer only: storage keeps null in its place."""
        match self.data:
            case {"type": kind}:
                return bool(kind == UNPERSISTED)
            case _:
                return False

    def scheduled_time(self) -> datetime | None:
        """When the run is due, if the state says so."""
        return self._time("scheduled_time")

    def pause_timeout(self) -> datetime | None:
        """Until when the run may be resumed, if the state says so."""
        return self._time("pause_timeout")

    def _time(self, member: str) -> datetime | None:
        text = self.details.get(member)
        return datetime.fromisoformat(text) if text else None

    def to_wire(self) -> dict[str, Json]:
        """Return the members of the wire's `State` as JSON-able values, with all 18 details."""
        return {
            "id": str(self.id),
            "type": self.type.value,
            "name": self.name,
            "timestamp": wire_time(self.timestamp),
            "message": self.message,
            "data": self.data,
            "state_details": DEFAULT_DETAILS | self.details,
        }
