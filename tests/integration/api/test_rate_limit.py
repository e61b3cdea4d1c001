"""A client that sends too much is told when to come again, and clients come again then."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.client import Answer, Api
from tests.support.clients import PRODUCTS, Product, client_environment, python_of
from tests.support.server import Server, new_server
from tests.support.sockets import connect

ASKING = """
from {package}.client import get_client

with get_client(sync_client=True) as client:
    for _ in range({requests}):
        client.read_flows(limit=1)
"""


@contextmanager
def limited(home: Path, rate: int) -> Generator[Server]:
    """A server behind one proxy that answers so many requests of a client a minute."""
    settings = {"OSTINATO_SERVER_API_RATE_LIMIT": str(rate), "OSTINATO_SERVER_API_PROXIES": "1"}
    process = new_server(home, f"sqlite+aiosqlite:///{home / 'ostinato.db'}", settings)
    process.start()
    try:
        yield process
    finally:
        process.stop()


async def ask(api: Api, passed_by: str) -> Answer:
    """Ask as a client whose request a proxy has passed on."""
    return await api.request("POST", "/flows/filter", {}, headers={"X-Forwarded-For": passed_by})


async def test_too_many_requests_are_answered_with_when_to_come_again(tmp_path: Path) -> None:
    with limited(tmp_path, 2) as server:
        async with Api(server.api_url) as api:
            answers = [await ask(api, "192.0.2.1") for _ in range(3)]
            assert [answer.status for answer in answers] == [200, 200, 429]
            assert 0 < int(answers[-1].headers["Retry-After"]) <= 30
            assert answers[-1].json["detail"].startswith("192.0.2.1 sends more than 2 requests a minute: try again in")
            # What the client itself has written into the header makes it nobody else.
            assert (await ask(api, "198.51.100.7, 192.0.2.1")).status == 429
            assert (await ask(api, "192.0.2.1, 198.51.100.7")).status == 200


async def test_probes_and_sockets_are_not_counted(tmp_path: Path) -> None:
    with limited(tmp_path, 1) as server:
        async with Api(server.api_url) as api:
            assert [(await api.get("/health")).status for _ in range(5)] == [200] * 5
            assert (await api.get("/version")).status == 200
            assert (await api.get("/version")).status == 429
        async with connect(server.api_url, "/events/in") as socket:
            assert not socket.closed


@pytest.mark.parametrize("package", PRODUCTS)
def test_clients_wait_it_out(tmp_path: Path, package: Product) -> None:
    with limited(tmp_path, 60) as server:
        done = subprocess.run(
            [python_of(package), "-c", ASKING.format(package=package, requests=64)],
            env=client_environment(package, server.api_url, tmp_path),
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
