"""Background tasks of both clients: a run that one delays is executed by the other's task worker."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.compat.conftest import CLIENT_WITHIN, PROGRAMS, Client
from tests.integration.compat.test_background import WORKER_WITHIN, no_workers, stop, workers
from tests.support.client import Api
from tests.support.ports import wait_until
from tests.support.server import Server
from tests.support.settings import own_environment

pytestmark = pytest.mark.compat

PROGRAM = PROGRAMS / "either_client.py"
PRODUCTS = ["COMPLETED 8", "COMPLETED 15"]


@pytest.fixture
def own_program(tmp_path: Path) -> Path:
    """The program for our client: the same, but for its imports."""
    program = tmp_path / "own" / PROGRAM.name
    program.parent.mkdir()
    program.write_text(PROGRAM.read_text().replace("from prefect", "from ostinato"))
    return program


@pytest.fixture
def own_settings(server: Server, tmp_path: Path) -> dict[str, str]:
    """The environment of our client."""
    return own_environment() | {
        "OSTINATO_API_URL": server.api_url,
        "OSTINATO_HOME": str(tmp_path / "home"),
        "OSTINATO_RESULTS_LOCAL_STORAGE_PATH": str(tmp_path / "results"),
    }


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """What the reference's client must be told besides: the folder of both."""
    return {"PREFECT_RESULTS_LOCAL_STORAGE_PATH": str(tmp_path / "results")}


def told(output: str) -> list[str]:
    return [line.removeprefix("RESULT ") for line in output.splitlines() if line.startswith("RESULT ")]


def start_own_worker(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start a worker of our client whose code is, as far as it knows, the file of the reference's program.

    The reference's key of a function depends on where its code is.
    """
    program = PROGRAM.read_text().replace("from prefect", "from ostinato")
    serving = f"exec(compile({program!r}, {str(PROGRAM)!r}, 'exec'))"
    return subprocess.Popen([sys.executable, "-c", serving, "serve"], env=environment)


def run_own(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=CLIENT_WITHIN,
        check=False,
    )


async def test_what_the_reference_delays_our_worker_executes(
    api: Api, client: Client, own_settings: dict[str, str], settings: dict[str, str]
) -> None:
    worker = start_own_worker(own_settings)
    try:
        await wait_until(lambda: workers(api), seconds=WORKER_WITHIN, what="a registered task worker")
        result = client.run("python", str(PROGRAM), "delay", "functions", settings=settings)
    finally:
        stop(worker)
    assert told(result.stdout) == [*PRODUCTS, "COMPLETED 5"], result.stdout + result.stderr
    await wait_until(lambda: no_workers(api), what="an empty register")


async def test_what_we_delay_the_worker_of_the_reference_executes(
    api: Api, client: Client, own_program: Path, own_settings: dict[str, str], settings: dict[str, str]
) -> None:
    worker = client.start("python", str(PROGRAM), "serve", settings=settings)
    try:
        await wait_until(lambda: workers(api), seconds=WORKER_WITHIN, what="a registered task worker")
        result = run_own(own_settings, str(own_program), "delay")
    finally:
        stop(worker)
    assert told(result.stdout) == PRODUCTS, result.stdout + result.stderr
    await wait_until(lambda: no_workers(api), what="an empty register")
