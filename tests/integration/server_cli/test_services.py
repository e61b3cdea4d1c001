"""`server services ls|start|stop`: with real processes."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ostinato_scheduler.loops import LOOPS
from tests.integration.server_cli.conftest import Environment, Invoke
from tests.support.ports import free_port

Run = Callable[..., "subprocess.CompletedProcess[str]"]
STOPS_WITHIN = 4.0
"""Seconds in which loops stop of which one hangs."""

HANGING = """
import asyncio
from ostinato_core.settings import server_settings
from ostinato_scheduler.app import serve

class Hangs:
    name, setting, description = "hangs", "partitions", "Hangs."

    def __init__(self, database, settings):
        pass

    async def tick(self):
        print("ticks", flush=True)
        await asyncio.Event().wait()

asyncio.run(serve(server_settings(), loops=[Hangs]))
"""


@pytest.fixture
def health(environment: Environment) -> str:
    """The URL at which the services of this environment tell how they fare."""
    environment["OSTINATO_SERVICES_HEALTH_PORT"] = str(free_port())
    return f"http://127.0.0.1:{environment['OSTINATO_SERVICES_HEALTH_PORT']}"


@pytest.fixture
def services(background: Run) -> Iterator[Run]:
    """Run a command as a process of its own; services that it leaves in the background are stopped at the end."""
    yield background
    background("services", "stop")


def get(url: str) -> tuple[int, str]:
    """Return status and text of an answer."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@contextmanager
def program(environment: Environment, *command: str) -> Generator["subprocess.Popen[str]"]:
    """Run a program of Python; it is ended in any case."""
    process = subprocess.Popen(
        [sys.executable, "-u", *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_line(process: "subprocess.Popen[str]") -> str:
    """Return the first line that a process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_services_are_listed_with_what_enables_them(environment: Environment, invoke: Invoke) -> None:
    environment["OSTINATO_SERVICES_PARTITIONS_ENABLED"] = "false"
    environment["COLUMNS"] = "250"
    listed = json.loads(invoke("services", "ls", "-o", "json").stdout)
    assert [each["name"] for each in listed] == [loop.name for loop in LOOPS]
    assert listed[0].keys() == {"name", "enabled", "environment_variable", "description"}
    found = next(each for each in listed if each["name"] == "make-partitions")
    assert found["enabled"] is False
    assert found["environment_variable"] == "OSTINATO_SERVICES_PARTITIONS_ENABLED"
    shown = invoke("services", "list").stdout
    assert "x OSTINATO_SERVICES_PARTITIONS_ENABLED" in shown
    assert invoke("services", "ls", "-o", "yaml").exit_code == 1


def test_where_none_is_enabled_none_is_started(environment: Environment, invoke: Invoke) -> None:
    for loop in LOOPS:
        environment[f"OSTINATO_SERVICES_{loop.setting.upper()}_ENABLED"] = "false"
    result = invoke("services", "start")
    assert result.exit_code == 1
    assert "No service is enabled" in result.stderr


def test_services_beside_a_server_without_them(
    environment: Environment, database: str, services: Run, health: str
) -> None:
    pid_file = Path(environment["OSTINATO_HOME"]) / "services.pid"
    environment["OSTINATO_SERVER_METRICS_ENABLED"] = "true"
    started = services("start", "--background", "--no-services")
    assert started.returncode == 0, started.stderr
    begun = services("services", "start", "--background")
    assert begun.returncode == 0, begun.stderr
    assert pid_file.stat().st_mode & 0o777 == 0o600

    assert get(f"{health}/health") == (200, '{"message": "OK"}')
    assert get(f"{health}/ready")[0] == 200
    api = f"http://127.0.0.1:{environment['OSTINATO_SERVER_API_PORT']}/api"
    assert "ostinato_loop_" not in get(f"{api}/metrics")[1]
    assert ticks(f"{health}/metrics").keys() == {loop.name for loop in LOOPS}

    again = services("services", "start", "-b")
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert "already running" in again.stderr
    stopped = services("services", "stop")
    assert (stopped.returncode, stopped.stdout) == (0, "Services stopped!\n")
    assert not pid_file.exists()
    assert services("status").returncode == 0
    nothing = services("services", "stop")
    assert (nothing.returncode, nothing.stdout) == (0, "No services are running in the background.\n")


def ticks(url: str) -> dict[str, float]:
    """Return how often each loop has ticked, once all of them have."""
    deadline = time.monotonic() + 20
    while True:
        found = re.findall(r'ostinato_loop_ticks_total{loop="(.+)"} (.+)', get(url)[1])
        counts = {name: float(count) for name, count in found}
        if all(counts.values()) or time.monotonic() > deadline:
            assert all(counts.values()), counts
            return counts


def test_the_server_in_one_process_tells_of_its_loops(environment: Environment, background: Run) -> None:
    environment["OSTINATO_SERVER_METRICS_ENABLED"] = "true"
    assert background("start", "--background").returncode == 0
    url = f"http://127.0.0.1:{environment['OSTINATO_SERVER_API_PORT']}/api/metrics"
    assert ticks(url).keys() == {loop.name for loop in LOOPS}


def test_loops_are_left_out_by_options(environment: Environment, background: Run) -> None:
    environment["OSTINATO_SERVER_METRICS_ENABLED"] = "true"
    environment["OSTINATO_SERVICES_LATE_RUNS_ENABLED"] = "false"
    assert background("start", "--background", "--no-scheduler", "--late-runs").returncode == 0
    url = f"http://127.0.0.1:{environment['OSTINATO_SERVER_API_PORT']}/api/metrics"
    assert ticks(url).keys() == {loop.name for loop in LOOPS if loop.setting != "scheduler"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_services_in_the_foreground_stop_cleanly(environment: Environment, background: Run, number: int) -> None:
    assert background("database", "upgrade", "-y").returncode == 0
    with program(environment, "-m", "ostinato_server.cli", "services", "start") as process:
        assert first_line(process) == "The services run; Ctrl-C stops them."
        began = time.monotonic()
        process.send_signal(number)
        out, error = process.communicate(timeout=30)
    assert time.monotonic() - began < STOPS_WITHIN
    assert (process.returncode, out.strip(), error) == (0, "Services stopped!", "")


def test_a_loop_that_hangs_does_not_hold_up_the_end(environment: Environment, background: Run) -> None:
    assert background("database", "upgrade", "-y").returncode == 0
    with program(environment, "-c", HANGING) as process:
        assert first_line(process) == "ticks"
        began = time.monotonic()
        process.terminate()
        _, error = process.communicate(timeout=30)
    assert time.monotonic() - began < STOPS_WITHIN
    assert (process.returncode, error) == (0, "")


def test_services_that_wait_for_the_schema_stop_when_told_to(environment: Environment, health: str) -> None:
    database = Path(environment["OSTINATO_HOME"]) / "ostinato.db"
    database.parent.mkdir()
    with program(environment, "-m", "ostinato_scheduler") as process:
        # It looks for the schema in a new file, and from then on waits for somebody to make it.
        deadline = time.monotonic() + 20
        while not database.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
        process.terminate()
        process.communicate(timeout=STOPS_WITHIN)
    assert process.returncode == 0


def test_the_health_of_a_container_is_told_by_an_exit_code(
    environment: Environment, background: Run, services: Run, health: str
) -> None:
    check = [sys.executable, "-m", "ostinato_scheduler.healthcheck"]
    absent = subprocess.run(check, env=environment, capture_output=True, text=True)
    assert (absent.returncode, absent.stderr.startswith("Nobody answers")) == (1, True)
    assert background("database", "upgrade", "-y").returncode == 0
    assert services("services", "start", "-b").returncode == 0
    assert subprocess.run(check, env=environment, capture_output=True).returncode == 0


def test_services_that_cannot_start_in_the_background_are_told_so(
    environment: Environment, background: Run, services: Run, health: str
) -> None:
    assert background("database", "upgrade", "-y").returncode == 0
    environment["OSTINATO_SERVICES_HEALTH_HOST"] = "192.0.2.1"  # an address that no machine has
    result = services("services", "start", "-b")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "without --background shows why" in result.stderr
    assert not (Path(environment["OSTINATO_HOME"]) / "services.pid").exists()
    shown = services("services", "start")
    assert (shown.returncode, "OSTINATO_SERVICES_HEALTH_PORT" in shown.stderr) == (1, True)


def test_services_that_were_killed_do_not_stand_in_the_way(
    environment: Environment, background: Run, services: Run
) -> None:
    pid_file = Path(environment["OSTINATO_HOME"]) / "services.pid"
    assert background("database", "upgrade", "-y").returncode == 0
    assert services("services", "start", "-b").returncode == 0
    process = int(pid_file.read_text())
    os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while services("services", "start", "-b").returncode != 0:
        assert time.monotonic() < deadline
    assert int(pid_file.read_text()) != process
