"""A Redis of a test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.redis import RedisServer


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A running server, of this test alone."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()
