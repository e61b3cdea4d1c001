"""One stack for all tests of this folder; without `OSTINATO_E2E` nothing of it is collected."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stack import Stack

collect_ignore_glob = [] if os.environ.get("OSTINATO_E2E") else ["test_*.py"]

SETTINGS = {
    # Ten idle minutes in ten seconds: sockets are closed after so long without a sign, and pinged more often.
    "OSTINATO_SOCKET_IDLE": "4s",
    "OSTINATO_SERVER_API_WEBSOCKET_PING_INTERVAL": "1",
}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running stack; its data are gone at the end."""
    made = Stack(tmp_path_factory.mktemp("stack"), SETTINGS)
    made.down()
    try:
        made.up()
        yield made
    finally:
        made.down()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test ten minutes: containers take their time on a busy machine."""
    for item in items:
        if item.get_closest_marker("timeout") is None and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))
