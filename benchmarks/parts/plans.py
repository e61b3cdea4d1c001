"""Whether each call that reads uses an index: Postgres tells the plan of every statement it runs (auto_explain)."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson

from benchmarks.history.calls import prepare_calls
from benchmarks.history.seeding import Seeded
from benchmarks.report import Table
from benchmarks.systems import System, started
from benchmarks.wire import HttpConnection
from tests.support.postgres import Postgres

LARGE = 10_000
"""Rows from which on a table must not be read from its first row to its last."""
HEADER = ["call", "statements", "reads a whole table"]
SETTINGS = {"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0",
            "auto_explain.log_format": "json"}  # fmt: skip
_SETTLED = 0.1
"""Seconds in which a statement's plan is written after its rows were sent."""
_PLAN = re.compile(r"plan:\n((?:\t.*\n?)+)")

Node = dict[str, Any]  # Any: JSON of Postgres


@dataclass
class Looked:
    """The statements of one call, and which large tables they read as a whole."""

    statements: int = 0
    scanned: set[str] = field(default_factory=set[str])


async def look(system: System, postgres: Postgres, url: str, seeded: Seeded) -> Table:
    """Start `system` on the full database at `url`, make every call once; return a table of those without an index."""
    plain = url.replace("+asyncpg", "")
    connection = await asyncpg.connect(plain)
    for name, value in SETTINGS.items():
        await connection.execute(f"ALTER DATABASE {plain.rsplit('/', 1)[1]} SET {name} = '{value}'")
    large = {
        row["relname"]
        for row in await connection.fetch(f"SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= {LARGE}")
    }
    await connection.close()
    found: dict[str, Looked] = {}
    with started(system, postgres, url) as running:
        for name, request in (await prepare_calls(running.ports[0], seeded)).items():
            http = await HttpConnection.open(running.ports[0])
            begin = postgres.log.stat().st_size
            await http.expect(request, (200,))
            http.close()
            await asyncio.sleep(_SETTLED)
            found[name] = looked_at(plans_in(postgres.log.read_bytes()[begin:].decode()), large)
    return table(found, large)


def plans_in(log: str) -> Iterator[Node]:
    """Yield the plans in a piece of Postgres' log."""
    for match in _PLAN.finditer(log):
        yield orjson.loads(match[1].replace("\n\t", "\n"))["Plan"]


def scans(node: Node) -> Iterator[str]:
    """Yield the tables that a plan reads from the first row to the last."""
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for part in node.get("Plans", []):
        yield from scans(part)


def looked_at(plans: Iterator[Node], large: set[str]) -> Looked:
    """Return what plans say of the tables that are large."""
    result = Looked()
    for plan in plans:
        result.statements += 1
        result.scanned |= large & set(scans(plan))
    return result


def table(found: dict[str, Looked], large: set[str]) -> Table:
    """Return a row for each call that reads a whole large table, and one for all the others."""
    bad = {name: each for name, each in found.items() if each.scanned}
    good = [each for each in found.values() if not each.scanned]
    rows = [[name, str(each.statements), f"{', '.join(sorted(each.scanned))} ✗"] for name, each in bad.items()]
    rows.append([f"{len(good)} other calls", str(sum(each.statements for each in good)), "none ✓"])
    title = f"Plans of Postgres; tables of {LARGE:,} rows and more: {', '.join(sorted(large))}"
    return Table(title, HEADER, rows, named=1)
