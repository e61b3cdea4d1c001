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
from ostinato_core.coordination import CANCELLED_TASK_RUNS, TASK_RUNS, wake_ups
from ostinato_core.errors import Fact, LostRace
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict
from ostinato_core.task_runs import held_runs, queue
from ostinato_core.task_workers import repository
from ostinato_core.transaction import Database, Transaction

logger = logging.getLogger("ostinato.server.task_workers")

LATEST = 1.0
"""Seconds between looks at the queue without a wake-up: for runs that other processes queued or gave back."""
RENEW_EVERY = 5.0
"""Seconds between renewals of claims and of the register."""
MOST_CANCELLED = 500
"""Runs at most that workers are told to cancel in one look; those that remain are found in the next."""
LEASE = timedelta(seconds=20)
"""How long a claim, or a place in the register, outlives its process."""

_FAILURES = (Fact, LostRace, SQLAlchemyError)


class Subscription:
    """One worker's connection: it gets a run at a time, and confirms it.

    A worker that tells its `worker_id` holds what it has confirmed until the run has ended.
    """

    def __init__(self, dispatcher: "Dispatcher", task_keys: Sequence[str], worker_id: UUID | None = None) -> None:
        self.id = new_id()
        self.worker_id = worker_id
        self.task_keys = tuple(dict.fromkeys(task_keys))
        self.run: JsonDict | None = None
        self.wanted: asyncio.Future[JsonDict] | None = None
        self._cancelled: dict[UUID, None] = {}
        self._is_told = asyncio.Event()
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

    async def next_cancelled(self) -> UUID:
        """Return a run that the worker holds and has to cancel; waits for one. It comes again until it has ended."""
        while not self._cancelled:
            self._is_told.clear()
            await self._is_told.wait()
        run_id = next(iter(self._cancelled))
        del self._cancelled[run_id]
        return run_id

    def cancel(self, run_id: UUID) -> None:
        """Let the worker know that a run is to be cancelled."""
        self._cancelled[run_id] = None
        self._is_told.set()

    async def confirm(self) -> None:
        """Say that the worker has taken the run. Errors: Unavailable."""
        if (run := self.run) is not None:
            self.run = None
            await self._dispatcher.confirm(self, run["id"])


class Dispatcher:
    """Serves the subscriptions of one process; `async with` starts and stops it."""

    def __init__(self, database: Database, silence: timedelta = LEASE) -> None:
        """`silence`: after how long without a connection a worker does not hold its runs any more."""
        self.database = database
        self._silence = silence
        self._subscriptions: dict[UUID, Subscription] = {}
        self._poked = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for work in (self._listen, self._hand_out, self._renew, self._pass_on_cancellations):
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
    async def subscribe(
        self, identifier: str, task_keys: Sequence[str], worker_id: UUID | None = None, holding: Sequence[UUID] = ()
    ) -> AsyncGenerator[Subscription]:
        """Register a worker while the context is open; a run that it has not confirmed by then is given back.

        `holding` are the runs that the worker `worker_id` has from former connections.
        Errors: Unavailable where the database is away.
        """
        subscription = Subscription(self, task_keys, worker_id)
        now = utc_now()

        async def register(tx: Transaction) -> None:
            await repository.insert(tx, subscription.id, identifier, subscription.task_keys, now + LEASE)
            if worker_id is not None and holding:
                await held_runs.hold_again(tx, holding, worker_id, now + self._silence)

        await self.database.write(register)
        self._subscriptions[subscription.id] = subscription
        try:
            yield subscription
        finally:
            del self._subscriptions[subscription.id]
            await self._leave(subscription)

    async def confirm(self, subscription: Subscription, task_run_id: UUID) -> None:
        """Take a run that the worker has got out of the queue, or let the worker hold it. Errors: Unavailable."""
        connection, worker = subscription.id, subscription.worker_id
        if worker is None:
            await self.database.write(lambda tx: queue.confirm(tx, task_run_id, connection))
            return
        until = utc_now() + self._silence
        await self.database.write(lambda tx: held_runs.hold(tx, task_run_id, connection, worker, until))

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
            alive = list(self._subscriptions.values())
            if not alive:
                continue
            try:
                await self._renew_all(alive)
            except _FAILURES as error:
                logger.warning("Task workers cannot be kept in the register now, it is tried again: %s", error)

    async def _pass_on_cancellations(self) -> None:
        with wake_ups().listen(CANCELLED_TASK_RUNS) as wake_up:
            while True:
                if not await wake_up.wait(RENEW_EVERY):
                    continue  # the renewal of what is held looks, too
                try:
                    await self._tell_of_cancellations()
                except _FAILURES as error:
                    logger.warning("Runs to be cancelled cannot be read now, it is tried again: %s", error)

    async def _tell_of_cancellations(self) -> None:
        """Tell each worker of this process which of the runs that it holds it has to end."""
        holders = {each.worker_id: each for each in self._subscriptions.values() if each.worker_id is not None}
        if holders:
            ids = tuple(holders)
            for row in await self.database.lookup(lambda tx: held_runs.find_cancelled(tx, ids, MOST_CANCELLED)):
                holders[row["claimed_by"]].cancel(row["task_run_id"])

    async def _renew_all(self, alive: list[Subscription]) -> None:
        await self._tell_of_cancellations()  # before what has ended is forgotten
        now = utc_now()
        connections = [each.id for each in alive]
        handed = [each.id for each in alive if each.run is not None]
        workers = sorted({each.worker_id for each in alive if each.worker_id is not None})
        keys = sorted({key for each in alive if each.worker_id is not None for key in each.task_keys})

        async def operation(tx: Transaction) -> None:
            await repository.keep(tx, connections, now + LEASE)
            await queue.renew(tx, handed, now + LEASE)
            await held_runs.renew(tx, workers, keys, now + self._silence)

        await self.database.write(operation)
