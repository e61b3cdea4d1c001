"""Many clients compete for the slots of one limit."""

import asyncio
from dataclasses import dataclass

from benchmarks.job import Job
from benchmarks.measurement import Measurement
from benchmarks.wire import BadAnswer, HttpConnection, error_of
from benchmarks.workloads.slots import give_back, make_limit

COMPETITORS = 200
SLOTS = 20
AGAIN_AFTER = 0.05
"""Seconds after which a client that was denied comes again; real ones wait for as long as they are told."""
HELD = 0.005
"""Seconds for which a client holds its slot, so that the others come while it is taken."""


async def run(job: Job) -> Measurement:
    """One operation = a slot taken, however often that was denied, and given back."""
    async with job.clients(COMPETITORS) as pool:
        return await job.closed_loop(Contest(await make_limit(pool[0], SLOTS)).operation, pool)


@dataclass
class Contest:
    """Clients that watch that no more of them hold a slot than there are."""

    take: bytes
    holders: int = 0

    async def operation(self, connection: HttpConnection) -> None:
        """Take a slot, hold it, give it back."""
        while (granted := await self._granted(connection)) is None:  # noqa: ASYNC110 - another process gives slots
            await asyncio.sleep(AGAIN_AFTER)
        self.holders += 1
        most = self.holders
        await asyncio.sleep(HELD)
        self.holders -= 1
        await give_back(connection, granted)
        if most > SLOTS:
            raise BadAnswer(f"{most} clients held a slot of {SLOTS}")

    async def _granted(self, connection: HttpConnection) -> bytes | None:
        status, body = await connection.send(self.take)
        if status not in (200, 423):
            raise error_of(status, body)
        return body if status == 200 else None
