"""Where the code that is running stands: in which flow run, which task run, and under which tags."""

from __future__ import annotations

from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from ostinato.exceptions import MissingContextError

if TYPE_CHECKING:
    from types import TracebackType

    from ostinato.assets.definition import Asset
    from ostinato.carrying import hydrated_context as hydrated_context
    from ostinato.carrying import serialize_context as serialize_context
    from ostinato.carrying import with_context as with_context
    from ostinato.drawing import Drawing
    from ostinato.engine.links import ResultLinks
    from ostinato.engine.suspension import SuspensionWatch
    from ostinato.engine.task_run import TaskRun
    from ostinato.flows import Flow
    from ostinato.results import ResultStore
    from ostinato.settings import Profile, Settings
    from ostinato.settings import use_profile as use_profile
    from ostinato.states import State
    from ostinato.task_runners import TaskRunner
    from ostinato.tasks import Task
    from ostinato.transactions import BaseTransaction
    from ostinato_wire.flow_runs import FlowRun


def _now() -> datetime:
    return datetime.now(UTC)


class RunContext:
    """What flow and task contexts share: entering one makes it current in this thread or asyncio task.

    A context may be entered many times, one after another: a generator's is current only while its body runs.
    """

    __slots__ = ("_tokens",)
    _current: ClassVar[ContextVar[Any]]  # Any: each subclass has a variable of its own type

    _tokens: list[Token[Any]]  # Any: as above

    def __enter__(self) -> Self:
        self._tokens.append(self._current.set(self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._current.reset(self._tokens.pop())

    @classmethod
    def get(cls) -> Self | None:
        """Return the innermost context of this kind, or None outside of one."""
        return cls._current.get()


@dataclass(slots=True, kw_only=True, eq=False)
class FlowRunContext(RunContext):
    """The flow run whose function is being called."""

    flow: Flow[..., Any]  # Any: of whatever type the flow returns
    flow_run: FlowRun
    parameters: dict[str, Any]  # Any: arguments of a user's function
    task_runner: TaskRunner
    log_prints: bool
    links: ResultLinks
    related: list[dict[str, str]]
    start_time: datetime = field(default_factory=_now)
    pauses: int = 0
    suspension: SuspensionWatch | None = None
    """Knows whether somebody else has suspended the run; there is one where that may be: in runs of deployments."""
    detached: bool = False
    """Whether the function runs elsewhere, and this process does not know which numbers others have taken."""
    child_counts: dict[str, int] = field(default_factory=dict[str, int])
    child_results: dict[tuple[str, str], State] = field(default_factory=lambda: {})
    result_store: ResultStore | None = None
    persist_result: bool = False
    run_assets: dict[str, tuple[Asset, ...]] = field(default_factory=lambda: {})
    """By the id of a task run, what its result was made into or from."""
    _tokens: list[Token[Any]] = field(default_factory=lambda: [], repr=False)

    _current: ClassVar[ContextVar[FlowRunContext | None]] = ContextVar("ostinato_flow_run", default=None)

    def __enter__(self) -> Self:
        """Make this the innermost run: a task that called the flow is further out."""
        self._tokens.append(TaskRunContext.set_none())
        self._tokens.append(self._current.set(self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._current.reset(self._tokens.pop())
        TaskRunContext.restore(self._tokens.pop())

    def next_pause(self) -> str:
        """Return the key of the next pause: "1", "2", and so on."""
        self.pauses += 1
        return str(self.pauses)

    def next_child(self, task_key: str) -> str:
        """Return the dynamic key of the next sub-flow under `task_key`: "0", "1", and so on; no number if detached."""
        if self.detached:
            from uuid_utils.compat import uuid4

            return str(uuid4())
        number = self.child_counts.get(task_key, 0)
        self.child_counts[task_key] = number + 1
        return str(number)


@dataclass(slots=True, kw_only=True, eq=False)
class TaskRunContext(RunContext):
    """The task run whose function is being called.

    `outer` is the task run that called this one. Without a `result_store` of its own it has that of its flow. Its
    `transaction` is there once somebody needs it (`ostinato.transactions`).
    """

    task: Task[..., Any]  # Any: of whatever type the task returns
    task_run: TaskRun
    parameters: dict[str, Any]  # Any: arguments of a user's function
    log_prints: bool
    outer: TaskRunContext | None = None
    result_store: ResultStore | None = None
    persist_result: bool = False
    transaction: BaseTransaction | None = None
    asset_metadata: dict[str, dict[str, Any]] = field(default_factory=lambda: {})  # Any: JSON
    start_time: datetime = field(default_factory=_now)
    _tokens: list[Token[Any]] = field(default_factory=lambda: [], repr=False)

    _current: ClassVar[ContextVar[TaskRunContext | None]] = ContextVar("ostinato_task_run", default=None)

    @classmethod
    def set_none(cls) -> Token[TaskRunContext | None]:
        """Leave every task run for a while; `restore` takes the token."""
        return cls._current.set(None)

    @classmethod
    def restore(cls, token: Token[TaskRunContext | None]) -> None:
        """Go back to the task run that `set_none` left."""
        cls._current.reset(token)


entered_transaction: ContextVar[BaseTransaction | None] = ContextVar("ostinato_transaction", default=None)
"""The innermost `with transaction()` block; here, so that runs without one need not load transactions."""

drawing: ContextVar[Drawing | None] = ContextVar("ostinato_drawing", default=None)
"""The drawing that is being made (`Flow.visualize`): tasks and flows that are called become parts of it."""

_tags: ContextVar[frozenset[str]] = ContextVar("ostinato_tags", default=frozenset())


class TagsContext:
    """The tags that runs started here get."""

    @staticmethod
    def current() -> frozenset[str]:
        """Return the tags of all enclosing `tags` blocks."""
        return _tags.get()


class tags:  # noqa: N801 - a public name, used like a function
    """Add tags to every run that is started inside: `with tags("nightly"): ...`. Nested blocks unite."""

    def __init__(self, *new: str) -> None:
        self._new = frozenset(new)
        self._tokens: list[Token[frozenset[str]]] = []

    def __enter__(self) -> frozenset[str]:
        united = _tags.get() | self._new
        self._tokens.append(_tags.set(united))
        return united

    def __exit__(self, *_: object) -> None:
        _tags.reset(self._tokens.pop())


def get_run_context() -> FlowRunContext | TaskRunContext:
    """Return the context of the innermost run: the task run's if one is running, else the flow run's.

    Raises MissingContextError outside of runs.
    """
    context = TaskRunContext.get() or FlowRunContext.get()
    if context is None:
        raise MissingContextError("No run is active: call this inside a flow or a task.")
    return context


def logs_prints(own: bool | None, within: FlowRunContext | TaskRunContext | None) -> bool:
    """Whether prints are logged: as a flow or task says, or the run that it is called in, or the settings."""
    if own is not None:
        return own
    if within is not None:
        return within.log_prints
    from ostinato.settings import get_current_settings

    return get_current_settings().logging.log_prints


def check_suspension() -> None:
    """Raise Pause if somebody else has suspended the flow run around this call: here its work may stop."""
    context = FlowRunContext.get()
    if context is not None and context.suspension is not None and TaskRunContext.get() is None:
        context.suspension.check()


class SettingsContext:
    """The settings in force at one place, and the profile that they are of."""

    def __init__(self, profile: Profile, settings: Settings) -> None:
        self.profile = profile
        self.settings = settings

    @classmethod
    def get(cls) -> SettingsContext:
        """Return those that are in force here."""
        from ostinato.settings import get_current_profile, get_current_settings

        return cls(get_current_profile(), get_current_settings())


_ELSEWHERE = {
    "hydrated_context": "ostinato.carrying",
    "serialize_context": "ostinato.carrying",
    "use_profile": "ostinato.settings",
    "with_context": "ostinato.carrying",
}


def __getattr__(name: str) -> Any:  # Any: functions of many types; they import this module, and are seldom used
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_ELSEWHERE[name]), name)
