"""Two processes on one database, a clock that the test drives, and somebody who is told."""

from tests.integration.actions.conftest import (
    client,
    clock,
    database,
    other_database,
    receiver,
    services,
    settings,
    url,
)

__all__ = ["client", "clock", "database", "other_database", "receiver", "services", "settings", "url"]
