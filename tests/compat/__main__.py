"""`python -m tests.compat`: run the scenarios with every client and print the matrix; status 1 if a cell failed."""

import argparse
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.compat.cells import Cell, Verdict, run_cell, scenario_names
from tests.compat.clients import Client, all_clients
from tests.compat.table import table
from tests.support.postgres import Postgres
from tests.support.server import ReferenceServer, Server

TIME_LIMIT = 120.0
"""Seconds that a scenario may take, unless told otherwise."""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    versions = [client.version for client in all_clients()]
    parser = argparse.ArgumentParser(prog="make compat", description=__doc__)
    parser.add_argument("--client", action="append", choices=versions, help="a version; may be repeated (all)")
    parser.add_argument("--scenario", action="append", choices=scenario_names(), help="may be repeated (all)")
    parser.add_argument("--server", choices=["ostinato", "reference"], default="ostinato")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgres"], help="may be repeated (both)")
    parser.add_argument("--url", help="the API of a server that runs already, e.g. http://127.0.0.1:4200/api")
    parser.add_argument("--time-limit", type=float, default=TIME_LIMIT, help="seconds for one scenario (120)")
    parser.add_argument("--keep", type=Path, help="a directory for the logs (a temporary one)")
    return parser.parse_args()


@contextmanager
def running_server(options: argparse.Namespace, database: str, home: Path) -> Generator[str]:
    """Run a server on an empty database while the context lasts; yields the URL of its API."""
    if options.url:
        yield options.url
        return
    home.mkdir(parents=True)
    with ExitStack() as stack:
        url = f"sqlite+aiosqlite:///{home / 'server.db'}"
        if database == "postgres":
            url = stack.enter_context(Postgres()).create_database()
        server = (ReferenceServer if options.server == "reference" else Server)(home, url)
        server.start()
        stack.callback(server.stop)
        yield server.api_url


def run_matrix(options: argparse.Namespace, database: str, clients: list[Client], home: Path) -> list[Cell]:
    """Run every scenario with every client, one at a time, on one database."""
    cells: list[Cell] = []
    with running_server(options, database, home / "server") as api_url:
        for scenario in options.scenario or scenario_names():
            for client in clients:
                cell = run_cell(scenario, client, api_url, home / client.version / scenario, options.time_limit)
                cells.append(cell)
                words = f"{cell.verdict.value:<7} {cell.seconds:5.1f} s  {scenario} with {client.version}"
                print(f"{words}  {cell.reason}", flush=True)
    return cells


def main() -> int:
    """Run the matrix on each database; return the exit status."""
    options = arguments()
    clients = [client for client in all_clients() if client.version in (options.client or [client.version])]
    missing = [client.version for client in clients if not client.is_installed]
    if missing:
        print(f"No environment for the clients {', '.join(missing)}: `make compat` makes them", file=sys.stderr)
        return 2
    home = (options.keep or Path(tempfile.mkdtemp(prefix="ostinato-compat-"))).resolve()
    failed = False
    databases = ["running"] if options.url else options.database or ["sqlite", "postgres"]
    for database in databases:
        cells = run_matrix(options, database, clients, home / database)
        failed = failed or any(cell.verdict is Verdict.FAILED for cell in cells)
        print(f"\n{table(cells, clients, f'{options.server}, {database}')}\n", flush=True)
    print(f"Logs: {home}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
