"""The load generator, run as a process of its own: `python -m benchmarks.load PORT WORKLOAD SECONDS CONNECTIONS`.

Prints one JSON object (see `Measurement`). Every answer is checked; a wrong one counts as a failure.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field

import orjson
import uvloop

from benchmarks import bodies, slots
from benchmarks.wire import BadAnswer, EventSocket, HttpConnection, encode_request
from tests.support.task_runs import COMPLETED, RUNNING

FIRST_VOLLEY = 320
"""Task runs of the first volley of the events workload; each volley doubles until one takes half the time given."""

WAITING = 2000
"""Runs that wait in the work pool that is polled."""

VISIBLE_WITHIN = 120.0
"""Seconds within which told task runs must be countable; the rest counts as failed."""


@dataclass
class Measurement:
    """What one workload did: `operations` finished in `seconds`; `latencies` are seconds, one an operation.

    `busy` is the share of a core that the load generator itself used: near 1 it measures itself, not the server.
    """

    operations: int = 0
    seconds: float = 0.0
    failures: int = 0
    first_failure: str = ""
    busy: float = 0.0
    latencies: list[float] = field(default_factory=list[float])


Operation = Callable[[HttpConnection], Awaitable[None]]


async def prepare(connection: HttpConnection) -> tuple[str, str]:
    """Make the flow and a running flow run that the workloads refer to; return (flow id, flow run id)."""
    flow = await connection.expect(encode_request("POST", "/api/flows/", b'{"name":"benchmark"}'), (200, 201))
    flow_id: str = orjson.loads(flow)["id"]
    body = bodies.flow_run_body(flow_id)
    run = await connection.expect(encode_request("POST", "/api/flow_runs/", body), (201,))
    return flow_id, orjson.loads(run)["id"]


def create_flow_runs(flow_id: str, _flow_run_id: str) -> Operation:
    """One operation = one flow run created."""
    request = encode_request("POST", "/api/flow_runs/", bodies.flow_run_body(flow_id))

    async def operation(connection: HttpConnection) -> None:
        await connection.expect(request, (201,), b'"PENDING"')

    return operation


def run_lifecycles(flow_id: str, _flow_run_id: str) -> Operation:
    """One operation = create, set Running, set Completed, read."""
    create = encode_request("POST", "/api/flow_runs/", bodies.flow_run_body(flow_id))
    running, completed = bodies.set_state_body(RUNNING), bodies.set_state_body(COMPLETED)

    async def operation(connection: HttpConnection) -> None:
        path = "/api/flow_runs/" + orjson.loads(await connection.expect(create, (201,)))["id"]
        await connection.expect(encode_request("POST", path + "/set_state", running), (201,), b'"ACCEPT"')
        await connection.expect(encode_request("POST", path + "/set_state", completed), (201,), b'"ACCEPT"')
        await connection.expect(encode_request("GET", path), (200,), b'"state_type":"COMPLETED"')

    return operation


def write_logs(_flow_id: str, flow_run_id: str) -> Operation:
    """One operation = one batch of log lines."""
    request = encode_request("POST", "/api/logs/", bodies.log_batch_body(flow_run_id))

    async def operation(connection: HttpConnection) -> None:
        await connection.expect(request, (201,))

    return operation


async def poll_full_pool(pool: list[HttpConnection], flow_id: str) -> Operation:
    """One operation = one poll by a worker while `WAITING` runs wait in its work pool; they are made here."""
    made = encode_request("POST", "/api/work_pools/", b'{"name":"benchmark","type":"process"}')
    await pool[0].expect(made, (201,))

    async def fill(connection: HttpConnection, first: int) -> None:
        for number in range(first, WAITING, len(pool)):
            body = bodies.waiting_run_body(flow_id, "benchmark", number)
            await connection.expect(encode_request("POST", "/api/flow_runs/", body), (201,))

    await asyncio.gather(*(fill(connection, first) for first, connection in enumerate(pool)))
    request = encode_request("POST", "/api/work_pools/benchmark/get_scheduled_flow_runs", bodies.poll_body())

    async def operation(connection: HttpConnection) -> None:
        await connection.expect(request, (200,), b'"work_queue_id"')

    return operation


async def take_and_give_back(pool: list[HttpConnection]) -> Operation:
    """One operation = one slot of a limit that has enough of them, taken with a lease and given back."""
    take = await slots.make_limit(pool[0], "benchmark", 1000)

    async def operation(connection: HttpConnection) -> None:
        await slots.give_back(connection, await connection.expect(take, (200,)))

    return operation


CLOSED_LOOPS: dict[str, Callable[[str, str], Operation]] = {
    "create": create_flow_runs,
    "lifecycle": run_lifecycles,
    "logs": write_logs,
}


async def drive(operation: Operation, connections: list[HttpConnection], seconds: float) -> Measurement:
    """Repeat `operation` on every connection, each waiting for its own answer, for `seconds`."""
    result = Measurement()
    start, used = time.perf_counter(), time.process_time()
    deadline = start + seconds

    async def loop(connection: HttpConnection) -> None:
        while (began := time.perf_counter()) < deadline:
            try:
                await operation(connection)
            except (BadAnswer, OSError, asyncio.IncompleteReadError) as error:
                result.failures += 1
                result.first_failure = result.first_failure or repr(error)
                await connection.reopen()
            else:
                result.latencies.append(time.perf_counter() - began)

    await asyncio.gather(*(loop(connection) for connection in connections))
    result.seconds = time.perf_counter() - start
    result.busy = (time.process_time() - used) / result.seconds
    result.operations = len(result.latencies)
    return result


async def tell_task_runs(port: int, flow_id: str, seconds: float, connections: int) -> Measurement:
    """Tell of task runs by `/events/in` until all can be counted as completed; return the largest volley."""
    size = FIRST_VOLLEY
    while True:
        result = await _volley(port, flow_id, size, connections)
        if result.failures or result.seconds >= seconds / 2:
            return result
        size *= 2


async def _volley(port: int, flow_id: str, size: int, connections: int) -> Measurement:
    request = encode_request("POST", "/api/flow_runs/", bodies.flow_run_body(flow_id))
    http = await HttpConnection.open(port)
    flow_run_id = orjson.loads(await http.expect(request, (201,)))["id"]
    http.close()
    frames = [bodies.task_run_frames(flow_run_id, number) for number in range(size)]
    sockets = [await EventSocket.open(port) for _ in range(connections)]
    start, used = time.perf_counter(), time.process_time()

    async def tell(socket: EventSocket, mine: list[bytes]) -> None:
        for begin in range(0, len(mine), 50):
            await socket.send(b"".join(mine[begin : begin + 50]))
        await socket.ping()

    await asyncio.gather(*(tell(socket, frames[index::connections]) for index, socket in enumerate(sockets)))
    count = encode_request("POST", "/api/task_runs/count", bodies.count_body(flow_run_id))
    # A connection of its own: the first one may have been idle for longer than the server keeps it.
    http = await HttpConnection.open(port)
    counted = 0
    while counted < size and time.perf_counter() - start < VISIBLE_WITHIN:
        counted = int(await http.expect(count, (200,)))
        if counted < size:
            await asyncio.sleep(0.01)
    elapsed = time.perf_counter() - start
    busy = (time.process_time() - used) / elapsed
    for socket in sockets:
        await socket.close()
    failure = "" if counted == size else f"{counted} of {size} task runs countable after {VISIBLE_WITHIN} s"
    return Measurement(counted, elapsed, size - counted, failure, busy)


async def _operation(workload: str, pool: list[HttpConnection], flow_id: str, flow_run_id: str) -> Operation:
    match workload:
        case "poll":
            return await poll_full_pool(pool, flow_id)
        case "slots":
            return await take_and_give_back(pool)
        case "contest":
            return slots.Contest(await slots.make_limit(pool[0], "contested", slots.SLOTS)).operation
        case _:
            return CLOSED_LOOPS[workload](flow_id, flow_run_id)


async def measure(port: int, workload: str, seconds: float, connections: int) -> Measurement:
    """Run one workload against 127.0.0.1:`port`."""
    clients = slots.COMPETITORS if workload == "contest" else connections
    pool = [await HttpConnection.open(port) for _ in range(clients)]
    flow_id, flow_run_id = await prepare(pool[0])
    if workload == "events":
        result = await tell_task_runs(port, flow_id, seconds, connections)
    else:
        operation = await _operation(workload, pool, flow_id, flow_run_id)
        await drive(operation, pool, min(1.0, seconds / 4))
        # Some may have waited for the last one for longer than the server keeps them.
        await asyncio.gather(*(connection.reopen() for connection in pool))
        result = await drive(operation, pool, seconds)
    for connection in pool:
        connection.close()
    return result


if __name__ == "__main__":
    port, workload, seconds, connections = sys.argv[1:]
    measurement = uvloop.run(measure(int(port), workload, float(seconds), int(connections)))
    with open(sys.stdout.fileno(), "wb", closefd=False) as output:  # buffered, whatever PYTHONUNBUFFERED says
        output.write(orjson.dumps(asdict(measurement)))
