"""The server as a process: it stops quickly and cleanly, and says in one line why it cannot start."""

import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.client import Api
from tests.support.event_client import EventClient
from tests.support.ports import wait_until
from tests.support.server import Server
from tests.support.task_runs import task_run_events

STOPS_WITHIN = 2.0
"""Seconds that a stop may take (issue 2)."""


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server that is not started, on SQLite, for one test alone."""
    server = Server(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'ostinato.db'}")
    yield server
    server.stop()


def refusal(server: Server) -> str:
    """Run the server's command, which must fail by itself, and return the one line that it prints."""
    result = subprocess.run(
        server.command(), env=server.environment(), capture_output=True, text=True, timeout=30, check=False
    )
    assert result.returncode == 1, result.stdout + result.stderr
    lines = [line for line in (result.stdout + result.stderr).splitlines() if line.strip()]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
async def test_it_stops_within_two_seconds_while_clients_are_connected(
    own_server: Server, signal_number: signal.Signals
) -> None:
    own_server.start()
    assert own_server.process is not None
    events = EventClient(own_server.api_url)
    async with Api(own_server.api_url) as api:
        flow = await api.created("/flows/", {"name": "stop"})
        run = await api.created("/flow_runs/", {"flow_id": flow["id"], "state": {"type": "RUNNING"}})
        for event in task_run_events(run["id"], 0):
            await events.send(event)
        began = time.monotonic()
        own_server.process.send_signal(signal_number)
        status = own_server.process.wait(timeout=30)
        took = time.monotonic() - began

    assert status == 0, own_server.log_tail()
    assert took < STOPS_WITHIN
    assert "Traceback" not in own_server.log_tail()


async def test_what_was_sent_before_a_stop_is_there_after_it(own_server: Server) -> None:
    own_server.start()
    events = EventClient(own_server.api_url)
    async with Api(own_server.api_url) as api:
        flow = await api.created("/flows/", {"name": "stop"})
        run = await api.created("/flow_runs/", {"flow_id": flow["id"], "state": {"type": "RUNNING"}})
        for event in task_run_events(run["id"], 0):
            await events.send(event)
        await events.confirm()
    own_server.stop()
    own_server.start()
    async with Api(own_server.api_url) as api:
        found = (await api.post("/task_runs/filter", {"task_runs": {"flow_run_id": {"any_": [run["id"]]}}})).json

    assert [each["state_type"] for each in found] == ["COMPLETED"]


async def test_a_client_that_leaves_before_it_has_sent_all_is_no_error(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'ostinato.db'}"
    server = Server(tmp_path, url, {"OSTINATO_SERVER_LOGGING_LEVEL": "INFO"})
    server.start()
    try:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")

        async def log_of_the_request() -> str:
            return server.log_tail().partition("POST /api/flows/")[2]

        assert "499" in await wait_until(log_of_the_request)
        assert "Traceback" not in server.log_tail()
    finally:
        server.stop()


def test_a_taken_port_is_told_with_what_to_do(own_server: Server, tmp_path: Path) -> None:
    own_server.start()
    second = Server(tmp_path / "second", f"sqlite+aiosqlite:///{tmp_path / 'second.db'}")
    second.port = own_server.port

    said = refusal(second)

    assert str(own_server.port) in said
    assert "--port" in said


def test_a_home_that_cannot_be_made_is_told_by_its_path(own_server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    home = tmp_path / "file" / "home"
    broken = Server(home, f"sqlite+aiosqlite:///{home / 'ostinato.db'}")

    assert str(home) in refusal(broken)


def test_a_database_of_a_newer_version_is_left_alone(own_server: Server, tmp_path: Path) -> None:
    own_server.start()
    own_server.stop()
    with sqlite3.connect(tmp_path / "ostinato.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    database.close()

    said = refusal(own_server)

    assert "from_the_future" in said or "newer" in said


def test_a_database_of_another_product_is_left_alone(own_server: Server, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ostinato.db") as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('bb2374b0c0b0')")
        database.execute("CREATE TABLE flow (id TEXT)")
    database.close()

    assert refusal(own_server)
    with sqlite3.connect(tmp_path / "ostinato.db") as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    database.close()
    assert tables == {"alembic_version", "flow"}
