"""The worker channels of this process: what happens to their pools, and who gets which clean-up message.

One task follows the events of pools and one gives out messages, for as long as there is a channel.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from ostinato_api.deps import Services
from ostinato_core.clock import utc_now
from ostinato_core.coordination import CLEANUP, wake_ups
from ostinato_core.errors import Fact, LostRace
from ostinato_core.events.stored import StoredEvent
from ostinato_core.states.rows import Row
from ostinato_core.worker_cleanup.operations import announce, free_messages, reserve
from ostinato_wire.events import RESOURCE_ID

logger = logging.getLogger("ostinato.server.workers")

LOOK_EVERY: Final = 5.0
"""Seconds between looks for messages whose lease has run out, or that another process enqueued."""
OTHERS_FIRST: Final = timedelta(seconds=LOOK_EVERY + 1)
"""For how long a message is left to workers of its queue, who may be connected to another process."""
AT_ONCE: Final = 100
"""Messages of a pool that are looked at, at most."""
_POOL: Final = "prefect.work-pool."
_CHANGES: Final = frozenset(_POOL + change for change in ("updated", "paused", "ready", "not-ready", "deleted"))


class Member(Protocol):
    """A channel, as the hub sees it."""

    pool_id: UUID
    kinds: set[str]

    def room_for(self, kind: str) -> bool:
        """Whether the worker can take another clean-up message of a kind."""
        ...

    def serves(self, queue_id: UUID | None) -> bool:
        """Whether the worker serves a queue."""
        ...

    def hand_over(self, message: Row) -> None:
        """Let a reserved clean-up message be sent."""
        ...

    def pool_changed(self) -> None:
        """Let the pool be looked at."""
        ...


class Hub:
    """See the module."""

    def __init__(self) -> None:
        self._members: defaultdict[UUID, list[Member]] = defaultdict(list)
        self._tasks: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def joined(self, services: Services, member: Member) -> AsyncGenerator[None]:
        """Take a channel in for as long as the block lasts."""
        self._members[member.pool_id].append(member)
        if not self._tasks:
            self._tasks = [
                # In a context of their own: they work for all channels, not for the request that came first.
                asyncio.create_task(self._follow_pools(services), name="worker-channel-pools", context=Context()),
                asyncio.create_task(self._give_out(services), name="worker-channel-cleanup", context=Context()),
            ]
        # The pool may have changed between the first snapshot and now.
        member.pool_changed()
        announce()
        try:
            yield
        finally:
            self._members[member.pool_id].remove(member)
            if not self._members[member.pool_id]:
                del self._members[member.pool_id]
            if not self._members:
                ended, self._tasks = self._tasks, []
                for task in ended:
                    task.cancel()
                await asyncio.gather(*ended, return_exceptions=True)

    async def _follow_pools(self, services: Services) -> None:
        while True:
            try:
                async with services.tail.subscribe(_is_change) as changes:
                    for members in self._members.values():
                        for member in members:
                            member.pool_changed()
                    async for event in changes:
                        for member in self._changed(event):
                            member.pool_changed()
            except (Fact, LostRace, SQLAlchemyError) as error:
                logger.warning("Changes of work pools cannot be read now, it is tried again: %s", error)
                await asyncio.sleep(1.0)

    def _changed(self, event: StoredEvent) -> list[Member]:
        pool_id = _pool_of(event)
        return [] if pool_id is None else self._members.get(pool_id, [])

    async def _give_out(self, services: Services) -> None:
        with wake_ups().listen(CLEANUP) as wake_up:
            while True:
                try:
                    for pool_id in list(self._members):
                        await self._give_out_of(services, pool_id)
                except (Fact, LostRace, SQLAlchemyError) as error:
                    logger.warning("Clean-up messages cannot be given out now, it is tried again: %s", error)
                await wake_up.wait(LOOK_EVERY)

    async def _give_out_of(self, services: Services, pool_id: UUID) -> None:
        members = self._members.get(pool_id, [])
        kinds = sorted({kind for member in members for kind in member.kinds if member.room_for(kind)})
        if not kinds:
            return
        waiting = await services.database.lookup(lambda tx: free_messages(tx, pool_id, kinds, AT_ONCE))
        for message in waiting:
            member = self._chosen(pool_id, message)
            if member is None:
                continue
            reserved = await services.database.write(lambda tx, message=message: reserve(tx, message))
            if reserved is not None:
                member.hand_over(reserved)

    def _chosen(self, pool_id: UUID, message: Row) -> Member | None:
        """Return who gets a message: one who serves its queue if there is one anywhere, and not always the same."""
        members = self._members.get(pool_id, [])
        able = [member for member in members if member.room_for(message["kind"])]
        chosen = next((member for member in able if member.serves(message["work_queue_id"])), None)
        if chosen is None and able and message["created"] <= utc_now() - OTHERS_FIRST:
            chosen = able[0]
        if chosen is not None:
            members.remove(chosen)
            members.append(chosen)
        return chosen


def _is_change(event: StoredEvent) -> bool:
    return event.event in _CHANGES


def _pool_of(event: StoredEvent) -> UUID | None:
    """Return the pool of an event, None where a client made one up; one about a pool is believed, and looked into."""
    try:
        return UUID(event.resource[RESOURCE_ID].removeprefix(_POOL))
    except ValueError:
        return None


HUB = web.AppKey("worker_hub", Hub)
"""The hub of an application."""
