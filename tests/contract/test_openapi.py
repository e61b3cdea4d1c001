"""The server's own OpenAPI document names every operation of the contract, save those that are pending."""

import re

from tests.contract.contract import operations
from tests.contract.pending import PENDING
from tests.support.client import Api
from tests.support.server import Server


def normal(path: str) -> str:
    """Return a path template without the base path and the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path.removeprefix("/api"))


async def test_the_document_of_the_server_names_every_operation_of_the_contract(api: Api, server: Server) -> None:
    answer = await api.get("/openapi.json")

    assert answer.status == 200
    paths = answer.json["paths"]
    described = {(method.upper(), normal(path)) for path, methods in paths.items() for method in methods}
    missing = {(method, path) for method, path in operations() if (method, normal(path)) not in described}
    assert missing == (set() if server.is_reference else PENDING)


async def test_the_document_can_be_browsed(api: Api) -> None:
    answer = await api.get("/docs")

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html")
