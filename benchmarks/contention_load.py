"""The load of the contention workload, a process of its own: `python -m benchmarks.contention_load SECONDS PORT...`.

Clients move runs of deployments with limits as fast as they are answered, now and then two of them the same run at the
same moment; workers poll each second and move what they are given; an administrator changes limits, pauses queues, and
cancels and deletes runs in bulk. Prints one JSON object (see `Outcome`).
"""

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any
from uuid import uuid4

import orjson
import uvloop

from benchmarks.bodies import poll_body, set_state_body
from benchmarks.wire import HttpConnection, encode_request

MOVERS = 24
"""Clients that make runs and move them, each with a connection to each process."""
POLLERS = 200
POLL_EVERY = 1.0
"""Seconds between the polls of a worker; the reference's workers ask every 15."""
POOLS, QUEUES, DEPLOYMENTS = 4, 2, 6
"""Pools; queues of each; deployments of each, of which every third has no limit."""
POOL_LIMIT, QUEUE_LIMIT, DEPLOYMENT_LIMIT = 60, 40, 5
LEFT_TO_WORKERS = 0.2
"""Share of the runs that are left in their queue for a worker."""
CONTESTED = 0.2
"""Share of the state changes that two clients propose at the same moment."""
ADMINISTER_EVERY = 0.5
IDLE_AT_MOST = 2.0
"""Seconds after which a connection is opened anew, since the server closes idle ones."""
LET_GO_AFTER = timedelta(seconds=10)
"""How long after its end nobody moves a run any more, so that it may be deleted."""

Json = Any  # answers of the server


@dataclass
class Outcome:
    """What the load did in `seconds`. Times are seconds; `refused` counts answers that are errors, by status."""

    seconds: float = 0.0
    created: int = 0
    accepted: int = 0
    declined: int = 0
    polled: int = 0
    handed_out: int = 0
    refused: dict[str, int] = field(default_factory=dict[str, int])
    first_refusal: str = ""
    state_changes: list[float] = field(default_factory=list[float])
    polls: list[float] = field(default_factory=list[float])
    busy: float = 0.0


@dataclass
class World:
    """What the load works on."""

    pools: list[str]
    queues: list[str]
    deployments: list[str]


class Client:
    """Requests on one connection; errors are counted, not raised."""

    def __init__(self, connection: HttpConnection, outcome: Outcome) -> None:
        self._connection = connection
        self._outcome = outcome
        self._used = time.perf_counter()

    async def send(self, method: str, path: str, body: bytes, times: list[float] | None = None) -> Json:
        """Return the decoded answer, None where it is an error or empty."""
        if time.perf_counter() - self._used > IDLE_AT_MOST:
            await self._connection.reopen()
        began = time.perf_counter()
        try:
            status, answer = await self._connection.send(encode_request(method, "/api" + path, body))
        except (OSError, asyncio.IncompleteReadError) as error:
            self._refuse(type(error).__name__, repr(error))
            await self._connection.reopen()
            return None
        finally:
            self._used = time.perf_counter()
        if times is not None:
            times.append(time.perf_counter() - began)
        if status >= 400:
            self._refuse(str(status), f"{method} {path}: {status} {answer[:300]!r}")
            return None
        return orjson.loads(answer) if answer else None

    async def move(self, run_id: str, state: str) -> bool:
        """Propose a state; return whether it was accepted."""
        body = set_state_body(state)
        answer = await self.send("POST", f"/flow_runs/{run_id}/set_state", body, self._outcome.state_changes)
        if answer is None:
            return False
        if is_accepted := answer["status"] == "ACCEPT":
            self._outcome.accepted += 1
        else:
            self._outcome.declined += 1
        return is_accepted

    async def finish(self, run_id: str) -> None:
        """Move a run to its end, as a worker and its flow do."""
        if await self.move(run_id, "PENDING") and await self.move(run_id, "RUNNING"):
            await self.move(run_id, "COMPLETED")
        else:
            await self.move(run_id, "CANCELLED")

    def _refuse(self, kind: str, text: str) -> None:
        self._outcome.refused[kind] = self._outcome.refused.get(kind, 0) + 1
        self._outcome.first_refusal = self._outcome.first_refusal or text


async def prepare(client: Client) -> World:
    """Make pools, queues and deployments, all with limits."""
    world = World([], [], [])
    flow = await client.send("POST", "/flows/", orjson.dumps({"name": f"flow-{uuid4()}"}))
    for _ in range(POOLS):
        pool: Json = {"name": f"pool-{uuid4()}", "type": "process", "concurrency_limit": POOL_LIMIT}
        await client.send("POST", "/work_pools/", orjson.dumps(pool))
        world.pools.append(pool["name"])
        for priority in range(QUEUES):
            queue = {"name": f"queue-{priority}", "priority": priority + 1, "concurrency_limit": QUEUE_LIMIT}
            made = await client.send("POST", f"/work_pools/{pool['name']}/queues", orjson.dumps(queue))
            world.queues.append(f"/work_pools/{pool['name']}/queues/{made['name']}")
        for number in range(DEPLOYMENTS):
            place = {"work_pool_name": pool["name"], "work_queue_name": f"queue-{number % QUEUES}"}
            limit = {} if number % 3 == 2 else {"concurrency_limit": DEPLOYMENT_LIMIT}
            body = {"name": f"deployment-{uuid4()}", "flow_id": flow["id"], **place, **limit}
            world.deployments.append((await client.send("POST", "/deployments/", orjson.dumps(body)))["id"])
    return world


async def mover(clients: list[Client], world: World, outcome: Outcome) -> None:
    """Make a run, and move it to its end or leave it to a worker."""
    here, there = random.sample(clients, 2)
    deployment = random.choice(world.deployments)
    run = await here.send("POST", f"/deployments/{deployment}/create_flow_run", b'{"state":{"type":"SCHEDULED"}}')
    if run is None:
        return
    outcome.created += 1
    if random.random() < LEFT_TO_WORKERS:
        return
    if random.random() < CONTESTED:
        states = random.choice([("PENDING", "PENDING"), ("PENDING", "CANCELLED"), ("PENDING", "RUNNING")])
        await asyncio.gather(here.move(run["id"], states[0]), there.move(run["id"], states[1]))
        await asyncio.gather(there.move(run["id"], "RUNNING"), here.move(run["id"], "CANCELLED"))
        await asyncio.gather(there.move(run["id"], "COMPLETED"), here.move(run["id"], "COMPLETED"))
    else:
        await here.finish(run["id"])


async def poller(client: Client, pool: str, outcome: Outcome) -> None:
    """Ask for a run, and move it to its end."""
    body = orjson.dumps(orjson.loads(poll_body()) | {"limit": 10})
    found = await client.send("POST", f"/work_pools/{pool}/get_scheduled_flow_runs", body, outcome.polls)
    outcome.polled += 1
    if found:
        outcome.handed_out += len(found)
        await client.finish(random.choice(found)["flow_run"]["id"])
    await asyncio.sleep(POLL_EVERY)


async def administrator(client: Client, world: World) -> None:
    """Change limits, pause a queue, and cancel and delete runs in bulk."""
    queue, deployment = random.choice(world.queues), random.choice(world.deployments)
    of_deployment: Json = {"deployment_id": {"any_": [deployment]}}
    cancelled = {"type": "CANCELLED"}
    ended: Json = {"flow_runs": {"end_time": {"before_": (datetime.now(UTC) - LET_GO_AFTER).isoformat()}}}
    requests: list[tuple[str, str, Json]] = [
        ("PATCH", queue, {"concurrency_limit": QUEUE_LIMIT + random.randrange(5), "is_paused": True}),
        ("PATCH", queue, {"is_paused": False}),
        ("PATCH", f"/work_pools/{random.choice(world.pools)}", {"concurrency_limit": POOL_LIMIT + random.randrange(5)}),
        ("PATCH", f"/deployments/{deployment}", {"concurrency_limit": DEPLOYMENT_LIMIT + random.randrange(3)}),
        ("POST", "/flow_runs/bulk_set_state", {"flow_runs": of_deployment, "state": cancelled, "limit": 20}),
        ("POST", "/flow_runs/bulk_delete", ended | {"limit": 20}),
    ]
    for method, path, body in requests:
        await client.send(method, path, orjson.dumps(body))
    await asyncio.sleep(ADMINISTER_EVERY)


async def drive(ports: list[int], seconds: float) -> Outcome:
    """Load the servers on these ports of 127.0.0.1 for `seconds`."""
    outcome, turn = Outcome(), cycle(ports)
    world = await prepare(await _client(ports[0], outcome))
    deadline = time.perf_counter() + seconds

    async def repeat(work: Callable[[], Awaitable[None]]) -> None:
        while time.perf_counter() < deadline:
            await work()

    work: list[Callable[[], Awaitable[None]]] = []
    for _ in range(MOVERS):
        clients = [await _client(port, outcome) for port in ports]
        work.append(lambda clients=clients: mover(clients, world, outcome))
    for pool in _first(cycle(world.pools), POLLERS):
        client = await _client(next(turn), outcome)
        work.append(lambda client=client, pool=pool: poller(client, pool, outcome))
    manager = await _client(next(turn), outcome)
    work.append(lambda: administrator(manager, world))
    began, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(repeat(each) for each in work))
    outcome.seconds = time.perf_counter() - began
    outcome.busy = (time.process_time() - used) / outcome.seconds
    return outcome


def _first(values: Iterator[str], count: int) -> list[str]:
    return [next(values) for _ in range(count)]


async def _client(port: int, outcome: Outcome) -> Client:
    return Client(await HttpConnection.open(port), outcome)


if __name__ == "__main__":
    result = uvloop.run(drive([int(port) for port in sys.argv[2:]], float(sys.argv[1])))
    with open(sys.stdout.fileno(), "wb", closefd=False) as output:
        output.write(orjson.dumps(asdict(result)))
