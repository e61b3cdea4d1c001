"""Handing background task runs to the workers that are connected to this process: one task for all of them.

Any number of idle connections cost one look at the queue a second; a run that is queued wakes it at once. A run that
was handed out is claimed for its connection; the claim is renewed while the connection lives and lapses with the
process, so that another process hands the run out again.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from ostinato_core.clock import utc_now
from ostinato_core.coordination import TASK_RUNS, wake_ups
from ostinato_core.errors import Fact, LostRace
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict
from ostinato_core.task_runs import queue
from ostinato_core.task_workers import repository
from ostinato_core.transaction import Database, Transaction

logger = logging.getLogger("ostinato.server.task_workers")

LATEST = 1.0
"""Seconds between looks at the queue without a wake-up: for runs that other processes queued or gave back."""
RENEW_EVERY = 5.0
"""Seconds between renewals of claims and of the register."""
LEASE = timedelta(seconds=20)
"""How long a claim, or a place in the register, outlives its process."""

_FAILURES = (Fact, LostRace, SQLAlchemyError)


class Subscription:
    """One worker's connection: it gets a run at a time, and confirms it."""

    def __init__(self, dispatcher: "Dispatcher", task_keys: Sequence[str]) -> None:
        self.id = new_id()
        self.task_keys = tuple(dict.fromkeys(task_keys))
        self.run: JsonDict | None = None
        self.wanted: asyncio.Future[JsonDict] | None = None
        self._dispatcher = dispatcher

    async def next(self) -> JsonDict:
        """Return the next run of the first of the keys that has one, as the API answers it; waits for one.

        May be cancelled: then no run is taken.
        """
        self.wanted = asyncio.get_running_loop().create_future()
        self._dispatcher.poke()
        try:
            return await self.wanted
        finally:
            self.wanted = None

    async def confirm(self) -> None:
        """Say that the worker has taken the run. Errors: Unavailable."""
        if (run := self.run) is not None:
            self.run = None
            await self._dispatcher.database.write(lambda tx: queue.confirm(tx, run["id"], self.id))


class Dispatcher:
    """Serves the subscriptions of one process; `async with` starts and stops it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._subscriptions: dict[UUID, Subscription] = {}
        self._poked = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for work in (self._listen, self._hand_out, self._renew):
            self._tasks.append(loop.create_task(work(), name=f"task-runs-{work.__name__.strip('_')}"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def poke(self) -> None:
        """Look at the queue soon."""
        self._poked.set()

    @asynccontextmanager
    async def subscribe(self, identifier: str, task_keys: Sequence[str]) -> AsyncGenerator[Subscription]:
        """Register a worker while the context is open; a run that it has not confirmed by then is given back.

        Errors: Unavailable where the database is away.
        """
        subscription = Subscription(self, task_keys)
        keys, expires = subscription.task_keys, utc_now() + LEASE
        await self.database.write(lambda tx: repository.insert(tx, subscription.id, identifier, keys, expires))
        self._subscriptions[subscription.id] = subscription
        try:
            yield subscription
        finally:
            del self._subscriptions[subscription.id]
            await self._leave(subscription)

    async def _leave(self, subscription: Subscription) -> None:
        run = subscription.run

        async def operation(tx: Transaction) -> None:
            await repository.remove(tx, subscription.id)
            if run is not None:
                await queue.release(tx, run["id"], subscription.id)

        try:
            await self.database.write(operation)
        except _FAILURES as error:
            logger.warning("A task worker's connection lapses in %s, it cannot be removed now: %s", LEASE, error)

    async def _listen(self) -> None:
        with wake_ups().listen(TASK_RUNS) as wake_up:
            while True:
                await wake_up.wait(LATEST)
                self.poke()

    async def _hand_out(self) -> None:
        while True:
            await self._poked.wait()
            self._poked.clear()
            idle = [each for each in self._subscriptions.values() if each.wanted is not None]
            if not idle:
                continue
            try:
                await self._serve(idle)
            except _FAILURES as error:
                logger.warning("The queue of task runs cannot be read now, it is tried again: %s", error)

    async def _serve(self, idle: list[Subscription]) -> None:
        keys = sorted({key for subscription in idle for key in subscription.task_keys})
        waiting = await self.database.lookup(lambda tx: queue.waiting_keys(tx, keys))
        for subscription in idle:
            offered = [key for key in subscription.task_keys if key in waiting]
            if not offered:
                continue
            run = await self._claim(subscription.id, offered)
            if run is None:
                waiting.difference_update(offered)
            elif subscription.wanted is None or subscription.wanted.done():
                await self._give_back(run["id"], subscription.id)
            else:
                subscription.run = run
                subscription.wanted.set_result(run)

    async def _claim(self, holder: UUID, keys: Sequence[str]) -> JsonDict | None:
        until = utc_now() + LEASE
        return await self.database.write(lambda tx: queue.claim(tx, keys, holder, until))

    async def _give_back(self, task_run_id: UUID, holder: UUID) -> None:
        await self.database.write(lambda tx: queue.release(tx, task_run_id, holder))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            alive = list(self._subscriptions)
            if not alive:
                continue
            try:
                await self._renew_all(alive, [each.id for each in self._subscriptions.values() if each.run is not None])
            except _FAILURES as error:
                logger.warning("Task workers cannot be kept in the register now, it is tried again: %s", error)

    async def _renew_all(self, alive: list[UUID], holders: list[UUID]) -> None:
        until = utc_now() + LEASE

        async def operation(tx: Transaction) -> None:
            await repository.keep(tx, alive, until)
            await queue.renew(tx, holders, until)

        await self.database.write(operation)
