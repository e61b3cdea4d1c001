"""The kinds of servers that tests run on, and which test runs on which.

A test that knows the server by its address alone runs on replicas too: all such tests with `--servers replicas`,
otherwise those marked `replicas`. One that reaches into the server's process is marked `one_process("why")`.
"""

from typing import Final

import pytest

SQLITE: Final = "sqlite"
"""One process on SQLite."""
POSTGRES: Final = "postgres"
"""One process on Postgres."""
REPLICAS: Final = "replicas"
"""Two processes on one Postgres."""
ALL: Final = (SQLITE, POSTGRES, REPLICAS)

_ADDRESSES: Final = {"server", "base_url"}
"""Fixtures by which a test knows a server's address."""


def kinds_for(metafunc: pytest.Metafunc, chosen: str | None) -> list[object]:
    """Return the kinds of servers for a test, as parameters; `chosen` is the only one that is wanted, if given."""
    kinds: list[object] = [SQLITE, POSTGRES]
    reason = next(metafunc.definition.iter_markers("one_process"), None)
    is_wanted = chosen == REPLICAS or metafunc.definition.get_closest_marker("replicas") is not None
    if is_wanted and _ADDRESSES.intersection(metafunc.fixturenames):
        kinds.append(REPLICAS if reason is None else pytest.param(REPLICAS, marks=pytest.mark.skip(*reason.args)))
    return kinds
