"""The web UI through the proxy, below a path, in a real browser."""

import pytest

from tests.e2e.stack import Stack
from tests.support.ui import WITHIN, make_journey


@pytest.mark.timeout(WITHIN)
@pytest.mark.parametrize("journey", ["runs", "work"])
def test_journey_below_a_path(stack: Stack, journey: str) -> None:
    with stack.below("/tools/flows"):
        make_journey(stack.url, journey, {"NODE_EXTRA_CA_CERTS": str(stack.certificate)})
