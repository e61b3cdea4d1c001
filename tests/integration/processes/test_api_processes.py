"""Several API processes under gunicorn on one Postgres: they find one another, or the second one does not start."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import orjson
import pytest

from ostinato_core.db.revision import REVISION
from ostinato_core.settings import ServerSettings
from ostinato_migrator.migrate import upgrade
from tests.support.api_process import ApiProcess
from tests.support.client import Api
from tests.support.event_client import EventClient
from tests.support.keys import new_key
from tests.support.pools import move, new_flow, new_pool, new_run, poll
from tests.support.ports import wait_until
from tests.support.postgres import Postgres
from tests.support.redis import RedisServer
from tests.support.sockets import closing, connect, frame
from tests.support.task_runs import task_run_events

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


async def test_process_that_stops_closes_its_sockets_with_a_reason(processes: Processes) -> None:
    process = processes.make()
    process.start()
    async with connect(process.api_url, "/events/in") as socket:
        stopping = asyncio.create_task(asyncio.to_thread(process.stop, 60))
        code, reason = await closing(socket)
        assert (code, reason) == (1012, "The server is shutting down")
        assert await stopping == 0


class Balancer:
    """Sends requests to one process as a proxy does: on connections that it keeps while the process lets it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.answered = 0
        self.lost = 0

    async def send_until_refused(self) -> None:
        """Send one request after the other until no connection can be made any more: others would be asked then."""
        kept: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while True:
            try:
                reader, writer = kept or await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                return
            kept = (reader, writer) if await self._is_kept_after_request(reader, writer) else None
            if kept is None:
                writer.close()

    async def _is_kept_after_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        try:
            writer.write(b"POST /api/flow_runs/count HTTP/1.1\r\nHost: api\r\nContent-Length: 0\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError):
            self.lost += 1
            return False
        self.answered += 1
        return b"connection: close" not in head.lower()


async def test_process_that_stops_answers_each_request_that_it_was_sent(processes: Processes) -> None:
    process = processes.make()
    process.start()
    balancer = Balancer(process.port)
    sending = asyncio.gather(*(balancer.send_until_refused() for _ in range(16)))

    async def is_sending() -> bool:
        return balancer.answered > 100

    await wait_until(is_sending, what="requests are answered")
    assert await asyncio.to_thread(process.stop, 60) == 0
    await sending
    assert balancer.lost == 0


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


def test_health_check_tells_whether_the_process_is_ready(processes: Processes) -> None:
    process = processes.make()

    def check() -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "ostinato_api.healthcheck"]
        return subprocess.run(command, env=process.environment(), capture_output=True, text=True, check=False)

    assert (check().returncode, "Nobody answers" in check().stderr) == (1, True)
    process.start()
    assert check().returncode == 0


async def test_log_is_json_with_the_ids_of_requests_and_runs(processes: Processes) -> None:
    process = processes.make(OSTINATO_SERVER_LOGGING_LEVEL="INFO")
    process.start()
    run, task_run = str(uuid4()), str(uuid4())
    async with Api(process.api_url) as api:
        await api.request("GET", f"/flow_runs/{run}", headers={"X-Request-ID": "asked-by-a-test"})
        await api.get(f"/task_runs/{task_run}")
        await api.post("/flow_runs/filter", {})
    process.stop()
    lines = [orjson.loads(line) for line in process.log.read_text().splitlines()]
    assert {line["logger"] for line in lines} >= {"gunicorn.error", "ostinato.server.access"}
    of_paths = {line["path"]: line for line in lines if "path" in line}
    of_run, of_task_run = of_paths[f"/api/flow_runs/{run}"], of_paths[f"/api/task_runs/{task_run}"]
    assert (of_run["request_id"], of_run["flow_run_id"], of_run["status"]) == ("asked-by-a-test", run, 404)
    assert of_task_run["task_run_id"] == task_run
    assert len({line["request_id"] for line in of_paths.values()}) == len(of_paths)
    assert "flow_run_id" not in of_paths["/api/flow_runs/filter"]


async def line_arrives(one: ApiProcess, other: ApiProcess) -> None:
    """Wait until a line that one process stores is live at the other."""
    run = str(uuid4())
    line = {"name": "flow", "level": 20, "message": "hello", "timestamp": "2026-01-01T00:00:00Z", "flow_run_id": run}
    async with Api(one.api_url) as api, connect(other.api_url, "/logs/out") as socket:
        await socket.send_json({"type": "filter", "filter": {"flow_run_id": {"any_": [run]}}})

        async def arrives() -> bool:
            await api.post("/logs/", [line])
            try:
                return bool((await frame(socket, 0.2))["log"]["message"] == "hello")
            except TimeoutError:
                return False

        await wait_until(arrives, seconds=30, what="a line that the other process stored")


async def test_what_is_stored_by_one_process_is_live_at_the_other(processes: Processes, redis: RedisServer) -> None:
    one, other = (processes.make(OSTINATO_REDIS_URL=redis.url) for _ in range(2))
    one.start()
    other.start()
    await line_arrives(one, other)


async def test_all_goes_on_without_redis_and_is_live_again_with_it(processes: Processes, redis: RedisServer) -> None:
    one, other = (processes.make(OSTINATO_REDIS_URL=redis.url) for _ in range(2))
    one.start()
    other.start()
    redis.kill()
    async with Api(one.api_url) as api, Api(other.api_url) as another:
        pool, flow = await new_pool(api), await new_flow(api)
        run = await new_run(another, flow, pool, "waits")
        assert await poll(another, pool) == ["waits"]
        for state in ("PENDING", "RUNNING"):
            assert (await move(api, run, state))["status"] == "ACCEPT"
        client = EventClient(other.api_url)
        for event in task_run_events(run["id"], 0):
            await client.send(event)
        await client.confirm()
        await client.close()
        assert (await move(another, run, "COMPLETED"))["status"] == "ACCEPT"
        ended = {"flow_run_id": {"any_": [run["id"]]}, "state": {"type": {"any_": ["COMPLETED"]}}}
        assert (await api.post("/task_runs/count", {"task_runs": ended})).json == 1
    redis.start()
    await line_arrives(one, other)
