"""A throw-away server for tests."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ostinato.settings import get_current_settings, resolved_environment, temporary_settings

DRAIN_SECONDS = 30.0


@contextmanager
def ostinato_test_harness(server_startup_timeout: float | None = 30) -> Generator[str]:
    """Run the block against a temporary server with an empty database; yield its API URL.

    `server_startup_timeout` is in seconds; None takes the setting. Logs and events are sent before the server stops.
    Raises ModuleNotFoundError if the server is not installed, ApiUnreachable if it does not start.
    """
    from ostinato.client.ephemeral import TemporaryServer, require_server

    require_server()
    settings = get_current_settings()
    timeout = server_startup_timeout or settings.server.ephemeral.startup_timeout_seconds
    with tempfile.TemporaryDirectory(prefix="ostinato-test-") as folder:
        database = f"sqlite+aiosqlite:///{Path(folder) / 'test.db'}"
        environment = resolved_environment() | {"OSTINATO_API_DATABASE_CONNECTION_URL": database}
        server = TemporaryServer(environment, timeout)
        url = server.start()
        try:
            with temporary_settings({"api.url": url, "journal.enabled": False}):
                yield url
            _drain()
        finally:
            server.stop()


def _drain() -> None:
    """Send what is left, and forget the server: the next one gets workers of its own."""
    from ostinato.events import worker
    from ostinato.logging import shipping

    shipping.stop_all()
    worker.drain_all(DRAIN_SECONDS)
    worker.stop_all()


prefect_test_harness = ostinato_test_harness
"""The name that tests have for it which come from the reference."""
