"""Workers ask for scheduled runs while many wait in their pool."""

import asyncio

import orjson

from benchmarks import bodies
from benchmarks.job import Job, count, make_flow
from benchmarks.measurement import Measurement
from benchmarks.wire import BadAnswer, HttpConnection, encode_request

WAITING = 2000
"""Runs that wait in the work pool."""
AT_MOST = 200
"""Runs that a poll without a limit is answered with."""
WORKERS = 50
_POOL = "benchmark"


async def run(job: Job) -> Measurement:
    """One operation = a poll until it is answered with runs, on the job's connections."""
    return await poll(job, job.connections)


async def run_workers(job: Job) -> Measurement:
    """The same, by `WORKERS` workers that ask at once."""
    return await poll(job, WORKERS)


async def poll(job: Job, workers: int) -> Measurement:
    """Fill the pool, then poll it on `workers` connections."""
    async with job.clients(workers) as pool:
        await fill(pool)
        path = f"/api/work_pools/{_POOL}/get_scheduled_flow_runs"

        async def operation(connection: HttpConnection) -> None:
            given = 0
            while not given:  # while others look at all that wait, there is nothing for one more
                request = encode_request("POST", path, bodies.poll_body())
                given = (await connection.expect(request, (200,))).count(b'"flow_run":')
            if given > AT_MOST:
                raise BadAnswer(f"{given} runs given to a worker instead of at most {AT_MOST}")

        return await job.closed_loop(operation, pool)


async def fill(pool: list[HttpConnection]) -> None:
    """Let `WAITING` runs wait in the pool; those that an earlier round has left there count."""
    flow_id = await make_flow(pool[0])
    made = encode_request("POST", "/api/work_pools/", orjson.dumps({"name": _POOL, "type": "process"}))
    await pool[0].expect(made, (201, 409))
    there = await count(pool[0], "flow_runs", orjson.dumps({"work_pools": {"name": {"any_": [_POOL]}}}))

    async def add(connection: HttpConnection, first: int) -> None:
        await connection.reopen()
        for number in range(there + first, WAITING, len(pool)):
            body = bodies.waiting_run_body(flow_id, _POOL, number)
            await connection.expect(encode_request("POST", "/api/flow_runs/", body), (201,))

    await asyncio.gather(*(add(connection, first) for first, connection in enumerate(pool)))
