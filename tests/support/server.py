"""The real server as a subprocess: start, kill, restart, read its log. The reference server can stand in for it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
REFERENCE_VENV = Path(os.environ.get("OSTINATO_REFERENCE_VENV", ROOT / ".venv-reference"))
"""Where `make test` installs the reference: its client for the compatibility tests, its server for the benchmarks."""

READY_WITHIN = 60.0
"""Seconds in which a server must answer `/api/ready`; the reference takes up to 30 on a busy machine."""


class Server:
    """One server process on a port of its own, on one database."""

    is_reference = False

    def __init__(self, home: Path, database_url: str, environment: dict[str, str] | None = None) -> None:
        """Prepare a server whose files are in `home`; `environment` is added to its own settings."""
        self.home = home
        self.database_url = database_url
        self.port = free_port()
        self.log = home / "server.log"
        self._environment = environment or {}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address without path, e.g. `http://127.0.0.1:41234`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """The address of the API, as a client's setting has it."""
        return f"{self.url}/api"

    def start(self) -> None:
        """Start the process and wait until it is ready; raises `RuntimeError` with its log if it does not come up.

        Nothing is left behind by a start that fails, or that a test's time limit ends.
        """
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=subprocess.STDOUT, env=self.environment(), cwd=self.home
            )
        try:
            self._await_ready(self.process)
        except BaseException:
            self.stop()
            raise

    def stop(self, seconds: float = 15.0) -> int | None:
        """Stop in order by SIGTERM, by SIGKILL after `seconds`; return the exit status (None if it was not running)."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
        status = self.process.wait()
        self.process = None
        return status

    def kill(self) -> None:
        """End the process at once by SIGKILL, as a crash of the machine would."""
        assert self.process is not None, "the server is not running"
        self.process.kill()
        self.process.wait()
        self.process = None

    def log_tail(self, size: int = 6000) -> str:
        """Return the last `size` characters of what the process printed."""
        return self.log.read_text(errors="replace")[-size:] if self.log.exists() else ""

    def command(self) -> list[str]:
        """The command line that serves on this port."""
        return [sys.executable, "-m", "ostinato_server", "--host", "127.0.0.1", "--port", str(self.port)]

    def settings(self) -> dict[str, str]:
        """The environment variables that name home and database."""
        return {"OSTINATO_HOME": str(self.home), "OSTINATO_API_DATABASE_CONNECTION_URL": self.database_url}

    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("OSTINATO_", "PREFECT_"))}
        return own | {"PYTHONUNBUFFERED": "1"} | self.settings() | self._environment

    def _await_ready(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not self._is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start:\n{self.log_tail()}")
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.api_url}/ready", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


class ReferenceServer(Server):
    """The reference server, by which the tests themselves can be proved: `OSTINATO_TEST_SERVER=reference`."""

    is_reference = True

    def command(self) -> list[str]:
        """The command line that serves on this port."""
        program = str(REFERENCE_VENV / "bin" / "prefect")
        return [program, "server", "start", "--host", "127.0.0.1", "--port", str(self.port), "--no-ui"]

    def settings(self) -> dict[str, str]:
        """The environment variables that name home and database."""
        return {
            "PREFECT_HOME": str(self.home),
            "PREFECT_API_DATABASE_CONNECTION_URL": self.database_url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }


def new_server(home: Path, database_url: str, environment: dict[str, str] | None = None) -> Server:
    """Return a server that is not started yet: this project's, or the reference if the environment asks for it."""
    kind = ReferenceServer if os.environ.get("OSTINATO_TEST_SERVER") == "reference" else Server
    return kind(home, database_url, environment)
