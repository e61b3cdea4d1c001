"""Fixtures of the contract tests."""

import pytest

from tests.contract.world import World, make_world
from tests.support.client import Api


@pytest.fixture
async def world(api: Api) -> World:
    """Fresh objects for this test."""
    return await make_world(api)
