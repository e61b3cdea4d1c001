"""Schedulers and API processes on one Postgres, and who kills them."""

import asyncio
import sys
from pathlib import Path
from random import Random

from tests.integration.faults.plan import Size
from tests.support.balancer import Balancer
from tests.support.ports import free_port
from tests.support.redis import RedisServer
from tests.support.server import Server

PENDING_WITHIN = 10
"""Seconds in which a run begins that was taken; the workers of this test take a second."""
SILENT_FOR = 25.0
"""Seconds after its last heartbeat at which a run is taken to be dead."""

SETTINGS = {
    # Runs are made shortly before they are due, so that the loop always has something to do.
    "OSTINATO_SERVICES_SCHEDULER_LOOP_SECONDS": "0.5",
    "OSTINATO_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "PT30S",
    "OSTINATO_SERVICES_LATE_RUNS_LOOP_SECONDS": "1",
    "OSTINATO_SERVICES_LATE_RUNS_AFTER_SECONDS": "3",
    "OSTINATO_SERVICES_PENDING_DEADLINE_LOOP_SECONDS": "1",
    "OSTINATO_SERVICES_PENDING_DEADLINE_SECONDS": str(PENDING_WITHIN),
    # A start may fall into an outage several times over.
    "OSTINATO_SERVICES_PENDING_DEADLINE_MAX_ATTEMPTS": "20",
    "OSTINATO_SERVICES_DEAD_RUNS_LOOP_SECONDS": "1",
    "OSTINATO_SERVICES_DEAD_RUNS_DEFAULT_INTERVAL_SECONDS": "5",
    "OSTINATO_SERVICES_DEAD_RUNS_MINIMUM_INTERVAL_SECONDS": "5",
    "OSTINATO_SERVICES_DEAD_RUNS_GRACE_SECONDS": str(SILENT_FOR - 10),
    "OSTINATO_SERVICES_REPOSSESSOR_LOOP_SECONDS": "1",
    "OSTINATO_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "1",
    "OSTINATO_SERVICES_FOREMAN_LOOP_SECONDS": "2",
}


class ApiProcess(Server):
    """The API without loops."""

    def command(self) -> list[str]:
        """The command line that serves on this port."""
        program = [sys.executable, "-m", "ostinato_server.cli", "start", "--no-services"]
        return [*program, "--host", "127.0.0.1", "--port", str(self.port)]


class SchedulerProcess(Server):
    """The loops without the API; what it tells of its health stands where a server has its API."""

    @property
    def api_url(self) -> str:
        """Where it tells of its health."""
        return self.url

    def command(self) -> list[str]:
        """The command line that runs the loops."""
        return [sys.executable, "-m", "ostinato_scheduler"]

    def settings(self) -> dict[str, str]:
        """The environment variables that name home, database and port."""
        return super().settings() | {"OSTINATO_SERVICES_HEALTH_PORT": str(self.port)}


class Stack:
    """All processes, behind a balancer at `api_url`."""

    def __init__(self, home: Path, database_url: str, size: Size) -> None:
        """Prepare processes that share `home`, each with a log of its own."""
        self._redis = RedisServer(home)
        environment = SETTINGS | {"OSTINATO_REDIS_URL": self._redis.url}
        self.schedulers = [SchedulerProcess(home, database_url, environment) for _ in range(size.schedulers)]
        self.apis = [ApiProcess(home, database_url, environment) for _ in range(size.apis)]
        self.processes: list[Server] = [*self.schedulers, *self.apis]
        for number, process in enumerate(self.processes):
            process.log = home / f"{type(process).__name__}-{number}.log"
        port = free_port()
        self.api_url = f"http://127.0.0.1:{port}/api"
        self.kills = 0
        self._balancer = Balancer(port, [api.port for api in self.apis])
        self._starting: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start all processes; the API processes bring the database up to date."""
        await asyncio.to_thread(self._redis.start)
        await asyncio.gather(*(asyncio.to_thread(process.start) for process in self.apis))
        await asyncio.gather(*(asyncio.to_thread(process.start) for process in self.schedulers))
        self._balancer.start()

    async def torment(self, seconds: float, every: tuple[float, float], random: Random) -> None:
        """Kill a process at random again and again, and start it again after a moment; in the end all of them run."""
        until = asyncio.get_running_loop().time() + seconds
        while (left := until - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(min(left, random.uniform(*every)))
            busy = {task.get_name() for task in self._starting if not task.done()}
            awake = [process for process in self.processes if str(process.port) not in busy]
            if awake:
                victim = random.choice(awake)
                victim.kill()
                self.kills += 1
                restart = self._restart(victim, random.choice((0.0, 0.0, 1.0)))
                self._starting.append(asyncio.create_task(restart, name=str(victim.port)))
        await asyncio.gather(*self._starting)

    async def _restart(self, process: Server, after: float) -> None:
        await asyncio.sleep(after)
        await asyncio.to_thread(process.start)

    async def stop(self) -> list[int | None]:
        """Stop everything in order; return the exit statuses."""
        await asyncio.gather(*self._starting, return_exceptions=True)
        self._balancer.stop()
        statuses = await asyncio.gather(*(asyncio.to_thread(process.stop) for process in self.processes))
        self._redis.kill()
        return statuses

    def log_tail(self) -> str:
        """Return the end of what the processes printed."""
        return "\n".join(f"--- {process.log.name}\n{process.log_tail(3000)}" for process in self.processes)
