"""Fixtures of the contract tests."""

import pytest

from tests.contract.cases import Case
from tests.contract.world import World, make_world
from tests.support.client import Api


@pytest.fixture
async def world(api: Api, request: pytest.FixtureRequest) -> World:
    """Fresh objects for this test; events, which take a moment to be readable, only for a case about events."""
    case = request.getfixturevalue("case") if "case" in request.fixturenames else None
    with_events = isinstance(case, Case) and case.operation[1].startswith("/events")
    return await make_world(api, with_events=with_events)
