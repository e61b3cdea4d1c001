"""The stack as a test has it: started by `docker compose`, asked through nginx over TLS, and harmed."""

import json
import os
import signal
import ssl
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.clients import Product, client_environment
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
PROJECT = "ostinato-e2e"
MOST_LOG_LINES = "60"


class Stack:
    """One running stack of its own name and ports."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        """Prepare a stack; `settings` are those that operators put in `.env`."""
        self.folder = folder
        self.https_port, self.http_port = free_port(), free_port()
        self._settings = dict(settings)
        self.certificate = folder / "certificate.pem"
        self.base_path = ""

    @property
    def url(self) -> str:
        """The address of the proxy, with the path below which it serves."""
        return f"https://localhost:{self.https_port}{self.base_path}"

    @property
    def api_url(self) -> str:
        """The address that clients are pointed at."""
        return f"{self.url}/api"

    def compose(self, *arguments: str, seconds: float = 300, settings: Mapping[str, str] | None = None) -> str:
        """Run `docker compose` and return what it prints; raises `RuntimeError` with its errors where it fails."""
        command = ["docker", "compose", "--project-directory", str(ROOT), *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, env=self.environment(settings or {}), check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def up(self) -> None:
        """Start what does not run, wait until it is healthy, and trust the certificate."""
        self.compose("up", "-d")
        self.wait_until_ready()
        made = self.compose("exec", "-T", "nginx", "cat", "/run/tls/certificate.pem")
        self.certificate.write_text(made)

    def down(self) -> None:
        """End it, and delete all that it has stored."""
        self.compose("--profile", "*", "down", "-v", "--remove-orphans", "-t", "0")

    def wait_until_ready(self, seconds: float = 120) -> None:
        """Wait until the API answers through the proxy; raises `TimeoutError` where it does not."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if self.ask("/api/ready", trusted=False)[0] == 200:
                    return
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(f"The stack is not ready after {seconds:g} s.\n{self.log_tail()}")
            time.sleep(0.25)

    @contextmanager
    def below(self, path: str) -> Generator[None]:
        """Show the stack below a path for as long as the block lasts."""
        self._show_below(path)
        try:
            yield
        finally:
            self._show_below("")

    def _show_below(self, path: str) -> None:
        self.compose("up", "-d", "--no-deps", "--wait", "nginx", settings={"OSTINATO_BASE_PATH": path})
        self.base_path = path
        self.wait_until_ready()

    def ask(
        self, path: str, method: str = "GET", body: object = None, *, trusted: bool = True
    ) -> tuple[int, Mapping[str, str], Any]:  # Any: JSON
        """Send a request through the proxy; return status, headers and decoded body."""
        with httpx.Client(verify=self.context() if trusted else False, follow_redirects=True, timeout=30) as client:
            answer = client.request(method, self.url + path, json=body)
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return answer.status_code, answer.headers, answer.json() if is_json and answer.content else answer.text

    def context(self) -> ssl.SSLContext:
        """Return what trusts the stack's own certificate and no other."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def client_environment(self, product: Product, home: Path) -> dict[str, str]:
        """Return the environment of a client's process, which trusts the stack's certificate."""
        return client_environment(product, self.api_url, home) | {"SSL_CERT_FILE": str(self.certificate)}

    def containers(self, service: str | None = None) -> list[dict[str, Any]]:  # Any: JSON
        """Return what Docker knows of the stack's containers, as `docker inspect` tells it."""
        ids = self.compose("--profile", "*", "ps", "-a", "-q", *([service] if service else [])).split()
        return json.loads(subprocess.run(["docker", "inspect", *ids], capture_output=True, check=True).stdout)

    def kill(self, container: Mapping[str, Any]) -> bool:  # Any: JSON
        """Kill a container's first process as a crash would, so that Docker starts it again; False if it is down."""
        pid = container["State"]["Pid"]
        if not pid:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def log_tail(self, services: Sequence[str] = ()) -> str:
        """Return the end of what the containers printed."""
        return self.compose("logs", "--no-color", "--tail", MOST_LOG_LINES, *services)

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a command that looks after this stack."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("OSTINATO_")}
        ports = {"OSTINATO_HTTPS_PORT": str(self.https_port), "OSTINATO_HTTP_PORT": str(self.http_port)}
        files = "compose.yaml:tests/e2e/compose.e2e.yaml"
        names = {"COMPOSE_PROJECT_NAME": PROJECT, "COMPOSE_FILE": files}
        return own | names | ports | self._settings | dict(settings)
