"""The temporary server: a sub-process on a free port, at most one per process, stopped when the process ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING

import httpx

from ostinato.client.errors import ApiUnreachable
from ostinato.settings import resolved_environment
from ostinato.shutdown import Phase, at_exit

if TYPE_CHECKING:
    from ostinato.settings import Settings

STOP_SECONDS = 10.0
POLL_SECONDS = 0.05
SERVER_MODULE = "ostinato_server"


class TemporaryServer:
    """A server in a sub-process with the given environment, on 127.0.0.1 and a free port."""

    def __init__(self, environment: Mapping[str, str], startup_timeout: float) -> None:
        self._environment = dict(environment)
        self._startup_timeout = startup_timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._owner = os.getpid()
        self.api_url = ""

    def start(self) -> str:
        """Start it and return its API URL when it is healthy.

        Raises ApiUnreachable with the end of its output if it ends or does not answer in time.
        """
        port = _free_port()
        self.api_url = f"http://127.0.0.1:{port}/api"
        command = [sys.executable, "-m", SERVER_MODULE, "--ephemeral", "--host", "127.0.0.1", "--port", str(port)]
        # The pipe ends when this process does, however it does; a server with --ephemeral stops when its stdin ends.
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter and a fixed module
            command, env=self._environment, stdin=subprocess.PIPE, stdout=self._output, stderr=subprocess.STDOUT
        )
        try:
            self._wait_until_healthy(self._process)
        except BaseException:
            self.stop()
            raise
        return self.api_url

    def stop(self) -> None:
        """Stop it and wait until it has ended; again, or in a forked child, this does nothing."""
        process = self._process
        if process is None or self._owner != os.getpid():
            return
        self._process = None
        if process.stdin is not None:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._output.close()

    def _wait_until_healthy(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + self._startup_timeout
        with httpx.Client(trust_env=False, timeout=2) as client:
            while True:
                if process.poll() is not None:
                    raise ApiUnreachable(f"The temporary server ended at once:\n{self._tail()}")
                try:
                    if client.get(f"{self.api_url}/health").is_success:
                        return
                except httpx.TransportError:
                    pass
                if time.monotonic() > deadline:
                    raise ApiUnreachable(
                        f"The temporary server did not answer within {self._startup_timeout:g} seconds; set "
                        f"OSTINATO_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS to wait longer.\n{self._tail()}"
                    )
                time.sleep(POLL_SECONDS)

    def _tail(self) -> str:
        self._output.seek(0)
        return self._output.read()[-2000:].decode(errors="replace")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_server() -> None:
    """Raise ModuleNotFoundError, with what to do, if the server is not installed."""
    if find_spec(SERVER_MODULE) is None:
        raise ModuleNotFoundError(
            "A temporary server needs the package ostinato-server: install it with `pip install 'ostinato[server]'`, "
            "or set OSTINATO_API_URL to the URL of a running server, for instance http://127.0.0.1:4200/api."
        )


_lock = Lock()
_server: TemporaryServer | None = None


def ephemeral_api_url(settings: Settings) -> str:
    """Return the API URL of this process's temporary server, started now if need be, on the database of `home`."""
    global _server
    with _lock:
        if _server is None:
            require_server()
            server = TemporaryServer(resolved_environment(), settings.server.ephemeral.startup_timeout_seconds)
            server.start()
            at_exit(Phase.SERVER, server.stop)
            _server = server
        return _server.api_url
