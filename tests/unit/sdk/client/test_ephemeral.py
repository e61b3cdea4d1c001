"""The temporary server: started when there is no API URL, found healthy, stopped at the end."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ostinato.client import ephemeral
from ostinato.client.ephemeral import TemporaryServer
from ostinato.client.errors import ApiUnreachable

SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"true" if self.path == "/api/health" else b'"told by the stub"'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

assert "--ephemeral" in sys.argv
host, port = sys.argv[sys.argv.index("--host") + 1], int(sys.argv[sys.argv.index("--port") + 1])
HTTPServer((host, port), Handler).serve_forever()
"""

PROGRAM = """
from ostinato.client import get_client
from ostinato.client.lookup import api_url

with get_client(sync_client=True) as client:
    print(client.hello().json(), api_url() == client.api_url)
print(client.api_url)
"""


def environment(folder: Path, program: str) -> dict[str, str]:
    """Return an environment in which the server's package is `program`."""
    package = folder / "ostinato_server"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(program)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OSTINATO_", "PREFECT_"))}
    return kept | {"PYTHONPATH": str(folder), "OSTINATO_HOME": str(folder)}


def is_open(url: str) -> bool:
    """Whether anyone listens at the port of `url`."""
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.split(":")[2].split("/")[0]))) == 0


def test_a_process_without_api_url_gets_one_server_that_ends_with_it(tmp_path: Path) -> None:
    variables = environment(tmp_path, SERVER) | {"OSTINATO_SERVER_EPHEMERAL_ENABLED": "true"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    told, url = done.stdout.splitlines()
    assert told == "told by the stub True"
    assert not is_open(url)


def test_a_server_that_ends_at_once_shows_why(tmp_path: Path) -> None:
    server = TemporaryServer(environment(tmp_path, "raise SystemExit('the disk is full')"), 30)
    with pytest.raises(ApiUnreachable, match="the disk is full"):
        server.start()


def test_a_server_that_does_not_answer_is_stopped(tmp_path: Path) -> None:
    server = TemporaryServer(environment(tmp_path, "import time; time.sleep(60)"), 0.5)
    with pytest.raises(ApiUnreachable, match="STARTUP_TIMEOUT_SECONDS"):
        server.start()


def test_without_the_server_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ephemeral, "SERVER_MODULE", "ostinato_server_that_is_not_installed")
    assert importlib.util.find_spec(ephemeral.SERVER_MODULE) is None
    with pytest.raises(ModuleNotFoundError, match=r"ostinato\[server\].*OSTINATO_API_URL"):
        ephemeral.require_server()
