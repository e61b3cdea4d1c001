"""The record of one task run, and the event that tells the server of each of its states (websockets.md, 3.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from uuid_utils.compat import uuid7

from ostinato.states import State, stored_result
from ostinato_wire.states import TERMINAL_STATES, StateDetails, StateType

if TYPE_CHECKING:
    from ostinato.engine.arguments import Edge

M = TypeVar("M", bound=BaseModel)

MAXIMUM_MESSAGE = 100_000
"""Characters of a state's message in an event; the rest is cut."""

_TICK = timedelta(microseconds=1)

FOLLOWS_WITHIN = timedelta(minutes=5)
"""An event names its predecessor only if the two are closer than this."""


@dataclass(slots=True, eq=False)
class TaskRun:
    """One execution of a task, as this process knows it. Run times are in seconds."""

    id: UUID
    name: str
    task_key: str
    dynamic_key: str
    flow_run_id: UUID | None
    empirical_policy: dict[str, Any]  # Any: JSON
    tags: list[str]
    task_inputs: dict[str, list[Edge]]
    expected_start_time: datetime
    task_version: str | None = None
    flow_run_run_count: int = 0
    related: list[dict[str, str]] = field(default_factory=list[dict[str, str]], repr=False)
    labels: dict[str, Any] = field(default_factory=dict[str, Any])  # Any: JSON
    run_count: int = 0
    start_time: datetime | None = None
    end_time: datetime | None = None
    total_run_time: float = 0.0
    state: State | None = None

    @property
    def state_id(self) -> UUID | None:
        """The id of the current state."""
        return self.state.id if self.state else None

    @property
    def state_type(self) -> StateType | None:
        """The type of the current state."""
        return self.state.type if self.state else None

    @property
    def state_name(self) -> str | None:
        """The name of the current state."""
        return self.state.name if self.state else None

    def move_to(self, state: State) -> dict[str, Any]:
        """Make `state` the current one, keep the run's times, and return the event that tells of it.

        A state is later than the one before, also where that one has the time of a server whose clock is ahead: of two
        states the server keeps the later one.
        """
        before = self.state
        if before is not None and state.timestamp <= before.timestamp:
            state.timestamp = before.timestamp + _TICK
        now = state.timestamp
        if before is not None and before.type is StateType.RUNNING:
            self.total_run_time += (now - before.timestamp).total_seconds()
        if state.type is StateType.RUNNING:
            self.run_count += 1
            self.start_time = self.start_time or now
            self.end_time = None
        elif state.type in TERMINAL_STATES:
            self.end_time = now
        self.state = state
        return self._event(before, state)

    def _event(self, before: State | None, state: State) -> dict[str, Any]:
        at = state.timestamp.isoformat()
        type_ = state.type.value
        described = _described(state)
        follows = before is not None and state.timestamp - before.timestamp < FOLLOWS_WITHIN
        return {
            "id": str(state.id),
            "event": f"prefect.task-run.{state.name}",
            "occurred": at,
            "follows": str(before.id) if before is not None and follows else None,
            "resource": {
                "prefect.resource.id": f"prefect.task-run.{self.id}",
                "prefect.resource.name": self.name,
                "prefect.run-count": str(self.run_count),
                "prefect.state-message": described["message"],
                "prefect.state-name": state.name,
                "prefect.state-timestamp": at,
                "prefect.state-type": type_,
                "prefect.orchestration": "client",
            },
            "related": self.related,
            "payload": {
                "intended": {"from": before.type.value if before else None, "to": type_},
                "initial_state": _described(before) if before else None,
                "validated_state": {**described, "data": stored_result(state.data)},
                "task_run": self._record(),
            },
        }

    def _record(self) -> dict[str, Any]:
        record: dict[str, Any] = {
            "name": self.name,
            "task_key": self.task_key,
            "dynamic_key": self.dynamic_key,
            "empirical_policy": self.empirical_policy,
            "tags": self.tags,
            "labels": self.labels,
            "task_inputs": self.task_inputs,
            "run_count": self.run_count,
            "flow_run_run_count": self.flow_run_run_count,
            "expected_start_time": self.expected_start_time.isoformat(),
            "total_run_time": self.total_run_time,
        }
        if self.task_version is not None:
            record["task_version"] = self.task_version
        if self.start_time is not None:
            record["start_time"] = self.start_time.isoformat()
        if self.end_time is not None:
            record["end_time"] = self.end_time.isoformat()
        return record


# Not validated: that would build the models at import, which has to be quick.
NO_DETAILS = StateDetails.model_construct()
_TEMPLATE = State.model_construct(type=StateType.PENDING, state_details=NO_DETAILS)


def changed(model: M, **members: object) -> M:
    """Return a shallow copy of `model` with other members, which are not validated: a task run makes many."""
    copy = model.__copy__()
    vars(copy).update(members)
    return copy


def new_state(
    type_: StateType,
    name: str | None = None,
    message: str | None = None,
    data: object = None,
    details: StateDetails = NO_DETAILS,
) -> State:
    """Return a state made by the engine; its values need no validation. It is not to be changed in place."""
    return changed(
        _TEMPLATE,
        id=uuid7(),
        type=type_,
        name=name or type_.value.capitalize(),
        message=message,
        timestamp=datetime.now(UTC),
        state_details=details,
        data=data,
    )


def _described(state: State) -> dict[str, Any]:
    return {
        "type": state.type.value,
        "name": state.name,
        "message": (state.message or "")[:MAXIMUM_MESSAGE],
        "state_details": _details(state.state_details),
    }


def _details(details: StateDetails) -> dict[str, Any]:
    if details is NO_DETAILS:
        return {}
    return details.model_dump(
        mode="json", exclude={"flow_run_id", "task_run_id"}, exclude_none=True, exclude_defaults=True
    )
