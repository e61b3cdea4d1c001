"""Where the functions of background runs are called: sync ones in threads, async ones in one event loop of their own.

The worker's own loop stays free: what blocks a task must not keep the worker from telling the server that it lives.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from threading import Thread
from typing import TYPE_CHECKING

from ostinato.engine.drivers import adrive, drive
from ostinato.task_workers.cancelling import CancellableEffects, RunCancelled, cancellable_task

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ostinato.engine.steps import Plan
    from ostinato.states import State
    from ostinato.task_workers.cancelling import Cancellation

MOST_THREADS = 1000
"""Threads of a worker without a limit."""


class RunAborted(RuntimeError):
    """A function raised what would end its process: `sys.exit()`, or an interrupt."""


@contextmanager
def _contained() -> Generator[None]:
    """Let nothing that one run raises end the worker of the others."""
    try:
        yield
    except (SystemExit, KeyboardInterrupt, RunCancelled, asyncio.CancelledError) as error:
        raise RunAborted(repr(error)) from error


class ExecutionPool:
    """Runs plans beside the caller's event loop, `limit` sync ones at once."""

    def __init__(self, limit: int | None) -> None:
        self._threads = ThreadPoolExecutor(limit or MOST_THREADS, thread_name_prefix="ostinato-background")
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self, plan: Callable[[], Plan[State]], cancellation: Cancellation, *, is_async: bool) -> State:
        """Carry out a plan, which is made where it is carried out, and return what it returns.

        Errors: RunAborted where the run was cancelled, or raised what would end its process.
        """
        if not is_async:
            loop, context = asyncio.get_running_loop(), copy_context()
            return await loop.run_in_executor(self._threads, lambda: context.run(self._drive, plan, cancellation))
        running = asyncio.run_coroutine_threadsafe(self._adrive(plan, cancellation), self._async_loop())
        return await asyncio.wrap_future(running)

    @staticmethod
    def _drive(plan: Callable[[], Plan[State]], cancellation: Cancellation) -> State:
        with _contained():
            return drive(plan(), CancellableEffects(cancellation))

    @staticmethod
    async def _adrive(plan: Callable[[], Plan[State]], cancellation: Cancellation) -> State:
        with _contained(), cancellable_task(cancellation):
            return await adrive(plan())

    def _async_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = loop = asyncio.new_event_loop()
            Thread(target=self._serve, args=(loop,), name="ostinato-background-async", daemon=True).start()
        return self._loop

    @staticmethod
    def _serve(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            loop.close()

    def close(self) -> None:
        """Take no more plans; those that go on are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
