"""Commands against a small HTTP server that answers what a test lays down and remembers what it was asked."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support.cli import Cli
from tests.support.settings import clear_settings

Answer = tuple[int, Any]  # a status and any JSON value
Respond = Callable[[Any], Answer]  # from the JSON body of the request


@dataclass
class Api:
    """Answers by method and path; `asked` has the bodies of all requests, in order."""

    url: str = ""
    routes: dict[str, Respond] = field(default_factory=dict[str, Respond])
    asked: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])  # JSON bodies

    def lay(self, route: str, answer: Any, status: int = 200) -> None:  # any JSON value
        """Let `route` ("GET /flows/1") give always the same answer."""
        self.routes[route] = lambda _: (status, answer)

    def respond(self, route: str, body: Any) -> Answer:  # any JSON value
        """Return the answer to a request; what nobody laid down is not found."""
        self.asked.setdefault(route, []).append(body)
        found = self.routes.get(route)
        return found(body) if found else (404, {"detail": "Object not found"})


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, value = api.respond(f"{self.command} {self.path.removeprefix('/api').partition('?')[0]}", body)
            content = b"" if status == 204 else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815  # names that the standard library looks for

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """A server; the settings point at it."""
    api = Api()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(api))
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    clear_settings(monkeypatch, tmp_path)
    api.url = f"http://127.0.0.1:{server.server_port}/api"
    monkeypatch.setenv("OSTINATO_API_URL", api.url)
    monkeypatch.setenv("OSTINATO_CLIENT_MAX_RETRIES", "0")
    yield api
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Call commands: `cli("flow", "ls")`."""
    return Cli(capsys)
