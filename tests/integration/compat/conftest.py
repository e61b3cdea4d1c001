"""The unmodified reference client as a subprocess, pointed at the server under test."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.json import Json
from tests.support.server import REFERENCE_VENV, Server

PROGRAMS = Path(__file__).parent / "programs"
CLIENT_WITHIN = 120.0
"""Seconds a program of the client may take; its import alone takes 2 to 5 on a busy machine."""


@dataclass(frozen=True)
class Client:
    """The reference client with a home of its own."""

    home: Path
    api_url: str

    def run(
        self, program: str, *arguments: str, settings: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run one of the venv's programs (`python`, `prefect`) and return what it printed, whatever its status."""
        command = [str(REFERENCE_VENV / "bin" / program), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, env={**self._environment(), **(settings or {})},
            timeout=CLIENT_WITHIN, check=False, cwd=self.home,
        )  # fmt: skip

    def start(
        self, program: str, *arguments: str, settings: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        """Start one of the venv's programs, which the caller stops; what it prints goes to `<program>.log`."""
        command = [str(REFERENCE_VENV / "bin" / program), *arguments]
        with (self.home / f"{program}.log").open("ab") as log:
            return subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, env={**self._environment(), **(settings or {})},
                cwd=self.home,
            )  # fmt: skip

    def _environment(self) -> Mapping[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("OSTINATO_", "PREFECT_"))}
        return own | {
            "PREFECT_API_URL": self.api_url,
            "PREFECT_HOME": str(self.home / "prefect"),
            "DO_NOT_TRACK": "1",
            "COLUMNS": "200",
        }


@dataclass(frozen=True)
class ProgramRun:
    """A finished run of `programs/etl.py`: the ids of its flow runs by name, and what it printed to stderr."""

    ids: dict[str, str]
    stderr: str


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """The reference client, pointed at the module's server."""
    program = REFERENCE_VENV / "bin" / "prefect"
    assert program.exists(), f"{program} is missing: `make test` installs the reference client"
    return Client(tmp_path_factory.mktemp("client"), server.api_url)


@pytest.fixture(scope="module")
def program_run(client: Client) -> ProgramRun:
    """The outcome of `programs/etl.py`, run once for the module."""
    result = client.run("python", str(PROGRAMS / "etl.py"))
    assert result.returncode == 0, result.stdout + result.stderr
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("IDS ")]
    ids: Json = json.loads(line.removeprefix("IDS "))
    return ProgramRun(ids, result.stderr)
