"""Fixtures of the contract tests."""

import pytest

from tests.contract.case import Case
from tests.contract.cases import CASE_OF
from tests.contract.contract import Operation
from tests.contract.makers import make_world
from tests.contract.world import World
from tests.support.client import Api


@pytest.fixture
async def world(api: Api, request: pytest.FixtureRequest) -> World:
    """Fresh objects for this test: those that its `case` needs, or the case of the listing at its `path`."""
    operation = _operation(request)
    assert operation is not None, "a test with a world has a case or a path"
    return await make_world(api, CASE_OF[operation].kinds)


def _operation(request: pytest.FixtureRequest) -> Operation | None:
    if "case" in request.fixturenames:
        case: Case = request.getfixturevalue("case")
        return case.operation
    return ("POST", request.getfixturevalue("path")) if "path" in request.fixturenames else None
