"""Slots of a concurrency limit that has enough of them."""

from uuid import uuid4

import orjson

from benchmarks.job import Job
from benchmarks.measurement import Measurement
from benchmarks.wire import HttpConnection, encode_request

ENOUGH = 1000


async def run(job: Job) -> Measurement:
    """One operation = one slot taken with a lease and given back."""
    async with job.clients() as pool:
        take = await make_limit(pool[0], ENOUGH)

        async def operation(connection: HttpConnection) -> None:
            await give_back(connection, await connection.expect(take, (200,)))

        return await job.closed_loop(operation, pool)


async def make_limit(connection: HttpConnection, slots: int) -> bytes:
    """Make a limit; return the request that takes one of its slots."""
    name = f"benchmark-{uuid4()}"
    made = orjson.dumps({"name": name, "limit": slots})
    await connection.expect(encode_request("POST", "/api/v2/concurrency_limits/", made), (201,))
    taken = orjson.dumps({"names": [name], "slots": 1, "mode": "concurrency", "lease_duration": 300})
    return encode_request("POST", "/api/v2/concurrency_limits/increment-with-lease", taken)


async def give_back(connection: HttpConnection, granted: bytes) -> None:
    """Give back the slot that an answer has granted."""
    await connection.expect(give_back_request(granted), (204,))


def give_back_request(granted: bytes) -> bytes:
    """Return the request that gives back the slot that an answer has granted."""
    lease = orjson.dumps({"lease_id": orjson.loads(granted)["lease_id"]})
    return encode_request("POST", "/api/v2/concurrency_limits/decrement-with-lease", lease)
