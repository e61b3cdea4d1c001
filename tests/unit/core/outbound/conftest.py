"""A receiver, and a way out that may call it."""

from collections.abc import AsyncIterator

import pytest

from ostinato_core.outbound import Outbound
from ostinato_core.settings import ServerSettings
from tests.support.receiver import Receiver, receiving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on this machine."""
    async with receiving() as served:
        yield served


@pytest.fixture
def outbound() -> Outbound:
    """A way out that may call this machine."""
    return Outbound(ServerSettings(outbound_allowed="127.0.0.1", outbound_timeout=20))
