"""A worker's part in its work pool: making and reading it, its queues, signs of life, and news of it (sdk.md, 27.3)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ostinato.exceptions import ObjectAlreadyExists, ObjectNotFound
from ostinato.workers.channel import CleanUp, Greeting, WorkerChannel
from ostinato_wire.work_pools import WorkPool, WorkPoolCreate, WorkPoolUpdate
from ostinato_wire.work_queues import WorkQueueCreate

if TYPE_CHECKING:
    from ostinato.client.orchestration import OstinatoClient
    from ostinato_wire.base import JsonObject

logger = logging.getLogger("ostinato.workers")


@dataclass
class PoolMember:
    """A worker as its pool sees it. `template` is for a pool that has none; the interval is in seconds."""

    pool_name: str
    worker_name: str
    worker_type: str
    heartbeat_seconds: float
    queues: list[str]
    creates: bool
    template: JsonObject
    metadata: JsonObject = field(default_factory=dict[str, object])
    pool: WorkPool | None = None
    _channel: WorkerChannel | None = None

    @property
    def is_connected(self) -> bool:
        """Whether signs of life and news of the pool go through a socket; by requests otherwise."""
        return self._channel is not None and self._channel.is_open

    async def open_channel(self, clean_up: Callable[[CleanUp], Awaitable[bool]] | None) -> None:
        """Keep the socket open; `clean_up` ends what a run is left on, and says whether that is gone."""
        greeting = Greeting(
            self.pool_name,
            self.worker_name,
            self.worker_type,
            max(1, round(self.heartbeat_seconds)),
            self.queues,
            self.metadata,
        )
        self._channel = WorkerChannel(greeting, self._take, clean_up)
        await self._channel.run()

    def _take(self, pool: WorkPool) -> None:
        self.pool = pool

    async def sync(self, client: OstinatoClient) -> WorkPool:
        """Read the pool, making it and its queues if need be, and give a sign of life. Raises ObjectNotFound."""
        is_first = self.pool is None
        pool = await self._read_or_create(client)
        if is_first and pool.type != self.worker_type:
            logger.warning("Work pool %r is of type %r, this worker of %r.", pool.name, pool.type, self.worker_type)
        if not pool.base_job_template and pool.type == self.worker_type:
            await client.update_work_pool(pool.name, WorkPoolUpdate(base_job_template=self.template))
            pool.base_job_template = self.template
        if is_first and self.creates:
            for name in self.queues:
                await self._make_queue(client, name)
        await client.send_worker_heartbeat(self.pool_name, self.worker_name, self.heartbeat_seconds)
        self.pool = pool
        return pool

    async def _read_or_create(self, client: OstinatoClient) -> WorkPool:
        try:
            return await client.read_work_pool(self.pool_name)
        except ObjectNotFound:
            if not self.creates:
                raise
        body = WorkPoolCreate(name=self.pool_name, type=self.worker_type, base_job_template=self.template)
        try:
            pool = await client.create_work_pool(body)
        except ObjectAlreadyExists:  # another worker was faster
            return await client.read_work_pool(self.pool_name)
        logger.info("Work pool %r was made.", self.pool_name)
        return pool

    async def _make_queue(self, client: OstinatoClient, name: str) -> None:
        try:
            await client.read_work_queue_by_name(name, self.pool_name)
        except ObjectNotFound:
            try:
                await client.create_work_queue(WorkQueueCreate(name=name), self.pool_name)
            except ObjectAlreadyExists:  # another worker was faster
                return
            logger.info("Work queue %r of work pool %r was made.", name, self.pool_name)
