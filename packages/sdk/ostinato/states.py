"""The state of a run as flows see it: its result, its predicates, and one constructor for each stock name."""
# ruff: noqa: N802 - the constructors are called as the states are

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field
from uuid_utils.compat import uuid7

from ostinato.exceptions import (
    CancelledRun,
    CrashedRun,
    FailedRun,
    MissingResult,
    PausedRun,
    SerializationError,
    UnfinishedRun,
)
from ostinato_wire.states import TERMINAL_STATES, StateDetails, StateType
from ostinato_wire.states import State as WireState

if TYPE_CHECKING:
    from ostinato.engine.public_states import exception_to_crashed_state as exception_to_crashed_state
    from ostinato.engine.public_states import exception_to_failed_state as exception_to_failed_state
    from ostinato.engine.public_states import return_value_to_state as return_value_to_state
    from ostinato.engine.public_states import to_state_create as to_state_create
    from ostinato.engine.steps import Plan

FAILED_TYPES = frozenset({StateType.FAILED, StateType.CRASHED, StateType.CANCELLED})

_WRAPPERS: dict[StateType, tuple[type[Exception], str]] = {
    StateType.FAILED: (FailedRun, "Run failed."),
    StateType.CRASHED: (CrashedRun, "Run crashed."),
    StateType.CANCELLED: (CancelledRun, "Run cancelled."),
}


def _now() -> datetime:
    return datetime.now(UTC)


class State(WireState):
    """A state of a run, accepted or about to be.

    `data` is the result in this process, the record of a stored one, or what the server was told of where that is.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: UUID = Field(default_factory=uuid7)
    timestamp: datetime = Field(default_factory=_now)  # pyright: ignore[reportIncompatibleVariableOverride] - UtcTime is a datetime
    data: Any = Field(default=None, repr=False)  # Any: the return value of a user's function

    @classmethod
    def from_wire(cls, state: WireState, data: object = None) -> Self:
        """Return the accepted `state` with `data` as its result in this process."""
        return cls.model_construct(
            id=state.id,
            type=state.type,
            name=state.name,
            message=state.message,
            timestamp=state.timestamp,
            state_details=state.state_details,
            data=data,
        )

    def result(
        self, raise_on_failure: bool = True, retry_result_failure: bool = True
    ) -> Any:  # Any: the return value of a user's function
        """Return what the run returned; a stored result is read, also one of another process.

        A failed run raises its exception, or returns it with `raise_on_failure=False`. With `retry_result_failure` a
        result that is not in its storage is looked for again for some seconds. Raises UnfinishedRun or PausedRun if the
        run has not ended, MissingResult if the result is not at hand, SerializationError if it cannot be read.
        """
        if type(self.data) is InMemoryResult and self.type is StateType.COMPLETED:
            return self.data.value
        from ostinato.engine.drivers import drive

        return drive(self._result_plan(raise_on_failure, retry_result_failure))

    async def aresult(
        self, raise_on_failure: bool = True, retry_result_failure: bool = True
    ) -> Any:  # Any: the return value of a user's function
        """As `result`; the event loop goes on while a stored result is read."""
        from ostinato.engine.drivers import adrive

        return await adrive(self._result_plan(raise_on_failure, retry_result_failure))

    def _result_plan(self, raise_on_failure: bool, retried: bool) -> Plan[Any]:
        if self.type is StateType.PAUSED:
            raise PausedRun("The run is paused; its result is not available yet.", state=self)
        if self.type not in TERMINAL_STATES:
            raise UnfinishedRun(f"Run is in {self.name} state; its result is not available yet.")
        data = yield from self._data_plan(retried)
        if self.type in FAILED_TYPES:
            error = _exception_of(self, data)
            if raise_on_failure:
                raise error
            return error
        if self.data is None:
            raise MissingResult(
                "The result is not in this process: the run was made elsewhere and its result was not stored. Have it "
                "stored by persist_result=True."
            )
        return data

    def _data_plan(self, retried: bool) -> Plan[Any]:
        """Return the data of the state, the value instead of what tells where it is."""
        if not _is_reference(self.data):
            return _unwrap(self.data)
        from ostinato.results.reading import TRIES, metadata_in, read_plan

        metadata = metadata_in(self.data)
        if metadata is None:
            return self.data
        try:
            return (yield from read_plan(metadata, TRIES if retried else 1))
        except (MissingResult, SerializationError):
            if self.type in FAILED_TYPES:
                return None  # then the message tells what went wrong
            raise

    def is_scheduled(self) -> bool:
        """Whether the run waits for its time."""
        return self.type is StateType.SCHEDULED

    def is_pending(self) -> bool:
        """Whether the run waits for what it needs to start."""
        return self.type is StateType.PENDING

    def is_running(self) -> bool:
        """Whether the run's function is being called."""
        return self.type is StateType.RUNNING

    def is_completed(self) -> bool:
        """Whether the run ended well."""
        return self.type is StateType.COMPLETED

    def is_failed(self) -> bool:
        """Whether the run ended in FAILED; a crash is not a failure."""
        return self.type is StateType.FAILED

    def is_crashed(self) -> bool:
        """Whether the run's process ended before the run did."""
        return self.type is StateType.CRASHED

    def is_cancelled(self) -> bool:
        """Whether the run was cancelled."""
        return self.type is StateType.CANCELLED

    def is_cancelling(self) -> bool:
        """Whether the run is being cancelled."""
        return self.type is StateType.CANCELLING

    def is_paused(self) -> bool:
        """Whether the run is paused or suspended."""
        return self.type is StateType.PAUSED

    def __str__(self) -> str:
        kind = f"type={self.type.value}" if self.name != self.type.value.capitalize() else ""
        parts = [part for part in (repr(self.message) if self.message else "", kind) if part]
        return f"{self.name}({', '.join(parts)})"

    def __repr__(self) -> str:
        message = f"message={self.message!r}, " if self.message else ""
        return f"{self.name}({message}type={self.type.value}, result={_unwrap(self.data)!r})"

    def __hash__(self) -> int:
        return hash(self.id)


class InMemoryResult:
    """Holds a run's return value, so that a returned None differs from "no result"."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


def _is_stored_kind(data: object, kind: str) -> bool:
    """Whether `data` is of a class of `results.records`; nothing is before that module was loaded."""
    records = sys.modules.get("ostinato.results.records")
    return records is not None and isinstance(data, getattr(records, kind))


def has_value(data: object) -> bool:
    """Whether the data of a state are a result in this process: one that is not stored, or a record."""
    return type(data) is InMemoryResult or _is_stored_kind(data, "ResultRecord")


def _unwrap(data: Any) -> Any:  # Any: data of a state
    return data.value if has_value(data) else data


def _is_reference(data: object) -> bool:
    """Whether the data of a state may tell where the result is: metadata of a record, or their JSON."""
    return isinstance(data, dict) or _is_stored_kind(data, "ResultRecordMetadata")


def stored_result(data: Any) -> Any:  # Any: as above, and JSON
    """Return what the server is told of a result: where it is stored, as JSON; None if it is not."""
    if data is None or type(data) is InMemoryResult:
        return None
    if _is_stored_kind(data, "ResultRecord"):
        data = data.metadata
    return data.model_dump(mode="json") if _is_stored_kind(data, "ResultRecordMetadata") else None


def get_state_exception(state: WireState) -> BaseException:
    """Return the exception that a FAILED, CRASHED or CANCELLED `state` stands for; other states are a ValueError."""
    if state.type not in _WRAPPERS:
        raise ValueError(f"Expected a failed, crashed or cancelled state, got {state.name} ({state.type.value}).")
    if isinstance(state, State) and _is_reference(state.data):
        from ostinato.engine.drivers import drive

        return _exception_of(state, drive(state._data_plan(retried=True)))  # pyright: ignore[reportPrivateUsage] - same file
    return _exception_of(state, _unwrap(state.data))


def _exception_of(state: WireState, data: Any) -> BaseException:  # Any: as above
    wrapper, default = _WRAPPERS[state.type]
    if isinstance(data, BaseException):
        return data
    if isinstance(data, str):
        return wrapper(data)
    if isinstance(data, State) and data.type in FAILED_TYPES:
        return get_state_exception(data)
    if is_state_iterable(data):
        for inner in data:
            if isinstance(inner, State) and inner.type in FAILED_TYPES:
                return get_state_exception(inner)
    return wrapper(state.message or default)


def raise_state_exception(state: WireState) -> None:
    """Raise the exception of a FAILED, CRASHED or CANCELLED `state`; any other state is silent."""
    if state.type in FAILED_TYPES:
        raise get_state_exception(state)


def is_state_iterable(value: object) -> bool:
    """Whether `value` is a non-empty list, tuple or set of states and nothing else."""
    if not isinstance(value, (list, tuple, set, frozenset)):
        return False
    members: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType] - any container
    return bool(members) and all(isinstance(member, State) for member in members)


class StateGroup:
    """Counts states by kind; `n/m states failed.` of a flow that returns many comes from here."""

    def __init__(self, states: list[State]) -> None:
        self.states = states
        self.total = len(states)
        self.completed = self._count(StateType.COMPLETED)
        self.cancelled = self._count(StateType.CANCELLED)
        self.paused = self._count(StateType.PAUSED)
        self.failed = self._count(StateType.FAILED, StateType.CRASHED)
        self.not_final = sum(state.type not in TERMINAL_STATES for state in states)

    def _count(self, *types: StateType) -> int:
        return sum(state.type in types for state in self.states)

    def all_completed(self) -> bool:
        """Whether every state is COMPLETED."""
        return self.completed == self.total


def _make(type_: StateType, name: str | None = None, **fields: Any) -> State:  # Any: fields of State, checked by it
    name = fields.pop("name", None) or name or type_.value.capitalize()
    return State(type=type_, name=name, **fields)


def _scheduled(name: str, scheduled_time: datetime | None, fields: dict[str, Any]) -> State:
    details: StateDetails = fields.pop("state_details", None) or StateDetails()
    details = details.model_copy(update={"scheduled_time": scheduled_time or details.scheduled_time or _now()})
    return _make(StateType.SCHEDULED, name, state_details=details, **fields)


# The constructors take `message`, `name`, `data` and `state_details` as keywords.


def Scheduled(scheduled_time: datetime | None = None, **fields: Any) -> State:
    """A run that is to start at `scheduled_time` (default: now)."""
    return _scheduled("Scheduled", scheduled_time, fields)


def Late(scheduled_time: datetime | None = None, **fields: Any) -> State:
    """A run that should have started at `scheduled_time`."""
    return _scheduled("Late", scheduled_time, fields)


def AwaitingRetry(scheduled_time: datetime | None = None, **fields: Any) -> State:
    """A run that failed and starts again at `scheduled_time`."""
    return _scheduled("AwaitingRetry", scheduled_time, fields)


def AwaitingConcurrencySlot(scheduled_time: datetime | None = None, **fields: Any) -> State:
    """A run that asks for a slot again at `scheduled_time`."""
    return _scheduled("AwaitingConcurrencySlot", scheduled_time, fields)


def Pending(**fields: Any) -> State:
    """A run that waits for what it needs."""
    return _make(StateType.PENDING, **fields)


def Submitting(**fields: Any) -> State:
    """A run that a worker is handing to its infrastructure."""
    return _make(StateType.PENDING, "Submitting", **fields)


def InfrastructurePending(**fields: Any) -> State:
    """A run whose infrastructure is starting."""
    return _make(StateType.PENDING, "InfrastructurePending", **fields)


def Running(**fields: Any) -> State:
    """A run whose function is being called."""
    return _make(StateType.RUNNING, **fields)


def Retrying(**fields: Any) -> State:
    """A run whose function is being called again."""
    return _make(StateType.RUNNING, "Retrying", **fields)


def Completed(**fields: Any) -> State:
    """A run that ended well."""
    return _make(StateType.COMPLETED, **fields)


def Failed(**fields: Any) -> State:
    """A run that ended with an error."""
    return _make(StateType.FAILED, **fields)


def Crashed(**fields: Any) -> State:
    """A run whose process or infrastructure ended first."""
    return _make(StateType.CRASHED, **fields)


def Cancelling(**fields: Any) -> State:
    """A run that is being cancelled."""
    return _make(StateType.CANCELLING, **fields)


def Cancelled(**fields: Any) -> State:
    """A run that was cancelled."""
    return _make(StateType.CANCELLED, **fields)


def Paused(
    timeout_seconds: float | None = None,
    pause_expiration_time: datetime | None = None,
    reschedule: bool = False,
    pause_key: str | None = None,
    **fields: Any,
) -> State:
    """A run that waits to be resumed, until `pause_expiration_time` or for `timeout_seconds`; not both."""
    if timeout_seconds is not None and pause_expiration_time is not None:
        raise ValueError("Give `timeout_seconds` or `pause_expiration_time`, not both.")
    if timeout_seconds is not None:
        pause_expiration_time = _now() + timedelta(seconds=timeout_seconds)
    details: StateDetails = fields.pop("state_details", None) or StateDetails()
    update = {"pause_timeout": pause_expiration_time, "pause_reschedule": reschedule, "pause_key": pause_key}
    return _make(StateType.PAUSED, state_details=details.model_copy(update=update), **fields)


def Suspended(
    timeout_seconds: float | None = None,
    pause_expiration_time: datetime | None = None,
    pause_key: str | None = None,
    **fields: Any,
) -> State:
    """A paused run whose process has ended."""
    fields = {"name": "Suspended", **fields}
    return Paused(timeout_seconds, pause_expiration_time, reschedule=True, pause_key=pause_key, **fields)


_MADE_ELSEWHERE = frozenset(
    {"exception_to_crashed_state", "exception_to_failed_state", "return_value_to_state", "to_state_create"}
)


def __getattr__(name: str) -> Any:  # Any: functions of many types; they import this module, and are seldom used
    if name not in _MADE_ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ostinato.engine import public_states

    return getattr(public_states, name)
