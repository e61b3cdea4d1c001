"""Two real server processes on one Postgres behind a balancer: what works with one process must work with them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.balancer import Balancer
from tests.support.redis import RedisServer
from tests.support.server import Server

PROCESSES = 2


class Replicas(Server):
    """Looks like one server; each connection to its address goes to the next of its processes."""

    def __init__(self, home: Path, database_url: str) -> None:
        """Prepare processes that share `home`, where the key for secrets is."""
        super().__init__(home, database_url)
        self._redis = RedisServer(home)
        environment = {"OSTINATO_REDIS_URL": self._redis.url}
        self.replicas = [Server(home, database_url, environment) for _ in range(PROCESSES)]
        self._balancer = Balancer(self.port, [replica.port for replica in self.replicas])
        self._is_balanced = False

    def start(self) -> None:
        """Start the processes that do not run, at the same moment; where one of them does not come up, none is left."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        if not self._redis.is_running:
            self._redis.start()
        stopped = [replica for replica in self.replicas if replica.process is None]
        with ThreadPoolExecutor(PROCESSES) as threads:
            for started in [threads.submit(replica.start) for replica in stopped]:
                started.result()
        if not self._is_balanced:
            self._balancer.start()
            self._is_balanced = True

    def stop(self, seconds: float = 15.0) -> int | None:
        """Stop all processes and the balancer; return the highest exit status."""
        if self._is_balanced:
            self._balancer.stop()
            self._is_balanced = False
        status = max((replica.stop(seconds) or 0 for replica in self.replicas), default=None)
        self._redis.kill()
        return status

    def kill(self) -> None:
        """End all processes at once by SIGKILL."""
        for replica in self.replicas:
            replica.kill()
