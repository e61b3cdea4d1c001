"""Many clients write at once what engines write: runs, states, log lines, slots. Each request counts."""

from collections.abc import Generator

import orjson

from benchmarks import bodies
from benchmarks.job import Job, make_flow
from benchmarks.measurement import Measurement
from benchmarks.wire import HttpConnection, encode_request
from benchmarks.workloads.slots import give_back_request, make_limit
from tests.support.task_runs import COMPLETED, RUNNING

ENOUGH = 1000
LINES = 10
Step = tuple[bytes, int, bytes]
"""A request, the status of its answer, and what the answer holds."""


async def run_16(job: Job) -> Measurement:
    """One operation = one request by one of 16 writers."""
    return await write(job, 16)


async def run_64(job: Job) -> Measurement:
    """One operation = one request by one of 64 writers."""
    return await write(job, 64)


async def write(job: Job, count: int) -> Measurement:
    """Let `count` writers write."""
    async with job.clients(count) as pool:
        flow_id, take = await make_flow(pool[0]), await make_limit(pool[0], ENOUGH)
        writers = {connection: Writer(flow_id, take) for connection in pool}
        return await job.closed_loop(lambda connection: writers[connection].next_step(connection), pool)


class Writer:
    """One client that writes a flow run's life, request by request, and begins anew after a failure."""

    def __init__(self, flow_id: str, take: bytes) -> None:
        self._create = encode_request("POST", "/api/flow_runs/", bodies.flow_run_body(flow_id))
        self._take = take
        self._steps = self._life()
        self._answer: bytes | None = None

    async def next_step(self, connection: HttpConnection) -> None:
        """Send the next request and look at its answer."""
        if self._answer is None:
            self._steps = self._life()
        request, status, part = next(self._steps) if self._answer is None else self._steps.send(self._answer)
        self._answer = None
        self._answer = await connection.expect(request, (status,), part)

    def _life(self) -> Generator[Step, bytes, None]:
        while True:
            created = yield self._create, 201, b'"PENDING"'
            run_id: str = orjson.loads(created)["id"]
            set_state = f"/api/flow_runs/{run_id}/set_state"
            yield encode_request("POST", set_state, bodies.set_state_body(RUNNING)), 201, b'"ACCEPT"'
            yield encode_request("POST", "/api/logs/", bodies.log_batch_body(run_id, LINES)), 201, b""
            granted = yield self._take, 200, b"lease_id"
            yield give_back_request(granted), 204, b""
            yield encode_request("POST", set_state, bodies.set_state_body(COMPLETED)), 201, b'"ACCEPT"'
