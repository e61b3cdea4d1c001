"""The servers that are measured, started fresh for each round: this project's and the reference's, on each database."""

import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.workloads import ON_SQLITE, WORKLOADS
from tests.support.api_process import ApiProcess
from tests.support.keys import new_key
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.redis import RedisServer
from tests.support.server import READY_WITHIN, REFERENCE_VENV, ReferenceServer, Server

API_PROCESSES = 2
"""Of a system on Postgres, each on a port of its own; the load generator spreads its connections over them."""

KEY = new_key()
"""Of all systems, since some are started twice on one database."""

_NOT_ABOUT_SQLITE = tuple(name for name in WORKLOADS if name not in ON_SQLITE)


@dataclass(frozen=True)
class System:
    """One column of the comparison, and the workloads that are measured on it."""

    name: str
    is_reference: bool
    on_postgres: bool
    workloads: tuple[str, ...]


OSTINATO_SQLITE = System("ostinato, SQLite", is_reference=False, on_postgres=False, workloads=tuple(WORKLOADS))
OSTINATO_POSTGRES = System("ostinato, Postgres", is_reference=False, on_postgres=True, workloads=_NOT_ABOUT_SQLITE)
REFERENCE = System("reference, Postgres", is_reference=True, on_postgres=True, workloads=_NOT_ABOUT_SQLITE)
REFERENCE_SQLITE = System("reference, SQLite", is_reference=True, on_postgres=False, workloads=ON_SQLITE)


@dataclass
class Running:
    """A started system: where its API listens, and the processes whose CPU time and memory count as the server's."""

    ports: list[int] = field(default_factory=list[int])
    api: list[int] = field(default_factory=list[int])
    """Those of the server's processes that answer requests."""
    server: list[int] = field(default_factory=list[int])
    database: list[int] = field(default_factory=list[int])

    @property
    def api_url(self) -> str:
        """The API's address, for clients that know but one."""
        return f"http://127.0.0.1:{self.ports[0]}/api"


def available() -> list[System]:
    """Return the systems that can be measured on this machine."""
    reference = [REFERENCE, REFERENCE_SQLITE] if (REFERENCE_VENV / "bin" / "prefect").exists() else []
    return [OSTINATO_SQLITE, OSTINATO_POSTGRES, *reference]


@contextmanager
def started(system: System, postgres: Postgres, database_url: str = "") -> Generator[Running]:
    """Start `system`, on an empty database unless one is named, and stop it at the end."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ostinato-benchmark-")))
        if not database_url:
            file = f"sqlite+aiosqlite:///{home / 'benchmark.db'}"
            database_url = postgres.create_database() if system.on_postgres else file
        parts = _Parts(stack, home, database_url)
        if not system.on_postgres:
            kind = ReferenceServer if system.is_reference else Server
            parts.start_api([kind(home, database_url, {"OSTINATO_ENCRYPTION_KEY": KEY})])
        else:
            parts.running.database.append(postgres.pid)
            (_start_reference if system.is_reference else _start_stack)(parts)
        yield parts.running


class _Parts:
    """The processes of one system while they are started; all of them are stopped by `stack`."""

    def __init__(self, stack: ExitStack, home: Path, database_url: str) -> None:
        self.stack = stack
        self.home = home
        self.database_url = database_url
        self.running = Running()

    def start_redis(self) -> RedisServer:
        redis = RedisServer(self.home)
        self.stack.callback(redis.kill)
        redis.start()
        self.running.server.append(redis.pid)
        return redis

    def start_api(self, servers: Sequence[Server]) -> None:
        for server in servers:
            self.stack.callback(server.stop)
        with ThreadPoolExecutor(len(servers)) as threads:
            for start in [threads.submit(server.start) for server in servers]:
                start.result()
        for server in servers:
            assert server.process is not None
            self.running.ports.append(server.port)
            self.running.api.append(server.process.pid)
            self.running.server.append(server.process.pid)

    def spawn(self, name: str, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        with (self.home / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=self.home)
        self.stack.callback(_stop, process)
        self.running.server.append(process.pid)
        return process


def _start_stack(parts: _Parts) -> None:
    """As `compose.yaml` says: the migrator, then API processes under gunicorn, and a scheduler."""
    health = str(free_port())
    shared = {
        "OSTINATO_REDIS_URL": parts.start_redis().url,
        "OSTINATO_ENCRYPTION_KEY": KEY,
        "OSTINATO_API_DATABASE_MIGRATE_ON_START": "false",
        "OSTINATO_SERVER_METRICS_ENABLED": "true",
    }
    servers = [ApiProcess(parts.home, parts.database_url, shared) for _ in range(API_PROCESSES)]
    environment = servers[0].environment()
    subprocess.run([sys.executable, "-m", "ostinato_migrator"], env=environment, check=True, capture_output=True)
    parts.start_api(servers)
    environment["OSTINATO_SERVICES_HEALTH_PORT"] = health
    scheduler = parts.spawn("scheduler", [sys.executable, "-m", "ostinato_scheduler"], environment)
    _await(lambda: _answers(f"http://127.0.0.1:{health}/ready"), scheduler, "the scheduler")


def _start_reference(parts: _Parts) -> None:
    """As its scaling guide says: API processes without services, the services, and Redis between them."""
    redis = parts.start_redis()
    shared = {
        # Processes that start on an empty database register its block types at once, and one of them dies of it.
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
        "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
        "PREFECT_REDIS_MESSAGING_HOST": "127.0.0.1",
        "PREFECT_REDIS_MESSAGING_PORT": str(redis.port),
        "PREFECT_SERVER_DOCKET_URL": f"redis://127.0.0.1:{redis.port}/1",
    }
    servers = [_ReferenceApi(parts.home, parts.database_url, shared) for _ in range(API_PROCESSES)]
    program, environment = str(REFERENCE_VENV / "bin" / "prefect"), servers[0].environment()
    upgrade = [program, "server", "database", "upgrade", "-y"]
    subprocess.run(upgrade, env=environment, check=True, capture_output=True)
    parts.start_api(servers)
    parts.spawn("services", [program, "server", "services", "start"], environment)


class _ReferenceApi(ReferenceServer):
    """The reference's API without services."""

    def command(self) -> list[str]:
        return [*super().command(), "--no-services"]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _await(condition: Callable[[], bool], process: subprocess.Popen[bytes], what: str) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not start")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        # What it should have done the others have not: what was measured is not this system.
        raise RuntimeError(f"A part of the system died while it was measured: {process.args!r}")
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
