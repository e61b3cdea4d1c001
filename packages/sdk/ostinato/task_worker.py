"""`serve` and `TaskWorker`: a process that executes the runs of `task.delay()` (sdk.md, 28)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from ostinato.task_workers.worker import TaskWorker
from ostinato.utilities.signals import on_signals

if TYPE_CHECKING:
    from collections.abc import Generator

    from ostinato.tasks import Task

# Any below: tasks of whatever type.

__all__ = ["TaskWorker", "aserve", "serve"]

DRAIN_SECONDS = 5.0


def serve(
    *tasks: Task[..., Any],
    limit: int | None = 10,
    status_server_port: int | None = None,
    timeout: float | None = None,
) -> None:
    """Execute delayed runs of `tasks`, `limit` at once, until SIGINT or SIGTERM (or for `timeout` seconds).

    The first signal lets the runs that have begun finish; a second one gives them back to the queue and ends at once.
    With `status_server_port`, `GET /status` there tells what the worker does. Raises ValueError without a task or
    without an API URL, RuntimeError in an event loop (use `aserve` there) or if the server refuses.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(aserve(*tasks, limit=limit, status_server_port=status_server_port, timeout=timeout))
        return
    raise RuntimeError("An event loop is running here: use `await aserve(...)`.")


async def aserve(
    *tasks: Task[..., Any],
    limit: int | None = 10,
    status_server_port: int | None = None,
    timeout: float | None = None,  # noqa: ASYNC109 - the name is the reference's
) -> None:
    """Do as `serve`, in an event loop."""
    worker = TaskWorker(*tasks, limit=limit)
    async with AsyncExitStack() as stack:
        if status_server_port is not None:
            from ostinato.task_workers.status import status_server

            await stack.enter_async_context(status_server(worker, status_server_port))
        stack.enter_context(_signals(worker))
        names = ", ".join(sorted(task.name for task in worker.tasks))
        _say(f"Task worker {worker.client_id} serves {names}; Ctrl-C ends it.")
        await worker.astart(timeout)
    _say("Task worker stopped.")


@contextmanager
def _signals(worker: TaskWorker) -> Generator[None]:
    """Let SIGINT and SIGTERM end the worker."""
    ends = set[asyncio.Task[None]]()

    def handle() -> None:
        if worker.is_stopping:
            ends.add(asyncio.ensure_future(_end_now(worker)))
            return
        worker.stop()
        if worker.in_flight:
            _say(f"Finishing {len(worker.in_flight)} run(s); once more gives them back to the queue.")

    with on_signals({signal.SIGINT: handle, signal.SIGTERM: handle}):
        yield


async def _end_now(worker: TaskWorker) -> None:
    """Give back what has not ended, and end the process with the threads in which that goes on."""
    from ostinato.events.worker import drain_all

    await worker.give_back()
    await asyncio.to_thread(drain_all, DRAIN_SECONDS)
    sys.stdout.flush()
    os._exit(1)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - told to the user
