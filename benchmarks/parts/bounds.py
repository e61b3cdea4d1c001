"""What the database can do: statements of a workload from a client that does nothing else, beside the server itself."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path

import asyncpg
import orjson

from benchmarks import bodies
from benchmarks.compare import CONNECTIONS
from benchmarks.comparison import SHARES, thousandths
from benchmarks.job import Job, Operation, make_flow
from benchmarks.load import load
from benchmarks.measurement import Measurement, milliseconds
from benchmarks.parts import Asked, Findings
from benchmarks.parts.bounds_client import Load
from benchmarks.parts.statements import about, in_log, repeatable
from benchmarks.report import Table
from benchmarks.systems import API_PROCESSES, Running, started
from benchmarks.wire import HttpConnection, encode_request
from benchmarks.workloads.lifecycle import lifecycle
from benchmarks.workloads.slots import ENOUGH, give_back, make_limit
from ostinato_core.ids import DEFAULT_WORKSPACE_ID
from tests.support.postgres import Postgres

GATHERED = CONNECTIONS // API_PROCESSES
"""Operations whose writes share a transaction where each API process gathers those of its connections."""
TITLE = f"What bounds writes on Postgres, {CONNECTIONS} connections: the server, and its statements without it"
HEADER = ["workload", "who", "ops/s", "p50 ms", "p95 ms", "p99 ms", "failed", "CPU ms/op", "db CPU ms/op"]
NOTE = (
    "The statements are those that Postgres was sent for one operation, with ids of their own for each; a client "
    "without any of this project's code sends them, alone or with those of others in one transaction, as the API's "
    "processes do; slots of one limit go together in one statement, as they do there, and no guard refuses them, "
    "which is more than a server can hope for. Database and clients share the machine's cores. CPU is that of the "
    "server's API or of this client."
)
_SETTLED = 1.0
"""Seconds after which every connection has heard of a setting, and has written its log."""


def run(asked: Asked, findings: Findings) -> None:
    """Measure the server, then its statements, on one database."""
    for system in asked.systems:
        if system.is_reference or not system.on_postgres:
            continue
        found: list[tuple[str, str, Measurement]] = []
        with Postgres(settings=()) as postgres:
            url = postgres.create_database()
            with started(system, postgres, url) as running:
                for name, prepare in PREPARED.items():
                    asked.tell(f"bounds: {name}")
                    load_of = asyncio.run(recorded(postgres, running, url, asked.options.seconds, prepare))
                    found.append((name, "the server", _server(running, name, asked.options.seconds)))
                    alone, together = (sent(load_of, gathered) for gathered in (1, GATHERED))
                    found += [(name, "statements, alone", alone), (name, f"statements, {GATHERED} together", together)]
        is_right = not any(measured.failures for _, _, measured in found)
        findings.add(Table(TITLE, HEADER, [_row(*each) for each in found], [NOTE]), is_right=is_right)


def creation(flow_id: str) -> Operation:
    """Return the operation of the workload `create`."""
    request = encode_request("POST", "/api/flow_runs/", bodies.flow_run_body(flow_id))

    async def operation(connection: HttpConnection) -> None:
        await connection.expect(request, (201,), b'"PENDING"')

    return operation


Prepared = tuple[Operation, set[str]]
"""An operation, and the ids by which its statements are known: those of what it is about, which copies keep."""


async def prepare_create(connection: HttpConnection) -> Prepared:
    """Make what `create` is about."""
    flow_id = await make_flow(connection)
    return creation(flow_id), {flow_id}


async def prepare_lifecycle(connection: HttpConnection) -> Prepared:
    """Make what `lifecycle` is about."""
    flow_id = await make_flow(connection)
    return lifecycle(flow_id), {flow_id}


async def prepare_slots(connection: HttpConnection) -> Prepared:
    """Make what `slots` is about: a limit, which some statements know by the id in its name."""
    take = await make_limit(connection, ENOUGH)
    granted = await connection.expect(take, (200,))
    await give_back(connection, granted)
    [limit] = orjson.loads(granted)["limits"]

    async def operation(connection: HttpConnection) -> None:
        await give_back(connection, await connection.expect(take, (200,)))

    return operation, {limit["id"], limit["name"].removeprefix("benchmark-")}


PREPARED: dict[str, Callable[[HttpConnection], Awaitable[Prepared]]] = {
    "create": prepare_create,
    "lifecycle": prepare_lifecycle,
    "slots": prepare_slots,
}
"""By workload, what makes its operation."""


async def recorded(
    postgres: Postgres,
    running: Running,
    url: str,
    seconds: float,
    prepare: Callable[[HttpConnection], Awaitable[Prepared]],
) -> Load:
    """Do an operation once while Postgres logs its statements; return what a client is to do."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    http = await HttpConnection.open(running.ports[0])
    operation, roots = await prepare(http)
    await operation(http)  # so that nothing is prepared while it is watched
    await _log_statements(connection, "0")
    begin = postgres.log.stat().st_size
    await operation(http)
    await _log_statements(connection, "-1")
    log = postgres.log.read_bytes()[begin:].decode()
    await connection.close()
    http.close()
    workspace_id = str(DEFAULT_WORKSPACE_ID)
    statements = [repeatable(each) for each in about(in_log(log), roots, workspace_id)]
    known = [*roots, workspace_id]
    return Load(url.replace("+asyncpg", ""), 1, seconds, statements, known, running.database)


async def _log_statements(connection: "asyncpg.Connection[asyncpg.Record]", longer_than: str) -> None:
    await connection.execute(f"ALTER SYSTEM SET log_min_duration_statement = {longer_than}")
    await connection.execute("SELECT pg_reload_conf()")
    await asyncio.sleep(_SETTLED)


def _server(running: Running, workload: str, seconds: float) -> Measurement:
    return load(Job(workload, running.ports, seconds, CONNECTIONS, running.api, running.database))


def sent(told: Load, gathered: int) -> Measurement:
    """Let a client in a process of its own send the statements; its CPU counts as the server's."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        Path(file.name).write_bytes(orjson.dumps(asdict(told) | {"gathered": gathered}))
        command = [sys.executable, "-m", "benchmarks.parts.bounds_client", file.name]
        return Measurement(**orjson.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def _row(workload: str, who: str, measured: Measurement) -> list[str]:
    latencies = [milliseconds(measured.latencies, share) for share in SHARES]
    done = measured.operations or None
    cpu = [thousandths(done and seconds / done) for seconds in (measured.server_cpu, measured.database_cpu)]
    failed = f"{measured.failures:,} {measured.first_failure}".strip()
    return [workload, who, f"{measured.throughput:,.1f}", *latencies, failed, *cpu]
