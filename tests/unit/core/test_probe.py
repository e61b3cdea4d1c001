"""The health checks of containers: what they ask, what they make of the answer, and how little they import."""

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from ostinato_api import healthcheck as api
from ostinato_core.environment import read_setting
from ostinato_core.probe import probe
from ostinato_scheduler import healthcheck as scheduler


class Process(HTTPServer):
    """Answers each GET with `status`, and remembers what it was asked."""

    status = 200

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Process)
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"how it is")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def process() -> Iterator[Process]:
    """A process that listens on a port of its own."""
    with Process() as server:
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield server
        server.shutdown()
        serving.join()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (204, 1), (404, 1), (503, 1)])
def test_only_a_200_is_well_and_the_answer_is_shown(
    process: Process, status: int, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    process.status = status
    assert probe(process.server_port, "/health") == code
    shown = capsys.readouterr()
    assert (shown.err if code else shown.out).strip() == ("" if status == 204 else "how it is")


def test_silence_is_told_with_its_port(capsys: pytest.CaptureFixture[str]) -> None:
    with Process() as gone:
        pass
    assert probe(gone.server_port, "/health") == 1
    assert capsys.readouterr().err.startswith(f"Nobody answers on port {gone.server_port}: ")


def test_each_asks_its_own_process(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    port = str(process.server_port)
    monkeypatch.setenv("OSTINATO_SERVER_API_PORT", "")  # as the settings do, an empty value is none
    monkeypatch.setenv("PREFECT_SERVER_API_PORT", port)
    monkeypatch.setenv("OSTINATO_SERVICES_HEALTH_PORT", port)
    assert (api.main(), scheduler.main()) == (0, 0)
    monkeypatch.setenv("OSTINATO_SERVER_API_BASE_PATH", "/below/")
    assert api.main() == 0
    assert process.asked == ["/api/ready", "/health", "/below/ready"]


def test_loops_that_do_not_listen_are_not_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OSTINATO_SERVICES_HEALTH_PORT", raising=False)
    assert scheduler.main() == 1
    assert "OSTINATO_SERVICES_HEALTH_PORT" in capsys.readouterr().err


def test_the_own_name_of_a_setting_comes_before_the_reference_s_and_older_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PREFECT_OLD", "PREFECT_NEW", "OSTINATO_OLD", "OSTINATO_NEW"):
        monkeypatch.setenv(name, name)
        assert read_setting("NEW", "OLD") == name


@pytest.mark.parametrize("house", ["ostinato_api", "ostinato_scheduler"])
def test_it_imports_neither_pydantic_nor_the_rest_of_the_service(house: str) -> None:
    code = f"import sys, {house}.healthcheck; print(*sorted(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = {name for name in shown.stdout.split() if name.startswith("ostinato")}
    assert ours == {house, f"{house}.healthcheck", "ostinato_core", "ostinato_core.environment", "ostinato_core.probe"}
    assert "pydantic" not in shown.stdout
