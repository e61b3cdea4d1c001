"""Maintenance mode: what clients are told, who is served all the same, and that real clients wait it out."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.client import Api
from tests.support.clients import PRODUCTS, Product, client_environment, python_of
from tests.support.metrics import told_to_wait
from tests.support.ports import wait_until
from tests.support.server import Server, new_server

PATH = "/admin/maintenance"
FLOW = """
import {package} as product

@product.task
def add(x):
    return x + 1

@product.flow
def adding():
    return [add(1), add(2)]

assert adding() == [2, 3]
"""


@pytest.fixture(scope="module")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that counts what it answers."""
    process = new_server(tmp_path_factory.mktemp("server"), database_url, {"OSTINATO_SERVER_METRICS_ENABLED": "true"})
    process.start()
    yield process
    process.stop()


@pytest.fixture
async def maintained(api: Api) -> AsyncIterator[Api]:
    """A server under maintenance; it is over after the test."""
    assert (await api.put(PATH, {"message": "Back at nine.", "retry_after": 1})).status == 200
    yield api
    assert (await api.delete(PATH)).status == 204


async def test_requests_are_answered_with_what_makes_clients_wait(maintained: Api) -> None:
    answer = await maintained.post("/flows/filter", {})
    assert (answer.status, answer.json) == (503, {"detail": "Back at nine."})
    assert (answer.headers["Prefect-Maintenance"], answer.headers["Retry-After"]) == ("true", "1")


@pytest.mark.parametrize("path", ["/health", "/ready", "/version", "/admin/version", PATH])
async def test_who_looks_after_the_server_is_served(maintained: Api, path: str) -> None:
    assert (await maintained.get(path)).status == 200


async def test_proxies_can_learn_of_it_by_probes(maintained: Api, api: Api) -> None:
    for path in ("/health", "/ready"):
        assert (await maintained.get(path)).headers["Ostinato-Maintenance"] == "true"
    assert "Ostinato-Maintenance" not in (await maintained.get("/version")).headers
    assert (await api.delete(PATH)).status == 204
    assert "Ostinato-Maintenance" not in (await api.get("/health")).headers


async def test_what_is_told_can_be_changed_and_since_when_stays(maintained: Api) -> None:
    before = (await maintained.get(PATH)).json
    changed = (await maintained.put(PATH, {"message": "Back at ten."})).json
    assert changed == {**before, "message": "Back at ten.", "retry_after": 5.0}
    assert (await maintained.get(PATH)).json == changed


async def test_without_maintenance_nothing_is_told(api: Api) -> None:
    none = {"is_on": False, "message": None, "since": None, "retry_after": None}
    assert (await api.get(PATH)).json == none
    assert (await api.post("/flows/filter", {})).status == 200


@pytest.mark.parametrize("body", [{"retry_after": 0}, {"retry_after": 301}, {"message": ""}])
async def test_bad_wishes_are_refused(api: Api, body: dict[str, object]) -> None:
    assert (await api.put(PATH, body)).status == 422
    assert (await api.get(PATH)).json["is_on"] is False


@pytest.mark.parametrize("package", PRODUCTS)
async def test_flow_that_begins_under_maintenance_waits_for_its_end(
    maintained: Api, server: Server, tmp_path: Path, package: Product
) -> None:
    before = await told_to_wait(maintained)
    flow = await asyncio.create_subprocess_exec(
        python_of(package),
        "-c",
        FLOW.format(package=package),
        env=client_environment(package, server.api_url, tmp_path),
        cwd=tmp_path,
    )
    try:

        async def refused() -> bool:
            return await told_to_wait(maintained) > before

        await wait_until(refused, seconds=60, every=0.2, what="a refused request")
        assert flow.returncode is None
        assert (await maintained.delete(PATH)).status == 204
        assert await asyncio.wait_for(flow.wait(), 60) == 0
    finally:
        if flow.returncode is None:
            flow.kill()
            await flow.wait()
