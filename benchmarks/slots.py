"""The workloads of concurrency limits: slots that are free, and one limit for which many clients compete."""

import asyncio
from dataclasses import dataclass

import orjson

from benchmarks.wire import BadAnswer, HttpConnection, encode_request

COMPETITORS = 200
SLOTS = 20
AGAIN_AFTER = 0.05
"""Seconds after which a client that was denied comes again; real ones wait for as long as they are told."""
HELD = 0.005
"""Seconds for which a client holds its slot, so that the others come while it is taken."""

_GIVE_BACK = "/api/v2/concurrency_limits/decrement-with-lease"


async def make_limit(connection: HttpConnection, name: str, slots: int) -> bytes:
    """Make a limit; return the request that takes one of its slots."""
    made = orjson.dumps({"name": name, "limit": slots})
    await connection.expect(encode_request("POST", "/api/v2/concurrency_limits/", made), (201,))
    taken = orjson.dumps({"names": [name], "slots": 1, "mode": "concurrency", "lease_duration": 300})
    return encode_request("POST", "/api/v2/concurrency_limits/increment-with-lease", taken)


async def give_back(connection: HttpConnection, granted: bytes) -> None:
    """Give back the slot that an answer has granted."""
    lease = orjson.dumps({"lease_id": orjson.loads(granted)["lease_id"]})
    await connection.expect(encode_request("POST", _GIVE_BACK, lease), (204,))


@dataclass
class Contest:
    """Clients that compete for the slots of one limit, and watch that no more of them hold one than there are."""

    take: bytes
    holders: int = 0

    async def operation(self, connection: HttpConnection) -> None:
        """One operation = a slot taken, however often that was denied, and given back."""
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
            raise BadAnswer(f"{status} {body[:300]!r}")
        return body if status == 200 else None
