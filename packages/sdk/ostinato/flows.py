"""`@flow`: a function whose every call is a flow run, which the server follows from its start to its end."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Coroutine, Generator, Iterable
from contextlib import aclosing, contextmanager
from functools import cached_property, update_wrapper
from types import MethodType
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypedDict, TypeVar, Unpack, cast, overload

from ostinato.context import FlowRunContext, check_suspension, drawing, logs_prints
from ostinato.deployable import Deployable
from ostinato.engine.caching import check_results
from ostinato.engine.drivers import adrive, adrive_items, drive, drive_items
from ostinato.engine.flow_plan import FlowRunEngine
from ostinato.engine.hooks import Hook, checked
from ostinato.engine.identity import flow_name, run_name, source_version
from ostinato.engine.signatures import BoundSignature, binding_of, unwrapped
from ostinato.engine.termination import TerminationGuard
from ostinato.exceptions import SignatureMismatchError
from ostinato.states import State
from ostinato.task_runners import TaskRunner, ThreadPoolTaskRunner
from ostinato.tasks import raise_unless_completed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator

    from ostinato.engine.validation import ParameterValidator
    from ostinato.results.storage import StorageReference
    from ostinato.serializers import Serializer
    from ostinato_wire.flow_runs import FlowRunPolicy

__all__ = ["Flow", "FlowOptions", "flow"]

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")

# Any below: arguments and results of users' functions, unless said otherwise.


class FlowOptions(TypedDict, total=False):
    """Keywords of `@flow` and of `with_options`; times are in seconds."""

    name: str | None
    version: str | None
    flow_run_name: str | Callable[..., str] | None
    retries: int | None
    retry_delay_seconds: float | None
    task_runner: TaskRunner | type[TaskRunner] | None
    description: str | None
    timeout_seconds: float | None
    validate_parameters: bool
    persist_result: bool | None
    result_storage: StorageReference | None
    result_serializer: Serializer[Any] | str | None
    cache_result_in_memory: bool
    log_prints: bool | None
    on_completion: list[Hook] | None
    on_failure: list[Hook] | None
    on_cancellation: list[Hook] | None
    on_crashed: list[Hook] | None
    on_running: list[Hook] | None


OPTIONS = FlowOptions.__optional_keys__


class Flow(Deployable, Generic[P, R_co]):
    """A function that runs as a flow. Call it; a flow called inside a flow becomes a sub-flow.

    `name` defaults to the function's, with dashes; `flow_run_name` is a template over the parameters, or a callable.
    `retries` and `retry_delay_seconds` (whole seconds) are the server's to count. `log_prints` is inherited by tasks
    and sub-flows. With `validate_parameters` arguments are checked and converted by their type hints.

    `persist_result` stores the result and those of tasks and sub-flows that do not say otherwise, in `result_storage`
    (a storage block, `type-slug/name`, a folder or a URL), by `result_serializer`; `cache_result_in_memory=False` drops
    a stored result from memory.
    """

    def __init__(self, fn: Callable[P, R_co], **options: Unpack[FlowOptions]) -> None:
        unknown = options.keys() - OPTIONS
        if unknown:
            raise TypeError(f"Unknown flow options {sorted(unknown)}; there are {sorted(OPTIONS)}.")
        self._binding = binding_of(fn)
        self.fn: Callable[P, R_co] = unwrapped(fn)
        if not callable(self.fn):
            raise TypeError(f"A flow needs a function, got {type(fn).__name__}.")
        update_wrapper(self, self.fn)
        self._options = options
        self.bound_fn: Callable[..., Any] = self.fn
        self.isasync = inspect.iscoroutinefunction(self.fn) or inspect.isasyncgenfunction(self.fn)
        self.isgenerator = inspect.isgeneratorfunction(self.fn) or inspect.isasyncgenfunction(self.fn)
        self.name = flow_name(self.fn, options.get("name"))
        self.description = options.get("description") or inspect.getdoc(self.fn)
        self.flow_run_name = options.get("flow_run_name")
        if self.flow_run_name is not None and not (isinstance(self.flow_run_name, str) or callable(self.flow_run_name)):
            raise TypeError("`flow_run_name` must be a string or a callable that returns one.")
        self.task_runner = _runner_of(options.get("task_runner"))
        self.timeout_seconds = float(options.get("timeout_seconds") or 0) or None
        self.should_validate_parameters = options.get("validate_parameters", True)
        self.result_storage = options.get("result_storage")
        self.result_serializer = options.get("result_serializer")
        self.cache_result_in_memory = options.get("cache_result_in_memory", True)
        self.persist_result = options.get("persist_result")
        if self.persist_result is None and (self.result_storage is not None or self.result_serializer is not None):
            self.persist_result = True
        check_results(options)
        self.log_prints = options.get("log_prints")
        self.on_completion_hooks = checked("on_completion", options.get("on_completion"))
        self.on_failure_hooks = checked("on_failure", options.get("on_failure"))
        self.on_cancellation_hooks = checked("on_cancellation", options.get("on_cancellation"))
        self.on_crashed_hooks = checked("on_crashed", options.get("on_crashed"))
        self.on_running_hooks = checked("on_running", options.get("on_running"))
        self.signature.check_reserved("Flow", self.name)

    @cached_property
    def version(self) -> str | None:
        """The version given, else the MD5 of the source file; None where there is no file."""
        return self._options.get("version") or source_version(self.fn)

    @cached_property
    def signature(self) -> BoundSignature:
        """The signature of the function, without the object of a bound method."""
        return BoundSignature(self.fn, skip_first=self.bound_fn is not self.fn)

    @cached_property
    def _validator(self) -> ParameterValidator:
        from ostinato.engine.validation import ParameterValidator

        return ParameterValidator(self.fn, self.signature)

    @property
    def retries(self) -> int:
        """How often a failed run starts again; the setting's default unless given."""
        from ostinato.settings import get_current_settings

        given = self._options.get("retries")
        return get_current_settings().flows.default_retries if given is None else given

    @property
    def retry_delay_seconds(self) -> float:
        """Seconds before a failed run starts again; the setting's default unless given."""
        from ostinato.settings import get_current_settings

        given = self._options.get("retry_delay_seconds")
        if given is not None:
            return given
        default = get_current_settings().flows.default_retry_delay_seconds
        return default if isinstance(default, (int, float)) else float(default[0] if default else 0)

    @property
    def wire_policy(self) -> FlowRunPolicy:
        """The retry policy as the server takes it: whole seconds, fractions cut."""
        from ostinato_wire.flow_runs import FlowRunPolicy

        return FlowRunPolicy(retries=self.retries, retry_delay=int(self.retry_delay_seconds))

    @property
    def heartbeat_frequency(self) -> float | None:
        """Seconds between heartbeats of a run; None for no heartbeats."""
        from ostinato.settings import get_current_settings

        return get_current_settings().flows.heartbeat_frequency

    def with_options(self, **options: Unpack[FlowOptions]) -> Flow[P, R_co]:
        """Return a copy of the flow with other options."""
        changed = type(self)(self.fn, **cast("FlowOptions", {**self._options, **options}))
        changed._binding = self._binding
        return changed._bind(self.bound_fn) if self.bound_fn is not self.fn else changed

    def _bind(self, function: Callable[..., Any]) -> Flow[P, R_co]:
        bound = copy.copy(self)
        bound.bound_fn = function
        for cached in ("signature", "_validator"):
            bound.__dict__.pop(cached, None)
        return bound

    def __get__(self, instance: object, owner: type | None = None) -> Flow[..., R_co]:
        """Bind the flow to an object, as a method is."""
        target = owner if self._binding == "class" else instance
        if target is None or self._binding == "none" or self.bound_fn is not self.fn:
            return self
        return self._bind(MethodType(self.fn, target))

    def resolve_run_name(self, parameters: dict[str, Any]) -> str | None:
        """Return the name of a run with `parameters`, or None if the server is to find one."""
        return None if self.flow_run_name is None else run_name(self.flow_run_name, parameters, "flow_run_name")

    def validate_parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return `parameters`, converted as their type hints say.

        Raises SignatureMismatchError for unknown names, ParameterTypeError for values that do not fit.
        """
        unknown = parameters.keys() - set(self.signature.names)
        if unknown:
            raise SignatureMismatchError(
                f"Flow {self.name!r} has no parameters {sorted(unknown)}; it has {self.signature.names}."
            )
        return self._validator.validate(parameters)

    def serialize_parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return `parameters` as JSON values; what has no JSON becomes the text `<TypeName>`."""
        from ostinato.engine.validation import serialize

        return serialize(parameters)

    def _engine(self, parameters: dict[str, Any], wait_for: Iterable[Any] | None) -> FlowRunEngine:
        return FlowRunEngine(self, parameters, wait_for, self.prints())

    def prints(self) -> bool:
        """Whether what the function prints is logged: as the flow says, or its parent, or the settings."""
        return logs_prints(self.log_prints, FlowRunContext.get())

    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...

    @overload
    def __call__(
        self: Flow[..., Coroutine[Any, Any, T]],
        *args: Any,
        return_state: Literal[True],
        wait_for: Iterable[Any] | None = None,
        **kwargs: Any,
    ) -> Coroutine[Any, Any, State]: ...

    @overload
    def __call__(
        self, *args: Any, return_state: Literal[True], wait_for: Iterable[Any] | None = None, **kwargs: Any
    ) -> State: ...

    @overload
    def __call__(self, *args: Any, wait_for: Iterable[Any], **kwargs: Any) -> R_co: ...

    def __call__(
        self, *args: Any, return_state: bool = False, wait_for: Iterable[Any] | None = None, **kwargs: Any
    ) -> Any:
        """Run the flow here and return its result, or its state with `return_state=True`.

        Futures and states among the arguments are replaced by their results. `wait_for` names runs to complete first.
        """
        check_suspension()
        if (drawn := drawing.get()) is not None:
            return drawn.add_flow(self, self.signature.bind(args, kwargs) | {"wait_for": wait_for})
        engine = self._engine(self.signature.bind(args, kwargs), wait_for)
        if self.isgenerator and not return_state:
            return _aiterate(engine) if self.isasync else _iterate(engine)
        if self.isasync:
            return _acall(engine, return_state)
        with guarded():
            state = drive(engine.plan())
        return state if return_state else state.result()

    def visualize(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Draw which task takes its arguments from which, and open the picture; no task runs.

        What is in the flow's function beside its tasks does run. Where that looks at a result, the task's
        `viz_return_value` stands in. Raises GraphvizNotFound, FlowNotDrawable (`ostinato.drawing`).
        """
        from ostinato.drawing import show

        show(self.to_dot(*args, **kwargs), self.name)

    def to_dot(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Return the drawing of `visualize` in the language of Graphviz."""
        from ostinato.drawing import draw

        return draw(self, args, kwargs)

    def on_completion(self, fn: Hook) -> Hook:
        """Call `fn(flow, flow_run, state)` when a run completes; to be used as a decorator."""
        self.on_completion_hooks.append(fn)
        return fn

    def on_failure(self, fn: Hook) -> Hook:
        """Call `fn(flow, flow_run, state)` when a run fails for good; to be used as a decorator."""
        self.on_failure_hooks.append(fn)
        return fn

    def on_cancellation(self, fn: Hook) -> Hook:
        """Call `fn(flow, flow_run, state)` when a run is cancelled; to be used as a decorator."""
        self.on_cancellation_hooks.append(fn)
        return fn

    def on_crashed(self, fn: Hook) -> Hook:
        """Call `fn(flow, flow_run, state)` when a run crashes; to be used as a decorator."""
        self.on_crashed_hooks.append(fn)
        return fn

    def on_running(self, fn: Hook) -> Hook:
        """Call `fn(flow, flow_run, state)` when a run starts, and starts again; to be used as a decorator."""
        self.on_running_hooks.append(fn)
        return fn

    def __repr__(self) -> str:
        return f"Flow(name={self.name!r})"


def _runner_of(given: TaskRunner | type[TaskRunner] | None) -> TaskRunner:
    if given is None:
        return ThreadPoolTaskRunner()
    runner = given() if isinstance(given, type) else given
    if not isinstance(runner, TaskRunner):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without type checker
        raise TypeError(f"`task_runner` must be a TaskRunner or its class, got {type(runner).__name__}.")
    return runner


@contextmanager
def guarded(task: asyncio.Task[Any] | None = None) -> Generator[None]:
    """Let SIGTERM end the outermost flow of the main thread in order; `task` is the flow's, if it is async."""
    guard = TerminationGuard.install((task.get_loop(), task) if task is not None else None)
    try:
        yield
    finally:
        if guard is not None:
            guard.remove()


async def _acall(engine: FlowRunEngine, return_state: bool) -> Any:
    import asyncio

    with guarded(asyncio.current_task()):
        state = await adrive(engine.plan())
    return state if return_state else state.result()


def _iterate(engine: FlowRunEngine) -> Generator[Any, None, None]:
    with guarded():
        state = yield from drive_items(engine.item_plan())
    raise_unless_completed(state)


async def _aiterate(engine: FlowRunEngine) -> AsyncGenerator[Any]:
    import asyncio

    with guarded(asyncio.current_task()):
        async with aclosing(adrive_items(engine.item_plan())) as items:
            async for item in items:
                yield item
    if engine.state is not None:
        raise_unless_completed(engine.state)


class FlowDecorator:
    """Make a flow of a function: `@flow`, or `@flow(retries=3)`. The options are those of `Flow`.

    `flow.from_source(...)` loads one from elsewhere.
    """

    from_source = staticmethod(Flow.from_source)
    afrom_source = staticmethod(Flow.afrom_source)

    @overload
    def __call__(self, fn: Callable[P, R], /, **options: Unpack[FlowOptions]) -> Flow[P, R]: ...

    @overload
    def __call__(
        self, fn: None = None, /, **options: Unpack[FlowOptions]
    ) -> Callable[[Callable[P, R]], Flow[P, R]]: ...

    def __call__(self, fn: Callable[..., Any] | None = None, /, **options: Unpack[FlowOptions]) -> Any:
        """Make a flow of `fn`, or return what makes one."""
        if fn is not None:
            return Flow(fn, **options)

        def decorate(function: Callable[..., Any]) -> Flow[..., Any]:
            return Flow(function, **options)

        return decorate


flow = FlowDecorator()
