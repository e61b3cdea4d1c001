"""`python -m tests.compat`: run the scenarios with every client and print the matrix; status 1 if a cell failed."""

import argparse
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.compat.cells import Cell, Verdict, run_cell, scenario_names
from tests.compat.clients import SPEAKS, Client, all_clients
from tests.compat.table import table
from tests.support.postgres import Postgres
from tests.support.server import ReferenceServer, Server

TIME_LIMIT = 120.0
"""Seconds that a scenario may take, unless told otherwise."""


SERVERS = ["ostinato", "reference"]


@dataclass(frozen=True)
class Table:
    """What one table shows: a server on a database, and the clients that run the scenarios on it."""

    server: str
    database: str
    clients: list[Client]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    names = [client.name for client in all_clients()]
    parser = argparse.ArgumentParser(prog="make compat", description=__doc__)
    parser.add_argument("--client", action="append", choices=names, help="may be repeated (all)")
    parser.add_argument("--scenario", action="append", choices=scenario_names(), help="may be repeated (all)")
    parser.add_argument("--server", action="append", choices=SERVERS, help="may be repeated (both)")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgres"], help="may be repeated (both)")
    parser.add_argument("--url", help="the API of a server that runs already, e.g. http://127.0.0.1:4200/api")
    parser.add_argument("--time-limit", type=float, default=TIME_LIMIT, help="seconds for one scenario (120)")
    parser.add_argument("--keep", type=Path, help="a directory for the logs (a temporary one)")
    return parser.parse_args()


@contextmanager
def running_server(options: argparse.Namespace, table: Table, home: Path) -> Generator[str]:
    """Run a server on an empty database while the context lasts; yields the URL of its API."""
    if options.url:
        yield options.url
        return
    home.mkdir(parents=True)
    with ExitStack() as stack:
        url = f"sqlite+aiosqlite:///{home / 'server.db'}"
        if table.database == "postgres":
            url = stack.enter_context(Postgres()).create_database()
        server = (ReferenceServer if table.server == "reference" else Server)(home, url)
        server.start()
        stack.callback(server.stop)
        yield server.api_url


def run_matrix(options: argparse.Namespace, table: Table, home: Path) -> list[Cell]:
    """Run every scenario with every client, one at a time, on one server."""
    cells: list[Cell] = []
    with running_server(options, table, home / "server") as api_url:
        for scenario in options.scenario or scenario_names():
            for client in table.clients:
                cell = run_cell(scenario, client, api_url, home / client.name / scenario, options.time_limit)
                cells.append(cell)
                words = f"{cell.verdict.value:<7} {cell.seconds:5.1f} s  {scenario} with {client.name}"
                print(f"{words}  {cell.reason}", flush=True)
    return cells


def tables(options: argparse.Namespace) -> list[Table]:
    """Return what to run: every client on ours, on each database; on the reference's, what must do the same there."""
    clients = [client for client in all_clients() if client.name in (options.client or [client.name])]
    if options.url:
        return [Table("running", "at its address", clients)]
    made: list[Table] = []
    for server in options.server or SERVERS:
        is_reference = server == "reference"
        for database in options.database or (["sqlite"] if is_reference else ["sqlite", "postgres"]):
            speaking = [client for client in clients if client.version == SPEAKS or not is_reference]
            made.append(Table(server, database, speaking))
    return made


def main() -> int:
    """Run the matrix on each server; return the exit status."""
    options = arguments()
    todo = tables(options)
    missing = {client.name for each in todo for client in each.clients if not client.is_installed}
    if missing:
        print(f"No environment for the clients {', '.join(sorted(missing))}: `make compat` makes them", file=sys.stderr)
        return 2
    home = (options.keep or Path(tempfile.mkdtemp(prefix="ostinato-compat-"))).resolve()
    failed = False
    for each in todo:
        cells = run_matrix(options, each, home / each.server / each.database)
        failed = failed or any(cell.verdict is Verdict.FAILED for cell in cells)
        print(f"\n{table(cells, each.clients, f'{each.server}, {each.database}')}\n", flush=True)
    print(f"Logs: {home}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
