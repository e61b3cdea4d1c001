"""Several API processes under gunicorn on one Postgres: they find one another, or the second one does not start."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from ostinato_core.db.revision import REVISION
from ostinato_core.settings import ServerSettings
from ostinato_migrator.migrate import upgrade
from tests.support.api_process import ApiProcess
from tests.support.client import Api
from tests.support.keys import new_key
from tests.support.ports import wait_until
from tests.support.postgres import Postgres
from tests.support.redis import RedisServer
from tests.support.sockets import connect, frame

KEY = new_key()


@pytest.fixture(scope="module")
def migrated(postgres: Postgres) -> str:
    """The URL of a database at the head of the chain."""
    url = postgres.create_database()
    upgrade(ServerSettings.model_validate({"database_connection_url": url}))
    return url


class Processes:
    """Makes API processes on one database, and stops those that run at the end."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._folder = folder
        self._database_url = database_url
        self._made: list[ApiProcess] = []

    def make(self, **environment: str) -> ApiProcess:
        """Return a process that is not started yet."""
        home = self._folder / str(len(self._made))
        home.mkdir()
        made = ApiProcess(home, self._database_url, {"OSTINATO_ENCRYPTION_KEY": KEY} | environment)
        self._made.append(made)
        return made

    def stop(self) -> None:
        """Stop all that run."""
        for process in self._made:
            process.stop()


@pytest.fixture
def processes(tmp_path: Path, migrated: str) -> Iterator[Processes]:
    """API processes on one database."""
    made = Processes(tmp_path, migrated)
    yield made
    made.stop()


def test_process_stops_in_order(processes: Processes) -> None:
    process = processes.make()
    process.start()
    assert process.stop() == 0


def test_second_process_without_redis_does_not_start_and_says_why(processes: Processes) -> None:
    processes.make().start()
    second = processes.make()
    with pytest.raises(RuntimeError, match="OSTINATO_REDIS_URL"):
        second.start()


def test_process_without_redis_does_not_start_beside_one_with_it(processes: Processes, redis: RedisServer) -> None:
    processes.make(OSTINATO_REDIS_URL=redis.url).start()
    with pytest.raises(RuntimeError, match="no Redis is set"):
        processes.make().start()


def test_process_that_was_killed_does_not_keep_its_successor_waiting(processes: Processes) -> None:
    first = processes.make()
    first.start()
    first.kill()
    processes.make().start()


def test_process_without_the_schema_says_which_it_needs(processes: Processes, postgres: Postgres) -> None:
    empty = postgres.create_database()
    process = processes.make(OSTINATO_API_DATABASE_CONNECTION_URL=empty, OSTINATO_SERVER_API_SCHEMA_TIMEOUT="1")
    with pytest.raises(RuntimeError, match=f"revision none, this version of Ostinato needs {REVISION}"):
        process.start()


async def test_what_is_stored_by_one_process_is_live_at_the_other(processes: Processes, redis: RedisServer) -> None:
    one, other = (processes.make(OSTINATO_REDIS_URL=redis.url) for _ in range(2))
    one.start()
    other.start()
    run = str(uuid4())
    line = {"name": "flow", "level": 20, "message": "hello", "timestamp": "2026-01-01T00:00:00Z", "flow_run_id": run}
    wanted = {"flow_run_id": {"any_": [run]}}
    async with Api(one.api_url) as api, connect(other.api_url, "/logs/out") as socket:
        await socket.send_json({"type": "filter", "filter": wanted})

        async def arrives() -> bool:
            await api.post("/logs/", [line])
            try:
                return bool((await frame(socket, 0.2))["log"]["message"] == "hello")
            except TimeoutError:
                return False

        await wait_until(arrives, what="a line that the other process stored")
