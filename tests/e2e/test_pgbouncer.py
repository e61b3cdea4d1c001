"""The stack with a pgbouncer in transaction mode before its database: fewer connections, the same answers."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.flows import finish, start
from tests.e2e.stack import Stack
from tests.e2e.test_clients import runs_of
from tests.e2e.test_operations import asked_all_the_time
from tests.support.clients import PRODUCTS

POOLED = {"COMPOSE_FILE": "compose.yaml:tests/e2e/compose.e2e.yaml:tests/e2e/compose.pgbouncer.yaml"}
EXCHANGE = ("up", "-d", "--wait", "-t", "1", "--no-deps", "api", "scheduler")
MOST = 4
"""Connections that pgbouncer opens; each of the stack's four processes would open up to eight."""
URL = "postgresql+asyncpg://ostinato:${OSTINATO_API_DATABASE_PASSWORD}@pgbouncer:6432/another"


@contextmanager
def pooled(stack: Stack) -> Generator[None]:
    """Let API and schedulers use the pooler while the block lasts."""
    stack.compose("up", "-d", "--no-deps", "pgbouncer", settings=POOLED)
    try:
        stack.compose(*EXCHANGE, settings=POOLED)
        stack.wait_until_ready()
        yield
    finally:
        stack.compose(*EXCHANGE)
        stack.compose("rm", "-sf", "pgbouncer", settings=POOLED)
        stack.wait_until_ready()


def ask_postgres(stack: Stack, statement: str) -> str:
    """Run a statement in the stack's database and return what it prints."""
    psql = ("psql", "-U", "ostinato", "-d", "ostinato", "-At", "-c", statement)
    return stack.compose("exec", "-T", "postgres", *psql).strip()


def test_flows_run_through_a_pooler_and_the_migrator_refuses_it(stack: Stack, tmp_path: Path) -> None:
    with pooled(stack):
        with asked_all_the_time(stack) as statuses:
            finish([start(stack, tmp_path / name, name, "0.1", "10", f"pooled-{name}") for name in PRODUCTS])
        assert set(statuses) == {200}
        for name in PRODUCTS:
            assert [run["state"]["type"] for run in runs_of(stack, f"pooled-{name}")] == ["COMPLETED"]
        clients = "backend_type = 'client backend' AND pid <> pg_backend_pid()"
        assert 0 < int(ask_postgres(stack, f"SELECT count(*) FROM pg_stat_activity WHERE {clients}")) <= MOST

        ask_postgres(stack, "CREATE DATABASE another")
        migrator = ("run", "--rm", "--no-deps", "-e", f"OSTINATO_API_DATABASE_CONNECTION_URL={URL}", "migrator")
        with pytest.raises(RuntimeError, match="give the migrator Postgres's own address"):
            stack.compose(*migrator, settings=POOLED)
