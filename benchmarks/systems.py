"""The servers that are measured, started fresh for each round: this project's on both databases, the reference."""

import subprocess
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.postgres import Postgres
from tests.support.redis import RedisServer
from tests.support.server import REFERENCE_VENV, ReferenceServer, Server

REFERENCE_WORKERS = 2
"""The reference's documented set-up for load: two API workers without services, and one process with the services."""


@dataclass(frozen=True)
class Running:
    """A started system: where it listens, and the processes whose CPU time and memory count as the server's."""

    port: int
    process_ids: list[int]


@dataclass(frozen=True)
class System:
    """One column of the comparison."""

    name: str
    is_reference: bool
    on_postgres: bool


OSTINATO_SQLITE = System("ostinato, SQLite", is_reference=False, on_postgres=False)
OSTINATO_POSTGRES = System("ostinato, Postgres", is_reference=False, on_postgres=True)
REFERENCE = System("reference, Postgres", is_reference=True, on_postgres=True)


def available() -> list[System]:
    """Return the systems that can be measured on this machine."""
    reference = [REFERENCE] if (REFERENCE_VENV / "bin" / "prefect").exists() else []
    return [OSTINATO_SQLITE, OSTINATO_POSTGRES, *reference]


@contextmanager
def started(system: System, postgres: Postgres) -> Generator[Running]:
    """Start `system` on an empty database, and stop it at the end."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ostinato-benchmark-")))
        url = postgres.create_database() if system.on_postgres else f"sqlite+aiosqlite:///{home / 'ostinato.db'}"
        if system.is_reference:
            yield _start_reference(stack, home, url)
        else:
            server = Server(home, url)
            stack.callback(server.stop)
            server.start()
            assert server.process is not None
            yield Running(server.port, [server.process.pid])


class _Workers(ReferenceServer):
    """The reference's API with several workers."""

    def command(self) -> list[str]:
        return [*super().command(), "--workers", str(REFERENCE_WORKERS), "--no-services"]


def _start_reference(stack: ExitStack, home: Path, url: str) -> Running:
    redis = RedisServer(home)
    stack.callback(redis.kill)
    redis.start()
    shared = {
        # Two workers that start on an empty database register its block types at once, and one of them dies of it.
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
        "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
        "PREFECT_REDIS_MESSAGING_HOST": "127.0.0.1",
        "PREFECT_REDIS_MESSAGING_PORT": str(redis.port),
        "PREFECT_SERVER_DOCKET_URL": f"redis://127.0.0.1:{redis.port}/1",
    }
    server = _Workers(home, url, shared)
    program = str(REFERENCE_VENV / "bin" / "prefect")
    upgrade = [program, "server", "database", "upgrade", "-y"]
    subprocess.run(upgrade, env=server.environment(), check=True, capture_output=True)
    stack.callback(server.stop)
    server.start()
    services = _spawn(stack, [program, "server", "services", "start"], home / "services.log", server.environment())
    assert server.process is not None
    return Running(server.port, [server.process.pid, services])


def _spawn(stack: ExitStack, command: list[str], log: Path, environment: dict[str, str]) -> int:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)

    def stop() -> None:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    stack.callback(stop)
    return process.pid
