"""The server's own OpenAPI document names every operation of the contract."""

import re
from collections.abc import Callable

import pytest

from tests.contract.contract import DOCUMENT, Operation, operations
from tests.contract.shapes import query_members, request_members
from tests.support.client import Api
from tests.support.json import Json

Members = Callable[[Json, Json], set[str]]
"""What a document says of an operation."""


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


def described(document: Json) -> dict[Operation, Json]:
    """Return the operations of a document by method and normal path."""
    paths = document["paths"].items()
    return {(method.upper(), normal(path)): each for path, methods in paths for method, each in methods.items()}


@pytest.mark.parametrize("members", [request_members, query_members])
async def test_every_member_of_every_request_of_the_contract_is_known(api: Api, members: Members) -> None:
    own = (await api.get("/openapi.json")).json
    known = described(own)
    missing = {
        operation: unknown
        for operation, each in described(DOCUMENT).items()
        if (unknown := members(DOCUMENT, each) - members(own, known[operation]))
    }
    assert missing == {}


async def test_the_document_can_be_browsed(api: Api) -> None:
    answer = await api.get("/docs")

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html")
