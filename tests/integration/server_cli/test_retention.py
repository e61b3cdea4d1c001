"""`server retention`: a preview changes nothing, a run deletes what it foretold, a bad setting is told in a line."""

import asyncio
from collections.abc import Awaitable, Callable

import orjson
import pytest
from pydantic import SecretStr

from ostinato_core.db.open import open_database
from ostinato_core.ids import DEFAULT_WORKSPACE_ID
from ostinato_core.settings import ServerSettings
from tests.integration.core.past_runs import History
from tests.integration.server_cli.conftest import Environment, Invoke
from tests.support.workspace import Workspace

KEEP = "OSTINATO_SERVICES_RETENTION_FLOW_RUNS_KEEP"


def fill(url: str) -> dict[str, int]:
    """Make an old run and a young one; return how many rows there are in each table."""

    async def make(history: History) -> None:
        await history.run(100)
        await history.run(1)

    return at(url, make)


def at(url: str, work: Callable[[History], Awaitable[None]] | None = None) -> dict[str, int]:
    """Do something to a database; return how many rows there are in each table."""

    async def run() -> dict[str, int]:
        database = open_database(ServerSettings(database_connection_url=SecretStr(url)))
        history = History(Workspace(database, DEFAULT_WORKSPACE_ID))
        try:
            if work is not None:
                await work(history)
            return await history.counts()
        finally:
            await database.close()

    return asyncio.run(run())


def test_a_run_deletes_what_the_preview_foretold(invoke: Invoke, database: str, environment: Environment) -> None:
    assert invoke("database", "upgrade", "-y").exit_code == 0
    before = fill(database)
    environment[KEEP] = "90d"

    shown = invoke("retention", "preview", "-o", "json")

    assert shown.exit_code == 0, shown.output
    lines = {line["kind"]: line for line in orjson.loads(shown.stdout)}
    assert {kind: line["rows"] for kind, line in lines.items()} == {
        "flow runs": 1,
        "task runs": 2,
        "logs": 3,
        "artifacts": 1,
    }
    assert all(line["exact"] and line["rule"] == "all: 90d" and line["bytes"] > 0 for line in lines.values())
    assert at(database) == before

    assert "Nothing was deleted" in invoke("retention", "run", input="n\n").stderr
    assert at(database) == before
    done = invoke("retention", "run", "-y")
    assert done.exit_code == 0, done.output
    assert "7 rows were deleted" in done.stdout
    assert "flow runs" in done.stdout
    assert at(database)["flow_runs"] == 1
    assert "Nothing is due." in invoke("retention", "run").stdout


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (KEEP, "ninety days", "'ninety days' is no length of time: write a number with a unit"),
        (KEEP, "5m", "'5m' is too short for runs: keep them for 1h at least"),
        ("OSTINATO_SERVICES_RETENTION_FLOW_RUNS", '[{"kep": "1d"}]', "rule 1 keep: Field required"),
        ("OSTINATO_SERVICES_RETENTION_FLOW_RUNS", "[{", "it is not a JSON list of rules"),
        ("OSTINATO_SERVICES_RETENTION_EVENTS", '{"a": "-1d"}', "event a: '-1d' is not longer than nothing"),
        ("PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED", "logs", "'logs' is not known: use events, flow_runs"),
    ],
)
def test_a_bad_setting_is_named_with_the_remedy(
    invoke: Invoke, environment: Environment, name: str, value: str, told: str
) -> None:
    environment[name] = value

    result = invoke("retention", "preview")

    assert result.exit_code == 1
    assert "is not valid" in result.stderr
    assert told in result.stderr
