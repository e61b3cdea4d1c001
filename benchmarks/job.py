"""What the load generator is told to do, and what its workloads share: connections, a meter, and a closed loop."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice

import orjson

from benchmarks import bodies
from benchmarks.measurement import Measurement
from benchmarks.processes import cpu_seconds
from benchmarks.wire import FAILURES, BadAnswer, HttpConnection, encode_request

Operation = Callable[[HttpConnection], Awaitable[None]]


@dataclass(frozen=True)
class Job:
    """One run of one workload: the API processes' ports, and the processes whose CPU time counts."""

    workload: str
    ports: list[int]
    seconds: float
    connections: int = 16
    server: list[int] = field(default_factory=list[int])
    database: list[int] = field(default_factory=list[int])

    @asynccontextmanager
    async def clients(self, count: int = 0) -> AsyncGenerator[list[HttpConnection]]:
        """Open `count` connections (default: as many as the job says), spread evenly over the API processes."""
        ports = islice(cycle(self.ports), count or self.connections)
        pool = [await HttpConnection.open(port) for port in ports]
        try:
            yield pool
        finally:
            for connection in pool:
                connection.close()

    @contextmanager
    def metered(self, result: Measurement) -> Generator[None]:
        """Write time and CPU of what runs inside into `result`."""
        server, database = cpu_seconds(self.server), cpu_seconds(self.database)
        start, used = time.perf_counter(), time.process_time()
        yield
        result.seconds = time.perf_counter() - start
        result.busy = (time.process_time() - used) / result.seconds
        result.server_cpu = cpu_seconds(self.server) - server
        result.database_cpu = cpu_seconds(self.database) - database

    async def closed_loop(self, operation: Operation, pool: list[HttpConnection]) -> Measurement:
        """Warm up, then repeat `operation` on each connection for the job's length."""
        await drive(operation, pool, min(1.0, self.seconds / 4), Measurement())
        # Some may have waited for the last one for longer than the server keeps them.
        await asyncio.gather(*(connection.reopen() for connection in pool))
        result = Measurement()
        with self.metered(result):
            await drive(operation, pool, self.seconds, result)
        return result


async def drive(operation: Operation, pool: list[HttpConnection], seconds: float, result: Measurement) -> None:
    """Repeat `operation` on every connection, each waiting for its own answer, for `seconds`; count into `result`."""
    deadline = time.perf_counter() + seconds

    async def loop(connection: HttpConnection) -> None:
        while (began := time.perf_counter()) < deadline:
            try:
                await operation(connection)
            except FAILURES as error:
                if isinstance(error, BadAnswer):
                    result.fail(repr(error))
                else:
                    result.refuse(repr(error))
                await connection.reopen()
            else:
                result.latencies.append(time.perf_counter() - began)

    before = len(result.latencies)
    await asyncio.gather(*(loop(connection) for connection in pool))
    result.operations += len(result.latencies) - before


async def make_flow(connection: HttpConnection) -> str:
    """Make the flow to which everything belongs; return its id."""
    flow = await connection.expect(encode_request("POST", "/api/flows/", b'{"name":"benchmark"}'), (200, 201))
    return orjson.loads(flow)["id"]


async def make_flow_run(connection: HttpConnection, flow_id: str) -> str:
    """Make a flow run; return its id."""
    request = encode_request("POST", "/api/flow_runs/", bodies.flow_run_body(flow_id))
    return orjson.loads(await connection.expect(request, (201,)))["id"]


async def count(connection: HttpConnection, noun: str, body: bytes = b"{}") -> int:
    """Return how many of `noun` (`flow_runs`, `task_runs`) there are that `body` asks for."""
    return int(await connection.expect(encode_request("POST", f"/api/{noun}/count", body), (200,)))
