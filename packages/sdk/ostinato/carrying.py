"""Taking the context of a run elsewhere: into threads and processes that Ostinato did not start (`with_context`)."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import Context, copy_context
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from ostinato.context import FlowRunContext, TagsContext, TaskRunContext, tags
from ostinato.settings import get_current_settings, temporary_settings

if TYPE_CHECKING:
    from ostinato.task_runners import TaskRunner

P = ParamSpec("P")
R = TypeVar("R")

# Any below: flows, tasks and arguments of users, and what contexts hold of them.

SHARED_MEMBERS = ("parameters", "log_prints", "start_time", "result_store", "persist_result")
FLOW_MEMBERS = ("flow", "flow_run", "related", *SHARED_MEMBERS)
TASK_MEMBERS = ("task", "task_run", *SHARED_MEMBERS)
DRAIN_SECONDS = 30.0


def serialize_context() -> dict[str, Any]:
    """Return the context of this call, in a form that can be pickled (by cloudpickle): settings, tags and runs.

    The settings have secrets in clear: the server's address and key are of no use without them.
    """
    flow, task = FlowRunContext.get(), TaskRunContext.get()
    return {
        "settings_context": get_current_settings().to_environment_variables(),
        "tags_context": sorted(TagsContext.current()),
        "flow_run_context": {name: getattr(flow, name) for name in FLOW_MEMBERS} if flow is not None else None,
        "task_run_context": {name: getattr(task, name) for name in TASK_MEMBERS} if task is not None else None,
    }


@contextmanager
def hydrated_context(
    serialized_context: Mapping[str, Any] | None = None, task_runner: TaskRunner | None = None
) -> Generator[None]:
    """Be where `serialize_context` was called, for the block; None changes nothing.

    Runs started here belong to the same flow run. It has a task runner of its own, which ends with the block: one as
    the flow's, unless `task_runner` is given.
    """
    with ExitStack() as stack:
        if serialized_context is not None:
            _enter(stack, serialized_context, task_runner)
        yield


def _enter(stack: ExitStack, serialized: Mapping[str, Any], task_runner: TaskRunner | None) -> None:
    stack.enter_context(temporary_settings(serialized["settings_context"]))
    stack.enter_context(tags(*serialized["tags_context"]))
    if (of_flow := serialized["flow_run_context"]) is not None:
        from ostinato.engine.links import ResultLinks

        runner = stack.enter_context((task_runner or of_flow["flow"].task_runner).duplicate())
        stack.enter_context(FlowRunContext(task_runner=runner, links=ResultLinks(), detached=True, **of_flow))
    if (of_task := serialized["task_run_context"]) is not None:
        stack.enter_context(TaskRunContext(**of_task))


class WithContext(Generic[P, R]):
    """A function that is called in the context in which this was made, also in another thread or process."""

    def __init__(self, function: Callable[P, R], carried: dict[str, Any] | None = None) -> None:
        update_wrapper(self, function)
        self._function = function
        self._carried = carried
        self._here: Context | None = copy_context() if carried is None else None

    def __reduce__(self) -> tuple[Callable[[bytes], WithContext[P, R]], tuple[bytes]]:
        import cloudpickle

        carried = self._carried if self._here is None else self._here.copy().run(serialize_context)
        pickled: bytes = cloudpickle.dumps((self._function, carried))  # pyright: ignore[reportUnknownMemberType] - it has no types
        return _unpickled, (pickled,)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function; of an async one a coroutine is returned."""
        if inspect.iscoroutinefunction(self._function):
            return self._call_later(*args, **kwargs)  # pyright: ignore[reportReturnType] - R is a coroutine here
        if self._here is not None:
            return self._here.copy().run(self._function, *args, **kwargs)
        try:
            with hydrated_context(self._carried):
                return self._function(*args, **kwargs)
        finally:
            if self._carried is not None:
                deliver()

    async def _call_later(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        function: Callable[P, Any] = self._function
        if self._here is not None:
            return await asyncio.create_task(function(*args, **kwargs), context=self._here.copy())
        try:
            with hydrated_context(self._carried):
                return await function(*args, **kwargs)
        finally:
            if self._carried is not None:
                await asyncio.to_thread(deliver)


def _unpickled(pickled: bytes) -> WithContext[Any, Any]:
    import cloudpickle

    function, carried = cloudpickle.loads(pickled)
    return WithContext(function, carried)


def with_context(function: Callable[P, R]) -> WithContext[P, R]:
    """Return `function` as one that is called in the context of this call, wherever that happens.

    For threads and processes that are not a task runner's: `pool.map(with_context(fetch), urls)`. What runs inside
    belongs to the flow run around this call, and has its logger, tags and settings. In another process it needs a
    context that can be pickled; functions of the main script are sent by value.
    """
    return WithContext(function)


def deliver() -> None:
    """Send logs and events: processes of pools end without giving anybody time to."""
    from ostinato.events.worker import drain_all as drain_events
    from ostinato.logging.shipping import drain_all as drain_logs

    drain_logs(DRAIN_SECONDS)
    drain_events(DRAIN_SECONDS)
