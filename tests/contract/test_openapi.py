"""The server's own OpenAPI document names every operation of the contract."""

import re

from tests.contract.contract import operations
from tests.support.client import Api


def normal(path: str) -> str:
    """Return a path template without the base path and the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path.removeprefix("/api"))


async def test_the_document_of_the_server_names_every_operation_of_the_contract(api: Api) -> None:
    answer = await api.get("/openapi.json")

    assert answer.status == 200
    paths = answer.json["paths"]
    described = {(method.upper(), normal(path)) for path, methods in paths.items() for method in methods}
    missing = {(method, path) for method, path in operations() if (method, normal(path)) not in described}
    assert missing == set()


async def test_the_document_can_be_browsed(api: Api) -> None:
    answer = await api.get("/docs")

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html")
