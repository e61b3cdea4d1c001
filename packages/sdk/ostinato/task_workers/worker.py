"""`TaskWorker`: takes delayed runs of its tasks and executes each, some at once, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
from uuid_utils.compat import uuid4

from ostinato.client import get_client
from ostinato.client.errors import ObjectNotFound, OstinatoHTTPStatusError
from ostinato.engine.drivers import adrive
from ostinato.engine.identity import reference_task_key
from ostinato.engine.steps import Plan
from ostinato.logging import get_logger
from ostinato.runner.run_tasks import RunTasks
from ostinato.settings import get_current_settings
from ostinato.task_workers import execution
from ostinato.task_workers.cancelling import Cancellation, ask_for_cancellations
from ostinato.task_workers.feed import Room, TaskRunFeed
from ostinato.task_workers.parameters import StoredCall, read_call
from ostinato.task_workers.pool import ExecutionPool
from ostinato.utilities.dispatch import in_async_code
from ostinato.utilities.waiting import end_all

if TYPE_CHECKING:
    from ostinato.client.runs import TaskRun
    from ostinato.states import State
    from ostinato.tasks import Task

# Any below: tasks of whatever type.

logger = logging.getLogger("ostinato.task_worker")

MOST_WAITING = 1000
"""Runs at most that wait for runs which they depend on; they need no room."""
LONGEST_PAUSE = 15.0
REFUSED_BELOW = 500
"""Statuses below this are an answer: the same question would get the same one."""
GIVE_BACK_SECONDS = 10.0
"""How long a worker that is to end at once tries to tell the server what it has not finished."""


class TaskWorker:
    """Executes delayed runs of `tasks`, `limit` at once (None: any number), with their results persisted.

    `client_id` names the worker on the server; each worker of a process is one of its own.
    """

    def __init__(self, *tasks: Task[..., Any], limit: int | None = 10) -> None:
        if not tasks:
            raise ValueError("A task worker needs at least one task to serve.")
        if limit is not None and limit < 1:
            raise ValueError(f"`limit` must be at least 1, got {limit}; None is no limit.")
        if get_current_settings().api.url is None:
            raise ValueError("A task worker needs a server that goes on: set OSTINATO_API_URL, e.g. by `config set`.")
        self.limit = limit
        self.tasks = [task if task.persist_result else task.with_options(persist_result=True) for task in tasks]
        self._by_key = _by_key(self.tasks)
        self._id = uuid4()
        self.client_id = f"{socket.gethostname()}-{os.getpid()}-{self._id.hex[:8]}"
        self.started_at: datetime | None = None
        self.finished = 0
        self.is_stopping = False
        self._held: dict[UUID, TaskRun] = {}
        self._cancellations: dict[UUID, Cancellation] = {}
        self._executing: set[UUID] = set()
        self._waiting: set[UUID] = set()
        self._entering: set[UUID] = set()
        self._runs = RunTasks(logger, "Task run")
        self._stop = asyncio.Event()
        self._room = Room()
        self._slots = asyncio.Condition()
        self._pool = ExecutionPool(limit)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def started(self) -> bool:
        """Whether it has been started."""
        return self.started_at is not None

    @property
    def current_tasks(self) -> int:
        """How many runs are being executed."""
        return len(self._executing)

    @property
    def available_tasks(self) -> int | None:
        """How many more runs it would take; None without a limit."""
        return None if self.limit is None else max(0, self.limit - len(self._executing) - len(self._entering))

    @property
    def in_flight(self) -> list[UUID]:
        """The runs that it has taken and that have not ended, those that wait for others included."""
        return list(self._held)

    def start(self, timeout: float | None = None) -> Any:  # Any: None; in async code an awaitable
        """Execute runs until `stop`, or for `timeout` seconds; then those that have begun are finished.

        Raises RuntimeError if the server refuses the subscription.
        """
        if in_async_code():
            return self.astart(timeout)
        asyncio.run(self.astart(timeout))
        return None

    async def astart(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - the name is the reference's
        """As `start`, in an event loop."""
        if self.started:
            raise RuntimeError("The task worker was started before; make another one.")
        get_logger("task_worker")
        self.started_at, self._loop = datetime.now(UTC), asyncio.get_running_loop()
        feed = TaskRunFeed(
            list(self._by_key), self.client_id, self._id, self._room, self._take, self.cancel, lambda: self.in_flight
        )
        self._room.update(is_free=True)
        async with get_client() as client:
            await client.check_server_version()
            feeding = asyncio.create_task(feed.run())
            stopping = asyncio.create_task(self._stop.wait())
            asking = asyncio.create_task(
                ask_for_cancellations(client, lambda: [] if feed.is_held_for else self.in_flight, self.cancel)
            )
            try:
                await asyncio.wait((feeding, stopping), timeout=timeout, return_when="FIRST_COMPLETED")
                if feeding.done():
                    feeding.result()
                await self._finish()
            finally:
                self.is_stopping = True
                await end_all((feeding, stopping, asking))
                self._pool.close()

    def stop(self) -> None:
        """Take no more runs; `start` returns when those that have begun have ended. May be called in any thread."""
        self.is_stopping = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended already
                self._loop.call_soon_threadsafe(self._stop.set)

    async def astop(self) -> None:
        """As `stop`."""
        self.stop()

    def cancel(self, task_run_id: UUID) -> None:
        """End a run that this worker holds, in the state Cancelled; C code that blocks a thread goes on to its end."""
        cancellation = self._cancellations.get(task_run_id)
        if cancellation is not None and not cancellation.is_requested:
            logger.info("Task run '%s' is to be cancelled.", task_run_id)
            cancellation.request()

    async def execute_task_run(self, task_run: TaskRun) -> None:
        """Take a run and execute it, as if the server had just sent it; for tests and own schedulers."""
        self._held[task_run.id] = task_run
        await self._see_through(task_run)

    async def give_back(self) -> None:
        """Let other workers have every run that has not ended here; for a process that ends at once."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GIVE_BACK_SECONDS):
                held = list(self._held.values())
                await asyncio.gather(*(self._give_back(run) for run in held), return_exceptions=True)

    # One run.

    def _take(self, run: TaskRun) -> None:
        """Begin with a run that the server has sent."""
        if run.id in self._held:
            logger.debug("Task run '%s' is here already.", run.id)
            return
        self._held[run.id] = run
        self._executing.add(run.id)
        self._update_room()
        self._runs.begin(run.id, self._see_through(run))

    async def _see_through(self, run: TaskRun) -> None:
        task = self._by_key.get(run.task_key)
        self._cancellations[run.id] = Cancellation()
        try:
            if task is None:
                logger.warning("Task run '%s' is of %r, which is not served here.", run.id, run.task_key)
                return
            pending = await self._told(lambda: execution.take_plan(run, self.client_id))
            if pending is None:
                logger.info("Task run '%s' was taken by somebody else.", run.id)
                return
            await self._execute(task, run, pending)
            self.finished += 1
        except ObjectNotFound:
            logger.warning("Task run '%s' is gone.", run.id)
        finally:
            self._held.pop(run.id, None)
            self._cancellations.pop(run.id, None)
            await self._leave_slot(run.id)

    async def _execute(self, task: Task[..., Any], run: TaskRun, pending: State) -> None:
        try:
            call = await asyncio.to_thread(self._read, task, run)
        except Exception as error:
            logger.exception("The parameters of task run '%s' cannot be read.", run.id)
            local = execution.local_run(run, pending, [])
            await adrive(execution.pending_plan(local, pending))
            await adrive(execution.crash_plan(local, error))
            return
        local = execution.local_run(run, pending, call.related)
        await adrive(execution.pending_plan(local, pending))
        cancellation = self._cancellations[run.id]
        await self._await_upstreams(run, call, cancellation)
        if cancellation.is_requested:
            await adrive(execution.cancel_plan(local))
            return
        if self._stop.is_set():
            await self._give_back(run)
            return
        logger.info("Task run %r begins: %s", run.name, run.id)
        plan = partial(execution.plan_of, task, local, call, cancellation)
        try:
            await self._pool.run(plan, cancellation, is_async=task.isasync)
        except Exception as error:  # noqa: BLE001 - what crashed the run may be a user's
            if local.state is None or not local.state.is_final():
                await adrive(execution.crash_plan(local, error))

    @staticmethod
    def _read(task: Task[..., Any], run: TaskRun) -> StoredCall:
        parameters_id = execution.parameters_id_of(run)
        return StoredCall({}) if parameters_id is None else read_call(task, parameters_id)

    async def _await_upstreams(self, run: TaskRun, call: StoredCall, cancellation: Cancellation) -> None:
        """Wait for the runs that this one depends on, without a place, unless it is not to begin any more."""
        upstreams = [future for future in execution.upstreams_of(call) if not future.is_known_final]
        if not upstreams:
            return
        self._waiting.add(run.id)
        await self._leave_slot(run.id)
        cancelled = asyncio.Event()
        with cancellation.interrupting(cancelled.set):
            ended = asyncio.gather(*(future.wait_async() for future in upstreams))
            others = [asyncio.create_task(event.wait()) for event in (self._stop, cancelled)]
            await asyncio.wait((ended, *others), return_when="FIRST_COMPLETED")
            ended.cancel()
            await asyncio.gather(ended, end_all(others), return_exceptions=True)
        if not self._stop.is_set() and not cancelled.is_set():
            await self._enter_slot(run.id)
        self._waiting.discard(run.id)

    async def _told(self, plan: Callable[[], Plan[Any]]) -> Any:  # Any: what the plan returns
        """Carry out a plan that must come through, again and again while the server does not answer."""
        failures = 0
        while True:
            try:
                return await adrive(plan())
            except (httpx.HTTPError, OstinatoHTTPStatusError) as error:
                if isinstance(error, OstinatoHTTPStatusError) and error.response.status_code < REFUSED_BELOW:
                    raise
                failures += 1
                logger.warning("The server does not answer (%s); it is asked again.", error)
            await asyncio.sleep(min(2.0**failures, LONGEST_PAUSE))

    async def _give_back(self, run: TaskRun) -> None:
        reason = f"Task worker {self.client_id} ended before this run did."
        cancellation = self._cancellations.get(run.id)
        is_cancelled = cancellation is not None and cancellation.is_requested
        try:
            await self._told(lambda: execution.give_back_plan(run, reason, is_cancelled=is_cancelled))
            logger.info("Task run '%s' is given back.", run.id)
        except ObjectNotFound:
            logger.debug("Task run '%s' is gone.", run.id)

    # Places.

    def _has_place(self) -> bool:
        return self.limit is None or len(self._executing) < self.limit

    def _update_room(self) -> None:
        self._room.update(self.available_tasks != 0 and len(self._waiting) < MOST_WAITING)

    async def _leave_slot(self, run_id: UUID) -> None:
        self._executing.discard(run_id)
        async with self._slots:
            self._slots.notify_all()
        self._update_room()

    async def _enter_slot(self, run_id: UUID) -> None:
        """Wait for a place; new runs are taken when nobody waits for one."""
        self._entering.add(run_id)
        async with self._slots:
            await self._slots.wait_for(self._has_place)
            self._executing.add(run_id)
        self._entering.discard(run_id)
        self._update_room()

    async def _finish(self) -> None:
        """Take no more, and wait until what has begun has ended; what waits for other runs is given back."""
        self._stop.set()
        self._room.close()
        left = self._runs.tasks()
        if left:
            logger.info("Finishing %d task run(s)...", len(left))
        while left := self._runs.tasks():
            await asyncio.gather(*left, return_exceptions=True)

    def status(self) -> dict[str, object]:
        """Return what the status endpoint shows, as JSON values."""
        return {
            "client_id": self.client_id,
            "started_at": self.started_at.isoformat() if self.started_at is not None else None,
            "stopping": self.is_stopping,
            "limit": self.limit,
            "current": self.current_tasks,
            "available": self.available_tasks,
            "tasks": sorted(task.task_key for task in self.tasks),
            "finished": self.finished,
            "in_flight": [str(run_id) for run_id in self.in_flight],
        }


def _by_key(tasks: list[Task[..., Any]]) -> dict[str, Task[..., Any]]:
    """Return tasks by their keys, and by those under which the reference's client delays them."""
    own = {task.task_key: task for task in tasks}
    others = {key: task for task in tasks if (key := reference_task_key(task.fn)) is not None}
    return own | {key: task for key, task in others.items() if key not in own}
