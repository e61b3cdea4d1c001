"""`@task`: a function whose every call is a task run, with retries, a time limit and a state the server knows."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping
from contextlib import aclosing
from functools import cached_property, update_wrapper
from types import MethodType
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypedDict, TypeVar, Unpack, cast, overload

from ostinato.context import FlowRunContext, TaskRunContext, check_suspension, drawing, logs_prints
from ostinato.engine.caching import SourceText, check_options, persist_option, policy_of
from ostinato.engine.drivers import adrive, adrive_items, drive, drive_items
from ostinato.engine.hooks import Hook, checked
from ostinato.engine.identity import run_name, task_key, task_name
from ostinato.engine.retries import Delay, RetryPolicy, exponential_backoff
from ostinato.engine.signatures import BoundSignature, binding_of, unwrapped
from ostinato.engine.task_plan import TaskRunEngine, find_all, new_task_run
from ostinato.exceptions import MissingContextError
from ostinato.states import State, raise_state_exception

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import timedelta

    from ostinato.assets.definition import Asset
    from ostinato.cache_policies import CachePolicy
    from ostinato.engine.arguments import Edge
    from ostinato.futures import OstinatoDistributedFuture, OstinatoFuture, OstinatoFutureList
    from ostinato.results.storage import StorageReference
    from ostinato.serializers import Serializer

__all__ = ["Task", "TaskOptions", "exponential_backoff", "task", "task_input_hash"]

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")

# Any below: arguments and results of users' functions, unless said otherwise.


class TaskOptions(TypedDict, total=False):
    """Keywords of `@task` and of `with_options`; times are in seconds."""

    name: str | None
    description: str | None
    version: str | None
    tags: Iterable[str] | None
    cache_policy: CachePolicy | None
    cache_key_fn: Callable[..., str | None] | None
    cache_expiration: timedelta | None
    refresh_cache: bool | None
    persist_result: bool | None
    result_storage: StorageReference | None
    result_serializer: Serializer[Any] | str | None
    result_storage_key: str | None
    cache_result_in_memory: bool
    task_run_name: str | Callable[..., str] | None
    retries: int | None
    retry_delay_seconds: Delay
    retry_jitter_factor: float | None
    retry_condition_fn: Callable[..., Any] | None
    timeout_seconds: float | None
    log_prints: bool | None
    on_completion: list[Hook] | None
    on_failure: list[Hook] | None
    on_running: list[Hook] | None
    on_commit: list[Hook] | None
    on_rollback: list[Hook] | None
    viz_return_value: Any
    asset_deps: Iterable[Asset | str] | None


OPTIONS = TaskOptions.__optional_keys__


class Task(Generic[P, R_co]):
    """A function that runs as a task. Call it, `submit` it to run beside others, or `map` it over items.

    `name` defaults to the function's; `task_run_name` is a template over the parameters, or a callable that may take
    `parameters`. `retry_delay_seconds` is a number, a list (the last entry repeats) or a function of the number of
    retries; `retry_jitter_factor` varies each delay by up to that share. `retry_condition_fn(task, task_run, state)`
    says whether a failure is worth a retry. `log_prints` is inherited from the flow unless given.

    `persist_result` stores results, in `result_storage` (a storage block, `type-slug/name`, a folder or a URL), by
    `result_serializer`, under `result_storage_key` (a template over `parameters`, `task_run`, `flow_run` and
    `deployment`).
    A stored result takes the place of a run with the same key: `cache_policy` says what it is made of, or
    `cache_key_fn(context, parameters)`; `cache_expiration` how long it counts, `refresh_cache` that it does not.
    `cache_result_in_memory=False` drops a stored result from memory. `on_commit` and `on_rollback` are hooks of
    transactions. `asset_deps` are assets (or their keys) that the task reads: see `ostinato.assets`.
    `viz_return_value` stands for the result where a flow is drawn and not run (`Flow.visualize`).
    """

    assets: tuple[Asset, ...] = ()
    """The assets that a run makes: those of `@materialize`."""
    materialized_by: str | None = None

    def __init__(self, fn: Callable[P, R_co], **options: Unpack[TaskOptions]) -> None:
        unknown = options.keys() - OPTIONS
        if unknown:
            raise TypeError(f"Unknown task options {sorted(unknown)}; there are {sorted(OPTIONS)}.")
        self._binding = binding_of(fn)
        self.fn: Callable[P, R_co] = unwrapped(fn)
        if not callable(self.fn):
            raise TypeError(f"A task needs a function, got {type(fn).__name__}.")
        update_wrapper(self, self.fn)
        self._options = options
        self.bound_fn: Callable[..., Any] = self.fn
        self.isasync = inspect.iscoroutinefunction(self.fn) or inspect.isasyncgenfunction(self.fn)
        self.isgenerator = inspect.isgeneratorfunction(self.fn) or inspect.isasyncgenfunction(self.fn)
        self.name = task_name(self.fn, options.get("name"))
        self.description = options.get("description") or inspect.getdoc(self.fn)
        self.version = options.get("version")
        self.tags = frozenset(options.get("tags") or ())
        self.sorted_tags = sorted(self.tags)
        self.task_run_name = options.get("task_run_name")
        if self.task_run_name is not None and not (isinstance(self.task_run_name, str) or callable(self.task_run_name)):
            raise TypeError("`task_run_name` must be a string or a callable that returns one.")
        self.retry_condition_fn = options.get("retry_condition_fn")
        if self.retry_condition_fn is not None and not callable(self.retry_condition_fn):
            raise TypeError("`retry_condition_fn` must be a callable (task, task_run, state).")
        self.timeout_seconds = float(options.get("timeout_seconds") or 0) or None
        self.log_prints = options.get("log_prints")
        self.on_completion_hooks = checked("on_completion", options.get("on_completion"))
        self.on_failure_hooks = checked("on_failure", options.get("on_failure"))
        self.on_running_hooks = checked("on_running", options.get("on_running"))
        self.on_commit_hooks = checked("on_commit", options.get("on_commit"))
        self.on_rollback_hooks = checked("on_rollback", options.get("on_rollback"))
        self.viz_return_value = options.get("viz_return_value")
        self.asset_deps = _assets_in(options.get("asset_deps"))
        self.persist_result = persist_option(options)
        self.result_storage = options.get("result_storage")
        self.result_serializer = options.get("result_serializer")
        self.result_storage_key = options.get("result_storage_key")
        self.cache_expiration = options.get("cache_expiration")
        self.cache_result_in_memory = options.get("cache_result_in_memory", True)
        if self.persist_result is not None:
            check_options(options, self.name)
        self._source = SourceText(self.fn)
        if options.get("retries") is not None or options.get("retry_delay_seconds") is not None:
            RetryPolicy.of(options.get("retries") or 0, options.get("retry_delay_seconds"), None)
        self.signature.check_reserved("Task", self.name)

    @cached_property
    def signature(self) -> BoundSignature:
        """The signature of the function, without the object of a bound method."""
        return BoundSignature(self.fn, skip_first=self.bound_fn is not self.fn)

    @cached_property
    def task_key(self) -> str:
        """The identity of the task on the server."""
        return task_key(self.fn)

    @cached_property
    def cache_policy(self) -> CachePolicy | None:
        """What the keys of results are made of; None if the task has a `result_storage_key`."""
        return policy_of(self._options)

    @property
    def refreshes_cache(self) -> bool:
        """Whether the task runs even if its result is stored; the setting's default unless given."""
        from ostinato.settings import get_current_settings

        given = self._options.get("refresh_cache")
        return get_current_settings().tasks.refresh_cache if given is None else given

    @cached_property
    def source_code(self) -> str:
        """The text of the function."""
        return self._source.read()

    @cached_property
    def retry_policy(self) -> RetryPolicy:
        """How often and when a failed run starts again, with the settings' defaults."""
        from ostinato.settings import get_current_settings

        defaults = get_current_settings().tasks
        retries, delay = self._options.get("retries"), self._options.get("retry_delay_seconds")
        return RetryPolicy.of(
            defaults.default_retries if retries is None else retries,
            defaults.default_retry_delay_seconds if delay is None else delay,
            self._options.get("retry_jitter_factor"),
        )

    @cached_property
    def wire_policy(self) -> dict[str, Any]:
        """The retry policy as a task run tells it."""
        return self.retry_policy.on_the_wire()

    def with_options(self, **options: Unpack[TaskOptions]) -> Task[P, R_co]:
        """Return a copy of the task with other options; tags replace the former ones."""
        changed = self._remade(cast("TaskOptions", {**self._options, **options}))
        changed._binding = self._binding
        return changed._bind(self.bound_fn) if self.bound_fn is not self.fn else changed

    def _remade(self, options: TaskOptions) -> Task[P, R_co]:
        return type(self)(self.fn, **options)

    def _bind(self, function: Callable[..., Any]) -> Task[P, R_co]:
        bound = copy.copy(self)
        bound.bound_fn = function
        bound.__dict__.pop("signature", None)
        return bound

    def __get__(self, instance: object, owner: type | None = None) -> Task[..., R_co]:
        """Bind the task to an object, as a method is."""
        target = owner if self._binding == "class" else instance
        if target is None or self._binding == "none" or self.bound_fn is not self.fn:
            return self
        return self._bind(MethodType(self.fn, target))

    def resolve_run_name(self, parameters: dict[str, Any]) -> str | None:
        """Return the name of a run with `parameters`, or None if the task has no `task_run_name`."""
        return None if self.task_run_name is None else run_name(self.task_run_name, parameters, "task_run_name")

    def engine(self, parameters: dict[str, Any], wait_for: Iterable[Any] | None) -> TaskRunEngine:
        """Return the engine of a new run, called where the caller stands."""
        upstreams, edges = find_all(parameters, wait_for)
        run = new_task_run(self, edges)
        return TaskRunEngine(self, run, parameters, upstreams, wait_for, self.prints())

    def prints(self) -> bool:
        """Return whether runs of the task that are started here log what they print."""
        return logs_prints(self.log_prints, TaskRunContext.get() or FlowRunContext.get())

    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...

    @overload
    def __call__(
        self: Task[..., Coroutine[Any, Any, T]],
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
        """Run the task here and return its result, or its state with `return_state=True`.

        Futures and states among the arguments are replaced by their results. `wait_for` names runs to complete first.
        """
        check_suspension()
        if (drawn := drawing.get()) is not None:
            return drawn.add_task(self, self.signature.bind(args, kwargs) | {"wait_for": wait_for}, submitted=False)
        engine = self.engine(self.signature.bind(args, kwargs), wait_for)
        if self.isgenerator and not return_state:
            return _aiterate(engine) if self.isasync else _iterate(engine)
        if self.isasync:
            return _acall(engine, return_state)
        state = drive(engine.plan())
        return state if return_state else state.result()

    @overload
    def submit(
        self, *args: Any, return_state: Literal[True], wait_for: Iterable[Any] | None = None, **kwargs: Any
    ) -> State: ...

    @overload
    def submit(
        self: Task[..., Coroutine[Any, Any, T]],
        *args: Any,
        return_state: Literal[False] = False,
        wait_for: Iterable[Any] | None = None,
        **kwargs: Any,
    ) -> OstinatoFuture[T]: ...

    @overload
    def submit(
        self,
        *args: Any,
        return_state: Literal[False] = False,
        wait_for: Iterable[Any] | None = None,
        **kwargs: Any,
    ) -> OstinatoFuture[R_co]: ...

    def submit(
        self, *args: Any, return_state: bool = False, wait_for: Iterable[Any] | None = None, **kwargs: Any
    ) -> Any:
        """Hand the task to the flow's task runner and return a future at once.

        With `return_state=True` wait and return the state. Raises MissingContextError outside of a flow.
        """
        if (drawn := drawing.get()) is not None:
            return drawn.add_task(self, self.signature.bind(args, kwargs) | {"wait_for": wait_for}, submitted=True)
        runner = self._runner("submit")
        future = runner.submit(self, self.signature.bind(args, kwargs), wait_for)
        if not return_state:
            return future
        future.wait()
        return future.state

    @overload
    def map(
        self,
        *args: Any,
        return_state: Literal[True],
        wait_for: Iterable[Any] | None = None,
        deferred: bool = False,
        **kwargs: Any,
    ) -> list[State]: ...

    @overload
    def map(
        self: Task[..., Coroutine[Any, Any, T]],
        *args: Any,
        return_state: Literal[False] = False,
        wait_for: Iterable[Any] | None = None,
        deferred: bool = False,
        **kwargs: Any,
    ) -> OstinatoFutureList[T]: ...

    @overload
    def map(
        self,
        *args: Any,
        return_state: Literal[False] = False,
        wait_for: Iterable[Any] | None = None,
        deferred: bool = False,
        **kwargs: Any,
    ) -> OstinatoFutureList[R_co]: ...

    def map(
        self,
        *args: Any,
        return_state: bool = False,
        wait_for: Iterable[Any] | None = None,
        deferred: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Submit the task once for each item of its iterable arguments and return the futures.

        Iterables go side by side and must be equally long; strings, bytes and `unmapped` values are the same for each.
        With `deferred` the runs are handed to task workers, as by `delay`; no flow is needed then.
        """
        parameters = self.signature.bind(args, kwargs)
        if (drawn := drawing.get()) is not None:
            return drawn.add_task(self, parameters | {"wait_for": wait_for}, submitted=True)
        if deferred:
            from ostinato.task_runners import OstinatoTaskRunner

            with OstinatoTaskRunner() as runner:
                futures = runner.map(self, parameters, wait_for)
        else:
            futures = self._runner("map").map(self, parameters, wait_for)
        if not return_state:
            return futures
        futures.wait()
        return [future.state for future in futures]

    @overload
    def delay(
        self: Task[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> OstinatoDistributedFuture[T]: ...

    @overload
    def delay(self, *args: P.args, **kwargs: P.kwargs) -> OstinatoDistributedFuture[R_co]: ...

    def delay(self, *args: P.args, **kwargs: P.kwargs) -> OstinatoDistributedFuture[Any]:
        """Hand a run to the task workers that serve the task, and return its future at once.

        `.submit` runs it beside the calling flow instead. Raises SerializationError for arguments without a pickle.
        """
        return self.apply_async(args, kwargs)

    def apply_async(
        self,
        args: tuple[Any, ...] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        wait_for: Iterable[Any] | None = None,
        dependencies: Mapping[str, Iterable[Edge]] | None = None,
    ) -> OstinatoDistributedFuture[Any]:
        """Do as `delay`, with runs to complete first in `wait_for`, and more `dependencies` to show by parameter.

        Futures of `delay` among the arguments are waited for by the worker; other futures and states here.
        """
        from ostinato.task_workers.submission import delay_plan

        return drive(delay_plan(self, self.signature.bind(args or (), kwargs or {}), wait_for, dependencies))

    def serve(self) -> None:
        """Execute the task's delayed runs in this process until SIGINT or SIGTERM; see `ostinato.task_worker.serve`."""
        from ostinato.task_worker import serve

        serve(self)

    async def aserve(self) -> None:
        """As `serve`, in an event loop."""
        from ostinato.task_worker import aserve

        await aserve(self)

    def _runner(self, method: str) -> Any:
        context = FlowRunContext.get()
        if context is None:
            raise MissingContextError(
                f"`{self.name}.{method}` needs a running flow, whose task runner runs it; call it inside a flow."
            )
        check_suspension()
        return context.task_runner

    def on_completion(self, fn: Hook) -> Hook:
        """Call `fn(task, task_run, state)` when a run completes; to be used as a decorator."""
        self.on_completion_hooks.append(fn)
        return fn

    def on_failure(self, fn: Hook) -> Hook:
        """Call `fn(task, task_run, state)` when a run fails for good; to be used as a decorator."""
        self.on_failure_hooks.append(fn)
        return fn

    def on_running(self, fn: Hook) -> Hook:
        """Call `fn(task, task_run, state)` when a run starts, and starts again; to be used as a decorator."""
        self.on_running_hooks.append(fn)
        return fn

    def on_commit(self, fn: Hook) -> Hook:
        """Call `fn(transaction)` when a run's transaction is committed; to be used as a decorator."""
        self.on_commit_hooks.append(fn)
        return fn

    def on_rollback(self, fn: Hook) -> Hook:
        """Call `fn(transaction)` when a run that was done is undone; to be used as a decorator."""
        self.on_rollback_hooks.append(fn)
        return fn

    def __repr__(self) -> str:
        return f"Task(name={self.name!r})"


def _assets_in(given: Iterable[Asset | str] | None) -> tuple[Asset, ...]:
    if given is None:
        return ()
    from ostinato.assets.definition import as_asset

    return tuple(as_asset(asset) for asset in given)


async def _acall(engine: TaskRunEngine, return_state: bool) -> Any:
    state = await adrive(engine.plan())
    return state if return_state else state.result()


def _iterate(engine: TaskRunEngine) -> Generator[Any, None, None]:
    raise_unless_completed((yield from drive_items(engine.item_plan())))


async def _aiterate(engine: TaskRunEngine) -> AsyncGenerator[Any]:
    async with aclosing(adrive_items(engine.item_plan())) as items:
        async for item in items:
            yield item
    state = engine.task_run.state
    if state is not None:
        raise_unless_completed(state)


def raise_unless_completed(state: State) -> None:
    """Raise what keeps a generator run from having completed."""
    raise_state_exception(state)
    if not state.is_completed():
        state.result()


def task_input_hash(context: TaskRunContext, arguments: dict[str, Any]) -> str | None:
    """Return a hash of the task's code and its arguments, as a `cache_key_fn`; None if the arguments have none."""
    from ostinato.utilities.hashing import hash_objects

    return hash_objects(context.task.task_key, arguments)


@overload
def task(fn: Callable[P, R], /, **options: Unpack[TaskOptions]) -> Task[P, R]: ...


@overload
def task(fn: None = None, /, **options: Unpack[TaskOptions]) -> Callable[[Callable[P, R]], Task[P, R]]: ...


def task(fn: Callable[..., Any] | None = None, /, **options: Unpack[TaskOptions]) -> Any:
    """Make a task of a function: `@task`, or `@task(retries=3)`. The options are those of `Task`."""
    if fn is not None:
        return Task(fn, **options)

    def decorate(function: Callable[..., Any]) -> Task[..., Any]:
        return Task(function, **options)

    return decorate
