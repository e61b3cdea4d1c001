"""The client of `bounds`, as a process: `python -m benchmarks.parts.bounds_client FILE`, FILE a `Load`.

It sends an operation's statements, does nothing else, and prints a `Measurement` as JSON.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import uvloop

from benchmarks.compare import CONNECTIONS
from benchmarks.job import Job
from benchmarks.measurement import Measurement
from benchmarks.parts.statements import Copies, Statement, reader

Values = list[Any]  # Any: what the driver takes


@dataclass(frozen=True)
class Load:
    """What the client is told: at `url`, `gathered` operations in each transaction, each of these statements."""

    url: str
    gathered: int
    seconds: float
    statements: list[Statement]
    known: list[str]
    database: list[int]


class Client:
    """One connection that sends the statements of `gathered` operations at a time."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", told: Load) -> None:
        self._connection = connection
        self._gathered = told.gathered
        self._statements = told.statements
        self._copies = Copies(told.statements, set(told.known))
        self._read: list[list[Callable[[str], Any]]] = []  # Any: what the driver takes
        self._lists: list[list[bool]] = []
        """Of the parameters of each statement, which are lists."""

    async def prepare(self) -> None:
        """Learn of what types the parameters are."""
        for statement in self._statements:
            parameters = (await self._connection.prepare(statement.sql)).get_parameters()
            self._read.append([reader(parameter.name) for parameter in parameters])
            self._lists.append([parameter.kind == "array" for parameter in parameters])

    async def send(self) -> None:
        """Send each statement for all the operations, one statement after the other. Errors: AssertionError."""
        copies = [self._copies.next() for _ in range(self._gathered)]
        prepared = zip(self._statements, self._read, self._lists, strict=True)
        for (statement, reads, lists), *copied in zip(prepared, *copies, strict=True):
            arguments = [_arguments(reads, values) for values in copied]
            if any(lists):
                touched = await self._run_in_one(statement.sql, lists, arguments)
                assert touched, f"no rows: {statement.sql[:40]}"
                continue
            send = self._write if statement.writes else self._run
            found = await send(statement.sql, arguments)
            assert len(found) == self._gathered, f"{len(found)} rows of {self._gathered}: {statement.sql[:40]}"

    async def _run(self, sql: str, arguments: Sequence[Values]) -> Sequence[object]:
        if len(arguments) == 1:
            return await self._connection.fetch(sql, *arguments[0])
        return await self._connection.fetchmany(sql, arguments)

    async def _write(self, sql: str, arguments: Sequence[Values]) -> Sequence[object]:
        if len(arguments) == 1:
            return await self._run(sql, arguments)
        await self._connection.execute("BEGIN")
        found = await self._run(sql, arguments)
        await self._connection.execute("COMMIT")
        return found

    async def _run_in_one(self, sql: str, lists: Sequence[bool], arguments: Sequence[Values]) -> int:
        """Run a statement that takes lists once, with the items of all; return how many rows it touched."""
        together: Values = [
            [item for each in values for item in each] if is_list else values[0]
            for is_list, *values in zip(lists, *arguments, strict=True)
        ]
        status = await self._connection.execute(sql, *together)
        return int(status.rpartition(" ")[2])


def _arguments(reads: Sequence[Callable[[str], Any]], values: Sequence[str | None]) -> Values:
    return [None if value is None else read(value) for read, value in zip(reads, values, strict=True)]


async def drive(told: Load) -> Measurement:
    """Repeat the operations on all connections for the load's length."""
    clients = [Client(await asyncpg.connect(told.url), told) for _ in range(CONNECTIONS // told.gathered)]
    await asyncio.gather(*(client.prepare() for client in clients))
    await _repeat(clients, min(1.0, told.seconds / 4), Measurement())
    job, result, began = Job("", [], told.seconds, database=told.database), Measurement(), time.process_time()
    with job.metered(result):
        await _repeat(clients, told.seconds, result)
    result.server_cpu = time.process_time() - began
    result.operations *= told.gathered
    return result


async def _repeat(clients: Sequence[Client], seconds: float, result: Measurement) -> None:
    deadline = time.perf_counter() + seconds

    async def loop(send: Callable[[], Awaitable[None]]) -> None:
        while (began := time.perf_counter()) < deadline:
            await send()
            result.latencies.append(time.perf_counter() - began)

    await asyncio.gather(*(loop(client.send) for client in clients))
    result.operations = len(result.latencies)


def main() -> None:
    """Send, and print what was measured."""
    told = orjson.loads(Path(sys.argv[1]).read_bytes())
    statements = [Statement(each["sql"], tuple(each["values"])) for each in told.pop("statements")]
    measured = uvloop.run(drive(Load(**told, statements=statements)))
    with open(sys.stdout.fileno(), "wb", closefd=False) as output:  # buffered, whatever PYTHONUNBUFFERED says
        output.write(orjson.dumps(asdict(measured)))


if __name__ == "__main__":
    main()
