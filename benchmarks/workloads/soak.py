"""Everything at once for a long time, so that memory can be watched meanwhile."""

import asyncio
import time

from benchmarks.frames import TaskRunFrames
from benchmarks.job import Job, drive, make_flow, make_flow_run
from benchmarks.measurement import Measurement
from benchmarks.sockets import Socket
from benchmarks.wire import HttpConnection, encode_request
from benchmarks.workloads.listing import fill
from benchmarks.workloads.slots import make_limit
from benchmarks.workloads.writers import ENOUGH, Writer

WRITERS, READERS = 12, 3
TASK_RUNS_AT_ONCE = 50
BETWEEN = 0.1
"""Seconds between what the teller of task runs sends."""
PATHS = ("/api/flow_runs/filter", "/api/task_runs/filter", "/api/flow_runs/count", "/api/logs/filter")


async def run(job: Job) -> Measurement:
    """One operation = one request; beside them task runs are told by a socket."""
    result = Measurement()
    async with job.clients(WRITERS + READERS) as pool:
        await fill(pool)
        flow_id, take = await make_flow(pool[0]), await make_limit(pool[0], ENOUGH)
        run_id = await make_flow_run(pool[0], flow_id)
        writers = {connection: Writer(flow_id, take) for connection in pool[:WRITERS]}
        requests = [encode_request("POST", path, b"{}") for path in PATHS]

        async def operation(connection: HttpConnection) -> None:
            if connection in writers:
                await writers[connection].next_step(connection)
            else:
                for request in requests:
                    await connection.expect(request, (200,))

        with job.metered(result):
            await asyncio.gather(drive(operation, pool, job.seconds, result), tell(job, run_id, result))
    return result


async def tell(job: Job, run_id: str, result: Measurement) -> None:
    """Tell of task runs at a steady pace."""
    socket, frames, end = await Socket.open(job.ports[0]), TaskRunFrames(run_id), time.perf_counter() + job.seconds
    while time.perf_counter() < end:
        for task_runs, sent in frames.chunks(TASK_RUNS_AT_ONCE, TASK_RUNS_AT_ONCE):
            await socket.send(sent)
            result.operations += task_runs
        await socket.ping()
        await asyncio.sleep(BETWEEN)
    await socket.close()
