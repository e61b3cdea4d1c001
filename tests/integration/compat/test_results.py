"""Results in one folder: what the reference client stored our client reads and finds in its cache, and the reverse."""

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from ostinato import get_client
from ostinato.settings import temporary_settings
from tests.integration.compat.conftest import CLIENT_WITHIN, PROGRAMS, Client
from tests.support.server import Server

pytestmark = pytest.mark.compat

RESULT = [{"double": 14}, [-7, {"nested": None}], "7"]


@pytest.fixture(scope="module")
def own_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program for our client: the same, but for its imports."""
    program = tmp_path_factory.mktemp("own") / "results.py"
    program.write_text((PROGRAMS / "results.py").read_text().replace("from prefect", "from ostinato"))
    return program


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of results of both clients."""
    return tmp_path / "results"


def own(program: Path, server: Server, folder: Path, *arguments: str) -> str:
    """Run our program; return what it printed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OSTINATO_", "PREFECT_"))}
    settings = {
        "OSTINATO_API_URL": server.api_url,
        "OSTINATO_HOME": str(folder / "home"),
        "OSTINATO_RESULTS_LOCAL_STORAGE_PATH": str(folder),
    }
    done = subprocess.run(
        [sys.executable, str(program), *arguments], env=clean | settings, capture_output=True, text=True, check=False,
        timeout=CLIENT_WITHIN,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def reference(client: Client, folder: Path, *arguments: str) -> str:
    """Run the reference's program; return what it printed."""
    settings = {"PREFECT_RESULTS_LOCAL_STORAGE_PATH": str(folder)}
    done = client.run("python", str(PROGRAMS / "results.py"), *arguments, settings=settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(output: str, word: str) -> list[str]:
    """Return the list that a program printed after `word`."""
    (line,) = [line for line in output.splitlines() if line.startswith(f"{word} ")]
    return json.loads(line.removeprefix(f"{word} "))


def ran(output: str) -> list[str]:
    """Return which functions a program ran."""
    return [line.split()[1] for line in output.splitlines() if line.startswith("RAN ")]


async def test_what_the_reference_stored_is_ours(
    client: Client, server: Server, own_program: Path, folder: Path
) -> None:
    output = reference(client, folder, "store", "7")
    assert ran(output) == ["pickled", "as_json", "compressed"]
    stored, failed = (UUID(run_id) for run_id in told(output, "IDS"))
    with temporary_settings({"api.url": server.api_url}):
        async with get_client() as ours:
            states = [(await ours.read_flow_run(run_id)).state for run_id in (stored, failed)]
    assert states[0] is not None
    assert states[1] is not None
    assert await states[0].aresult() == RESULT
    with pytest.raises(ValueError, match="no"):
        await states[1].aresult()
    assert ran(own(own_program, server, folder, "store", "7")) == [], "ours finds all of it in the cache"


def test_what_we_stored_is_the_references(client: Client, server: Server, own_program: Path, folder: Path) -> None:
    output = own(own_program, server, folder, "store", "7")
    assert ran(output) == ["pickled", "as_json", "compressed"]
    read = told(reference(client, folder, "read", *told(output, "IDS")), "READ")
    assert read == [repr(RESULT), "ValueError('no')"]
    assert ran(reference(client, folder, "store", "7")) == [], "the reference finds all of it in the cache"
