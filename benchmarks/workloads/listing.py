"""A page of runs is read, with others beside it."""

import asyncio

import orjson

from benchmarks import bodies
from benchmarks.job import Job, count, make_flow
from benchmarks.measurement import Measurement
from benchmarks.wire import BadAnswer, HttpConnection, encode_request

ANSWERED = 200


async def run(job: Job) -> Measurement:
    """One operation = `ANSWERED` flow runs read, the newest first."""
    async with job.clients() as pool:
        await fill(pool)
        asked = {"sort": "ID_DESC", "limit": ANSWERED}
        request = encode_request("POST", "/api/flow_runs/filter", orjson.dumps(asked))

        async def operation(connection: HttpConnection) -> None:
            answer = await connection.expect(request, (200,))
            if (given := answer.count(b'"state_id":')) != ANSWERED:
                raise BadAnswer(f"{given} flow runs instead of {ANSWERED}")

        return await job.closed_loop(operation, pool)


async def fill(pool: list[HttpConnection]) -> None:
    """Let there be as many runs as are answered; those that others have left there count."""
    create = encode_request("POST", "/api/flow_runs/", bodies.flow_run_body(await make_flow(pool[0])))
    missing = ANSWERED - await count(pool[0], "flow_runs")

    async def add(connection: HttpConnection, first: int) -> None:
        for _ in range(first, missing, len(pool)):
            await connection.expect(create, (201,))

    await asyncio.gather(*(add(connection, first) for first, connection in enumerate(pool)))
