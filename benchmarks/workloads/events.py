"""Task runs are told by `/events/in` until all of them can be counted as completed."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from itertools import cycle, islice

from benchmarks import bodies
from benchmarks.frames import TaskRunFrames
from benchmarks.job import Job, count, make_flow, make_flow_run
from benchmarks.measurement import Measurement
from benchmarks.sockets import Socket
from benchmarks.wire import HttpConnection

VOLLEY, MANY = 1_000, 100_000
WARM_UP = 100
SENT_AT_ONCE = 50
CHECKPOINT_EVERY = 5
"""Sendings after which a pong is waited for: 750 events, about as the client does it."""
LOST_AFTER = 15.0
"""Seconds without a further task run after which the missing ones count as failed."""
CUT_AFTER = 60.0
"""Seconds after which a volley is cut off, and what can be counted until then is what was done."""


async def run(job: Job) -> Measurement:
    """One operation = one task run; volleys of `VOLLEY`, whose latency is the time until all can be counted."""
    result = Measurement()
    async with told_by(job) as teller:
        await teller.volley(WARM_UP, Measurement())
        with job.metered(result):
            end = time.perf_counter() + job.seconds
            while not result.failures and time.perf_counter() < end:
                result.latencies.append(await teller.volley(VOLLEY, result))
    return result


async def run_many(job: Job) -> Measurement:
    """One operation = one task run of one volley of `MANY`."""
    result = Measurement()
    async with told_by(job) as teller:
        await teller.volley(WARM_UP, Measurement())
        with job.metered(result):
            await teller.volley(MANY, result)
    return result


class Teller:
    """Sockets that share a volley, and a connection that counts."""

    def __init__(self, sockets: list[Socket], http: HttpConnection, flow_id: str) -> None:
        self._sockets = sockets
        self._http = http
        self._flow_id = flow_id

    async def volley(self, size: int, result: Measurement) -> float:
        """Tell of `size` task runs of a new flow run; return the seconds until all could be counted."""
        flow_run_id = await make_flow_run(self._http, self._flow_id)
        began = time.perf_counter()
        chunks = TaskRunFrames(flow_run_id).chunks(size, SENT_AT_ONCE)
        told = sum(await asyncio.gather(*(self._tell(socket, chunks, began + CUT_AFTER) for socket in self._sockets)))
        # While it was told the connection may have been idle for longer than the server keeps it.
        await self._http.reopen()
        counted, last_news = 0, time.perf_counter()
        while True:
            before, counted = counted, await count(self._http, "task_runs", bodies.count_body(flow_run_id))
            now = time.perf_counter()
            last_news, took = now if counted > before else last_news, now - began
            if counted == told or took > CUT_AFTER or now - last_news > LOST_AFTER:
                break
            await asyncio.sleep(0.01)
        result.operations += counted
        if counted < told and took < CUT_AFTER:
            result.fail(f"{counted} of {told} task runs countable after {took:.0f} s", told - counted)
        return took

    async def _tell(self, socket: Socket, chunks: Iterator[tuple[int, bytes]], deadline: float) -> int:
        told, sendings = 0, 0
        for task_runs, frames in chunks:
            await socket.send(frames)
            told, sendings = told + task_runs, sendings + 1
            if sendings % CHECKPOINT_EVERY == 0:
                await socket.ping()
            if time.perf_counter() > deadline:
                break
        await socket.ping()
        return told


@asynccontextmanager
async def told_by(job: Job) -> AsyncGenerator[Teller]:
    """Open the job's sockets, spread over the API processes."""
    async with job.clients(1) as [http]:
        flow_id = await make_flow(http)
        sockets = [await Socket.open(port) for port in islice(cycle(job.ports), job.connections)]
        yield Teller(sockets, http, flow_id)
        for socket in sockets:
            await socket.close()
