"""Where submitted tasks run: the interface of task runners, those of threads and processes, that of task workers.

Those of clusters are in `ostinato.integrations`.
"""

from __future__ import annotations

import sys
import threading
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from ostinato.engine.drivers import drive, drive_to_end
from ostinato.engine.mapping import spread
from ostinato.engine.threads import Threads
from ostinato.futures import OstinatoConcurrentFuture, OstinatoDistributedFuture, OstinatoFuture, OstinatoFutureList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import TypeVar as TypeVarWithDefault

    from ostinato.engine.task_plan import TaskRunEngine
    from ostinato.states import State
    from ostinato.task_processes.runner import ProcessPoolTaskRunner as ProcessPoolTaskRunner
    from ostinato.tasks import Task

# Any below: arguments and results of users' functions.

if TYPE_CHECKING:
    F = TypeVarWithDefault("F", bound=OstinatoFuture[Any], default=OstinatoFuture[Any], covariant=True)
else:
    F = TypeVar("F")  # the same, without the import of what older Pythons lack


class TaskRunner(Generic[F]):
    """Runs submitted tasks beside the flow's function. Used as a context manager; each flow run has its own copy.

    `TaskRunner[F]` is one whose `submit` returns futures of the type F.
    """

    def __init__(self) -> None:
        self._started = False

    @property
    def name(self) -> str:
        """The class's name in lower case, without "taskrunner"."""
        return type(self).__name__.lower().replace("taskrunner", "")

    def duplicate(self) -> Self:
        """Return a runner with the same settings that has not been started."""
        return type(self)()

    def submit(self, task: Task[..., Any], parameters: dict[str, Any], wait_for: Iterable[Any] | None = None) -> F:
        """Start a run of `task` and return its future at once. Raises RuntimeError if the runner is not started."""
        raise NotImplementedError

    def map(
        self, task: Task[..., Any], parameters: dict[str, Any], wait_for: Iterable[Any] | None = None
    ) -> OstinatoFutureList[Any]:
        """Start a run of `task` for each item of the iterables in `parameters`."""
        waited = None if wait_for is None else list(wait_for)
        children = spread(parameters, task.signature)
        return OstinatoFutureList(self.submit(task, child, waited) for child in children)

    def __enter__(self) -> Self:
        if self._started:
            raise RuntimeError("The task runner is started already; use `duplicate()` for another one.")
        self._started = True
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close(wait=kind is None)

    def close(self, wait: bool = True) -> None:
        """Drop the runs that have not begun; with `wait` return when those that have are through."""
        self._started = False

    def unfinished(self) -> int:
        """Return how many submitted runs have not ended."""
        return 0

    def _require_started(self) -> None:
        if not self._started:
            raise RuntimeError("The task runner is not started; use it in a `with` block.")


class ThreadPoolTaskRunner(TaskRunner[OstinatoConcurrentFuture[Any]]):
    """Runs each submitted task in a thread.

    `max_workers` threads at most; without it the setting `tasks.runner.thread_pool_max_workers`, else no limit.
    """

    _inside: ClassVar[threading.local] = threading.local()

    def __init__(self, max_workers: int | None = None) -> None:
        super().__init__()
        if max_workers is not None and max_workers < 1:
            raise ValueError(f"`max_workers` must be at least 1, got {max_workers}.")
        self._given_workers = max_workers
        self._workers = 0
        self._pool: Threads | None = None
        self._lock = threading.Lock()
        self._unfinished = 0
        self._warned = False

    def __reduce__(self) -> tuple[type[Self], tuple[int | None]]:
        return type(self), (self._given_workers,)  # threads and locks stay in their process

    def duplicate(self) -> Self:
        """Return a runner with the same number of threads."""
        return type(self)(self._given_workers)

    def __enter__(self) -> Self:
        super().__enter__()
        self._workers = self._given_workers or _default_workers()
        self._pool = Threads(self._workers, "ostinato-task")
        return self

    def close(self, wait: bool = True) -> None:
        """Drop the runs that have not begun; with `wait` return when those that have are through."""
        super().close()
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close(wait=wait)

    def submit(
        self, task: Task[..., Any], parameters: dict[str, Any], wait_for: Iterable[Any] | None = None
    ) -> OstinatoConcurrentFuture[Any]:
        """Start a run of `task` in a thread; it sees the caller's context variables."""
        self._require_started()
        if self._pool is None:
            raise RuntimeError("The task runner is not started; use it in a `with` block.")
        self._warn_of_deadlock(task)
        engine = task.engine(parameters, wait_for)
        self._count(1)
        context = copy_context()
        future = self._pool.submit(lambda: context.run(self._run, engine))
        future.add_done_callback(lambda _: self._count(-1))
        return OstinatoConcurrentFuture(engine.task_run.id, future, lambda: engine.task_run.state)

    def unfinished(self) -> int:
        """Return how many submitted runs have not ended."""
        return self._unfinished

    def _count(self, change: int) -> None:
        with self._lock:
            self._unfinished += change

    def _run(self, engine: TaskRunEngine) -> State:
        former = getattr(self._inside, "runner", None)
        self._inside.runner = self
        try:
            return drive_to_end(engine)
        finally:
            self._inside.runner = former

    def _warn_of_deadlock(self, task: Task[..., Any]) -> None:
        nested = getattr(self._inside, "runner", None) is self
        if nested and not self._warned and self._unfinished >= self._workers:
            import warnings

            self._warned = True
            warnings.warn(
                f"Task {task.name!r} is submitted from a task of the same runner, whose {self._workers} threads are "
                "all in use: if the outer task waits for it, neither can go on. Raise `max_workers`.",
                stacklevel=4,
            )


class OstinatoTaskRunner(TaskRunner[OstinatoDistributedFuture[Any]]):
    """Hands each submitted task to task workers (`ostinato.task_worker`), which may be on other machines."""

    def submit(
        self, task: Task[..., Any], parameters: dict[str, Any], wait_for: Iterable[Any] | None = None
    ) -> OstinatoDistributedFuture[Any]:
        """Hand a run to task workers and return its future."""
        self._require_started()
        from ostinato.task_workers.submission import delay_plan

        return drive(delay_plan(task, parameters, wait_for))

    def map(
        self, task: Task[..., Any], parameters: dict[str, Any], wait_for: Iterable[Any] | None = None
    ) -> OstinatoFutureList[Any]:
        """Hand a run to task workers for each item of the iterables in `parameters`, over one connection."""
        from ostinato.client import get_client

        with get_client(sync_client=True):
            return super().map(task, parameters, wait_for)


PrefectTaskRunner = OstinatoTaskRunner
"""The name that flows have for it which come from the reference."""


def _default_workers() -> int:
    from ostinato.settings import get_current_settings

    return get_current_settings().tasks.runner.thread_pool_max_workers or sys.maxsize


def __getattr__(name: str) -> Any:
    if name != "ProcessPoolTaskRunner":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ostinato.task_processes.runner import ProcessPoolTaskRunner

    return ProcessPoolTaskRunner
