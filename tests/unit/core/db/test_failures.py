"""What a driver's error means to who asked."""

import asyncpg
import pytest

from ostinato_core.db.failures import translate
from ostinato_core.errors import Unavailable


@pytest.mark.parametrize("kind", [asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError])
def test_pooler_that_loses_statements_is_told_of(kind: type[asyncpg.PostgresError]) -> None:
    fact = translate(kind("prepared statement"))
    assert isinstance(fact, Unavailable)
    assert "max_prepared_statements" in fact.message
