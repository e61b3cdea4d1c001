"""`ProcessPoolTaskRunner`: submitted tasks in processes of this machine, which share nothing with the flow's."""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, Self

from ostinato.shipment.pickling import dump_for
from ostinato.shipment.runner import Arrival, ShippedRun, ShippingTaskRunner
from ostinato.task_processes.messages import Hello, Work
from ostinato.task_processes.process import ProcessDied, TaskProcess
from ostinato.task_runners import TaskRunner, ThreadPoolTaskRunner

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

GRACE_SECONDS = 10.0
"""How long processes may take to end, once they are asked to, before they are killed."""


class ProcessPoolTaskRunner(ShippingTaskRunner):
    """Runs each submitted task in another process: for work that keeps a processor busy.

    `max_workers` processes at most; without it the setting `tasks.runner.process_pool_max_workers`, else one per
    processor. They are fresh interpreters, started when they are needed, and execute one run after another.
    Tasks, arguments and results travel as pickles (by cloudpickle); what a task does to its arguments stays there. The
    main script is not imported again: its functions are sent. `initializer(*initargs)` is called in each process before
    its first run; what it sets in a module is there for the tasks of that module. States, events and log lines come
    back to this process and are sent from here. What a task submits itself runs in threads of its process.

    A process that dies takes down the run that it was at, which becomes CRASHED and says why; another one takes its
    place. When the flow is aborted, running tasks end as CRASHED; when it returns, they are waited for.
    """

    imports_by_name = True

    def __init__(
        self,
        max_workers: int | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),  # Any: arguments of a user's function
    ) -> None:
        super().__init__()
        if max_workers is not None and max_workers < 1:
            raise ValueError(f"`max_workers` must be at least 1, got {max_workers}.")
        if initializer is not None and not callable(initializer):
            raise TypeError("`initializer` must be a callable.")
        self._given_workers = max_workers
        self._initializer = initializer
        self._initargs = tuple(initargs)
        self._pool: ThreadPoolExecutor | None = None
        self._hello: Hello | None = None
        self._own = threading.local()
        self._processes: set[TaskProcess] = set()

    def __reduce__(self) -> tuple[type[Self], tuple[int | None, Callable[..., object] | None, tuple[Any, ...]]]:
        return type(self), (self._given_workers, self._initializer, self._initargs)

    def duplicate(self) -> Self:
        """Return a runner with the same number of processes and the same initializer."""
        return type(self)(self._given_workers, self._initializer, self._initargs)

    @property
    def process_ids(self) -> list[int]:
        """The ids of the processes that there are now."""
        with self._lock:
            return [process.pid for process in self._processes]

    def __enter__(self) -> Self:
        self._hello = self._make_hello()
        super().__enter__()
        self._pool = ThreadPoolExecutor(self._given_workers or _default_workers(), "ostinato-task-process")
        return self

    def _make_hello(self) -> Hello:
        given = {"`initializer`": self._initializer, "`initargs`": self._initargs}
        return Hello(list(sys.path), dump_for("What the task runner's processes call first", (*given.values(),), given))

    def _nested(self) -> TaskRunner:
        return ThreadPoolTaskRunner()

    def _start(self, shipped: ShippedRun, outcomes: dict[UUID, Any]) -> None:  # Any: bytes
        try:
            if self._pool is None:
                raise RuntimeError("The pool is shut down.")
            self._pool.submit(shipped.within, self._execute, shipped, outcomes)
        except RuntimeError:  # the flow run ended meanwhile
            shipped.cancel()

    def _execute(self, shipped: ShippedRun, outcomes: dict[UUID, bytes]) -> None:
        """Have this thread's process execute the run."""
        if not shipped.future.set_running_or_notify_cancel():
            return
        process: TaskProcess | None = None
        try:
            process = self._process()
            outcome = process.execute(shipped, Work(shipped.parcel, outcomes))
        except (ProcessDied, OSError) as error:
            self._own.process = None
            if process is not None:
                self._discard(process)
            shipped.crash(str(error))
        else:
            shipped.arrive(Arrival(outcome, lambda: outcome))

    def _process(self) -> TaskProcess:
        process: TaskProcess | None = getattr(self._own, "process", None)
        if process is None:
            if self._hello is None:
                raise OSError("The task runner is closed.")
            process = self._own.process = TaskProcess(self._hello)
            with self._lock:
                self._processes.add(process)
        return process

    def _discard(self, process: TaskProcess) -> None:
        process.close(0)
        with self._lock:
            self._processes.discard(process)

    def close(self, wait: bool = True) -> None:
        """Drop the runs that have not begun; wait for the others, or with `wait=False` end them as crashed."""
        super().close()
        for shipped in self._runs():
            shipped.cancel()
        pool, self._pool = self._pool, None
        if pool is None:
            return
        if not wait:
            self._terminate()
        pool.shutdown(wait=True, cancel_futures=True)
        self._end_processes()

    def _terminate(self) -> None:
        with self._lock:
            processes = list(self._processes)
        for process in processes:
            process.terminate()
        _, alive = wait([shipped.future for shipped in self._runs()], GRACE_SECONDS)
        if alive:
            for process in processes:
                process.kill()

    def _end_processes(self) -> None:
        with self._lock:
            processes, self._processes = list(self._processes), set[TaskProcess]()
        for process in processes:
            process.end()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in processes:
            process.close(max(0.0, deadline - time.monotonic()))


def _default_workers() -> int:
    from ostinato.settings import get_current_settings

    return get_current_settings().tasks.runner.process_pool_max_workers or os.cpu_count() or 1
