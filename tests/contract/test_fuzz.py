"""Requests made up from the server's own OpenAPI document, fitting and not: none of them brings the server down.

`OSTINATO_FUZZ_EXAMPLES` is how many of them each operation gets; with it they are others each time.
"""

import json
import os
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from ostinato_api.app import all_routes
from ostinato_api.endpoint import dumps
from ostinato_api.openapi import document
from tests.contract.case import Case
from tests.contract.cases import CASES
from tests.contract.makers import make_world
from tests.contract.test_openapi import normal
from tests.contract.world import World, parameters, path_kinds
from tests.support.client import Api
from tests.support.server import Server

Request = schemathesis.Case[Any]  # Any: requests are generic in what they were made from

WANTED = os.environ.get("OSTINATO_FUZZ_EXAMPLES")
EXAMPLES = int(WANTED or 2)

made_up = settings(
    max_examples=EXAMPLES,
    derandomize=WANTED is None,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@cache
def operations() -> dict[tuple[str, str], Any]:  # Any: operations are generic in what they are made from
    """Return the operations of the server's own document by method and normal path."""
    schema: Any = schemathesis.openapi.from_dict(json.loads(dumps(document(all_routes(), "/api"))))  # Any: half typed
    found = [result.ok() for result in schema.get_all_operations()]
    return {(each.method.upper(), normal(each.path)): each for each in found}


@pytest.fixture
async def world(api: Api, case: Case) -> World:
    """The objects that the path of an operation speaks of."""
    return await make_world(api, path_kinds(case.operation[1]))


def requests_of(case: Case) -> st.SearchStrategy[Request]:
    """Requests for an operation: those that fit its description, and those that do not where there is one."""
    method, path = case.operation
    operation = operations()[method, normal(path)]
    return operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_no_request_makes_the_server_fail(server: Server, world: World, case: Case) -> None:
    if server.is_reference:
        pytest.skip("the document is this server's own")

    @made_up
    @given(requests_of(case), st.booleans())
    def send(request: Request, exists: bool) -> None:
        if exists:
            path = case.operation[1]
            names = zip(parameters(request.path), parameters(path), strict=True)
            request.path_parameters = {own: world.value(path, name) for own, name in names}
        answer = request.call(base_url=server.api_url, timeout=30)
        assert answer.status_code < 500, f"{answer.status_code} {answer.text}\n{request.as_curl_command()}"

    send()
