"""A stand-in for the server's package: what `python -m ostinato_server` runs in tests of the temporary server."""

import os
import socket
import time
from pathlib import Path

SERVER = """
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        database = os.environ.get("OSTINATO_API_DATABASE_CONNECTION_URL", "")
        body = b"true" if self.path == "/api/health" else json.dumps("told by the stub " + database).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

def stop_with_parent():
    sys.stdin.read()
    os._exit(0)

assert "--ephemeral" in sys.argv
threading.Thread(target=stop_with_parent, daemon=True).start()
host, port = sys.argv[sys.argv.index("--host") + 1], int(sys.argv[sys.argv.index("--port") + 1])
HTTPServer((host, port), Handler).serve_forever()
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
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.split(":")[2].split("/")[0]))) == 0


def wait_until_closed(url: str, seconds: float = 10) -> None:
    """Wait until nobody listens at the port of `url` any more."""
    end = time.monotonic() + seconds
    while is_open(url) and time.monotonic() < end:
        time.sleep(0.02)
