"""`server start|stop|status`: with real processes."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.integration.server_cli.conftest import Environment
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.redis import RedisServer

Run = Callable[..., "subprocess.CompletedProcess[str]"]
CLEAN_STOP = 2.0
"""Seconds in which a server that nothing keeps busy stops."""


def url_of(environment: Environment) -> str:
    return f"http://127.0.0.1:{environment['OSTINATO_SERVER_API_PORT']}/api"


def test_a_server_in_the_background_is_started_seen_and_stopped(environment: Environment, background: Run) -> None:
    pid_file = Path(environment["OSTINATO_HOME"]) / "server.pid"
    started = background("start", "--background")
    assert started.returncode == 0, started.stderr
    assert f"export OSTINATO_API_URL={url_of(environment)}\n" in started.stdout
    assert f"export PREFECT_API_URL={url_of(environment)}\n" in started.stdout
    assert pid_file.stat().st_mode & 0o777 == 0o600
    process = int(pid_file.read_text())

    seen = background("status", "-o", "json")
    assert (seen.returncode, json.loads(seen.stdout)["status"]) == (0, "available")

    again = background("start", "-b", "--port", str(free_port()))
    assert again.returncode == 1
    assert again.stderr == "A server is already running in the background: stop it with `ostinato server stop`.\n"
    assert int(pid_file.read_text()) == process

    stopped = background("stop")
    assert (stopped.returncode, stopped.stdout) == (0, "Server stopped!\n")
    assert not pid_file.exists()
    assert background("status").returncode == 1


def test_a_server_that_was_killed_does_not_stand_in_the_way(environment: Environment, background: Run) -> None:
    pid_file = Path(environment["OSTINATO_HOME"]) / "server.pid"
    assert background("start", "-b").returncode == 0
    process = int(pid_file.read_text())
    os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while background("status").returncode == 0:
        assert time.monotonic() < deadline
    assert background("start", "-b").returncode == 0
    assert int(pid_file.read_text()) != process


def test_several_workers_serve_what_they_share(
    environment: Environment, background: Run, postgres: Postgres, redis: RedisServer
) -> None:
    environment["OSTINATO_API_DATABASE_CONNECTION_URL"] = postgres.create_database()
    environment["OSTINATO_REDIS_URL"] = redis.url
    started = background("start", "--background", "--workers", "2", "--no-ui")
    assert started.returncode == 0, started.stderr
    seen = background("status", "-o", "json")
    assert (seen.returncode, json.loads(seen.stdout)["status"]) == (0, "available")
    master = psutil.Process(int((Path(environment["OSTINATO_HOME"]) / "server.pid").read_text()))
    assert len(master.children()) == 2
    stopped = background("stop")
    assert (stopped.returncode, stopped.stdout) == (0, "Server stopped!\n")


def test_several_workers_without_anything_to_share_are_told_what_to_set(background: Run) -> None:
    refused = background("start", "--workers", "2")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "OSTINATO_API_DATABASE_CONNECTION_URL" in refused.stderr
    assert "OSTINATO_REDIS_URL" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_file_that_a_crash_left_behind_stops_nobody(environment: Environment, background: Run) -> None:
    home = Path(environment["OSTINATO_HOME"])
    home.mkdir()
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        (home / "server.pid").write_text(f"{bystander.pid}\n")
        assert background("stop").returncode == 0
        assert bystander.poll() is None
        assert not (home / "server.pid").exists()
    finally:
        bystander.communicate(b"\n")
    nobody = background("stop")
    assert (nobody.returncode, nobody.stdout) == (0, "No server running in the background.\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_in_the_foreground_tells_its_address_and_stops_cleanly(environment: Environment, number: int) -> None:
    command = [sys.executable, "-u", "-m", "ostinato_server.cli", "start", "--port", "0", "--no-ui", "--no-services"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    greeting: list[str] = []
    while not greeting or "stops it" not in greeting[-1]:
        greeting.append(process.stdout.readline())
        assert greeting[-1], f"it ended before it said how to stop it: {greeting}"
    address = next(line for line in greeting if "OSTINATO_API_URL=" in line).partition("=")[2].strip()
    status = [sys.executable, "-m", "ostinato_server.cli", "status"]
    seen = subprocess.run(status, env=environment | {"PREFECT_API_URL": address}, capture_output=True, text=True)
    assert seen.returncode == 0, seen.stderr
    began = time.monotonic()
    process.send_signal(number)
    out, error = process.communicate(timeout=30)
    assert time.monotonic() - began < CLEAN_STOP
    assert (process.returncode, out.strip(), error) == (0, "Server stopped!", "")


@pytest.mark.parametrize("options", [(), ("--background",)])
def test_a_taken_port_is_one_line_on_stderr(environment: Environment, background: Run, options: tuple[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = background("start", "--port", port, *options)
    assert (result.returncode, result.stdout) == (1, "")
    assert port in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (Path(environment["OSTINATO_HOME"]) / "server.pid").exists()


def test_a_home_that_cannot_be_made_is_one_line_on_stderr(
    environment: Environment, background: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    environment["OSTINATO_HOME"] = str(tmp_path / "file" / "home")
    result = background("start", "--background")
    assert (result.returncode, result.stdout) == (1, "")
    assert "set OSTINATO_HOME to a folder that you may write to" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_database_of_a_newer_version_is_one_line_on_stderr(environment: Environment, background: Run) -> None:
    assert background("database", "stamp", "head").returncode == 0
    with sqlite3.connect(Path(environment["OSTINATO_HOME"]) / "ostinato.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    result = background("start")
    assert (result.returncode, result.stdout) == (1, "")
    assert "'9999'" in result.stderr
    assert "use the newer version that made it, or restore a backup" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_server_that_is_not_there_is_told_so(environment: Environment, background: Run) -> None:
    absent = background("status")
    assert absent.returncode == 1
    assert absent.stdout == f"Connecting to server at {url_of(environment)}...\n"
    assert absent.stderr.startswith("The server is not available (")
    waited = background("status", "--wait", "--timeout", "0.1", "-o", "json")
    found = json.loads(waited.stdout)
    assert waited.returncode == 1
    assert (found["status"], found["timeout"], found["api_url"]) == ("timed_out", 0.1, url_of(environment))
    assert background("status", "-o", "yaml").stderr == "Only 'json' output format is supported.\n"


def test_what_answers_but_is_no_server_is_told_so(environment: Environment, background: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        environment["OSTINATO_API_URL"] = f"ftp://127.0.0.1:{other.getsockname()[1]}/api"
        result = background("status")
    assert result.returncode == 1
    assert "http://" in result.stderr
