"""A proxy as companies have them: it passes TLS on by CONNECT, to whoever knows its password, and counts."""

import base64
import socket
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class ConnectProxy(ThreadingHTTPServer):
    """Listens on a port of its own on 127.0.0.1."""

    daemon_threads = True

    def __init__(self, credentials: str | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.expected = None if credentials is None else "Basic " + base64.b64encode(credentials.encode()).decode()
        self.tunnels: list[str] = []

    @property
    def place(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: ConnectProxy  # pyright: ignore[reportIncompatibleVariableOverride]  # it is served by nothing else

    def do_CONNECT(self) -> None:  # a name that the standard library looks for
        if self.server.expected not in (None, self.headers.get("Proxy-Authorization")):
            self.send_error(407)
            return
        self.server.tunnels.append(self.path)
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=10) as upstream:
            self.send_response(200)
            self.end_headers()
            back = Thread(target=_pump, args=(upstream, self.connection), daemon=True)
            back.start()
            _pump(self.connection, upstream)
            back.join(10)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


@contextmanager
def connect_proxy(credentials: str | None = None) -> Generator[ConnectProxy]:
    """Run a proxy for the block; with `credentials` ("user:password") it asks for them."""
    proxy = ConnectProxy(credentials)
    thread = Thread(target=proxy.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
