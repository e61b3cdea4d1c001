"""How the databases answer the lists that people and clients ask for: by an index, whatever the number of rows."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Executable, Select, Table, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

from ostinato_core.db.prepared import Prepared
from ostinato_core.db.tables import flow_runs
from ostinato_core.events import counts as event_counts
from ostinato_core.events import queries as event_rows
from ostinato_core.flow_runs import repository as flow_run_rows
from ostinato_core.flow_runs.activity import read_activity_of_deployments, read_activity_of_flows
from ostinato_core.flow_runs.operations import read_flow_run_history
from ostinato_core.ids import new_id
from ostinato_core.logs import repository as logs
from ostinato_core.task_runs import repository as task_run_rows
from ostinato_core.task_runs import summaries as task_run_sums
from ostinato_core.task_runs.operations import read_task_run_history
from ostinato_core.transaction import Columns, Database, Parameters, Row, Statement, Transaction
from ostinato_core.work_pools.rows import HOLDS_SLOT
from ostinato_wire.activity import ActivityQuery
from ostinato_wire.events import Countable, EventFilter, TimeUnit
from ostinato_wire.logs import LogFilter, LogSort
from ostinato_wire.queries import (
    FlowRunHistoryQuery,
    FlowRunsQuery,
    FlowRunsWhere,
    TaskRunHistoryQuery,
    TaskRunsQuery,
    TaskRunsWhere,
)

ID_ = new_id()
ID = str(ID_)
SINCE = {"after_": "2026-11-22T00:00:00Z"}

Read = Callable[[Transaction], Awaitable[object]]


def flow_run_list(**body: Any) -> Read:  # Any: JSON
    """Read a list of flow runs."""
    query = FlowRunsQuery.model_validate(body)
    return lambda tx: flow_run_rows.select_where(tx, query, query.sort, 200, 0)


def task_run_list(**body: Any) -> Read:  # Any: JSON
    """Read a list of task runs."""
    query = TaskRunsQuery.model_validate(body)
    return lambda tx: task_run_rows.select_where(tx, query, query.sort, 200, 0)


def history(**body: Any) -> Read:  # Any: JSON
    """Read the history of a day of those runs of which the body speaks."""
    span = {"history_start": "2026-11-21T00:00:00Z", "history_end": "2026-11-22T00:00:00Z"}
    asked = {**span, "history_interval_seconds": 3600, **body}

    async def read(tx: Transaction) -> object:
        assert isinstance(tx, Listener)
        tx.answer = []
        if "task_runs" in body:
            return await read_task_run_history(tx, TaskRunHistoryQuery.model_validate(asked))
        return await read_flow_run_history(tx, FlowRunHistoryQuery.model_validate(asked))

    return read


ASKED: dict[str, Read] = {
    "the newest runs": flow_run_list(),
    "the newest task runs": task_run_list(),
    "runs by start": flow_run_list(sort="START_TIME_DESC"),
    "runs since": flow_run_list(sort="START_TIME_DESC", flow_runs={"start_time": SINCE}),
    "runs by expected start": flow_run_list(sort="EXPECTED_START_TIME_DESC"),
    "runs by id": flow_run_list(flow_runs={"id": {"any_": [ID]}}),
    "runs in a state": flow_run_list(sort="START_TIME_DESC", flow_runs={"state": {"type": {"any_": ["RUNNING"]}}}),
    "runs in a state by its name": flow_run_list(
        sort="START_TIME_ASC", flow_runs={"state": {"name": {"any_": ["Late"]}}}
    ),
    "runs of a deployment": flow_run_list(sort="START_TIME_DESC", deployments={"id": {"any_": [ID]}}),
    "child runs": flow_run_list(flow_runs={"parent_flow_run_id": {"any_": [ID]}}),
    "runs of a flow": flow_run_list(flows={"id": {"any_": [ID]}}),
    "runs of a flow by name": flow_run_list(flows={"name": {"any_": ["etl"]}}),
    "how many since": lambda tx: flow_run_rows.count_where(
        tx, FlowRunsWhere.model_validate({"flow_runs": {"start_time": SINCE}})
    ),
    "task runs of a run": task_run_list(flow_runs={"id": {"any_": [ID]}}),
    "task runs by expected start": task_run_list(sort="EXPECTED_START_TIME_DESC"),
    "slots of a queue": lambda tx: tx.rows(select(flow_runs.c.id).where(flow_runs.c.work_queue_id == ID_, HOLDS_SLOT)),
    "log lines of a run": lambda tx: logs.select_where(
        tx, LogFilter.model_validate({"flow_run_id": {"any_": [ID]}}), LogSort.TIMESTAMP_ASC, 200, 0
    ),
}


class Listener(Transaction):
    """A transaction that keeps the statements of an operation and has one answer to all of them."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.dialect, new_id())
        self.statements: list[ClauseElement] = []
        one = {"count": 0, "event": "a", "row": 1, "value": "a", "start_time": None, "end_time": None}
        self.answer: list[Row] = [one]

    async def rows(self, statement: Statement, parameters: Parameters | None = None) -> Sequence[Row]:
        assert not isinstance(statement, Prepared)
        assert isinstance(statement, ClauseElement)
        self.statements.append(statement)
        return self.answer

    async def run(self, statement: Statement, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        raise NotImplementedError

    async def copy_alone(self, table: Table, columns: Columns) -> None:
        raise NotImplementedError

    async def lock(self, chosen: Select[Any]) -> None:  # Any: of any columns
        raise NotImplementedError


async def plans(database: Database, read: Read) -> list[str]:
    """Return how the database would answer each statement, where tables are too large to be scanned."""
    listener = Listener(database)
    await read(listener)
    return await database.write(lambda tx: _explain(tx, listener.statements))


async def _explain(tx: Transaction, statements: list[ClauseElement]) -> list[str]:
    found: list[str] = []
    for setting in ("enable_seqscan", "enable_sort") if tx.dialect.name == "postgresql" else ():
        await tx.run(text(f"SET LOCAL {setting} = off"))
    for statement in statements:
        if tx.dialect.name == "postgresql":
            lines = await tx.rows(Explained(statement))
        else:
            sql = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
            lines = await tx.rows(text(f"EXPLAIN QUERY PLAN {sql}"))
        found.append("\n".join(str(list(line.values())[-1]) for line in lines))
    return found


class Explained(Executable, ClauseElement):
    """A statement whose plan is asked for."""

    inherit_cache = False

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement


@compiles(Explained)
def _explained(element: Explained, compiler: SQLCompiler, **options: Any) -> str:  # Any: SQLAlchemy's own signature
    return f"EXPLAIN {compiler.process(element.statement, **options)}"


@pytest.mark.parametrize("asked", ASKED)
async def test_lists_are_answered_by_an_index(database: Database, asked: str) -> None:
    for plan in await plans(database, ASKED[asked]):
        scans = [line for line in plan.splitlines() if line.startswith("SCAN")]
        assert "Seq Scan" not in plan
        assert all("USING" in line for line in scans), plan


@pytest.mark.parametrize(
    "asked",
    [
        "the newest runs",
        "the newest task runs",
        "runs by start",
        "runs since",
        "runs by expected start",
        "runs in a state",
        "runs in a state by its name",
        "runs of a deployment",
    ],
)
async def test_long_lists_are_not_sorted_as_a_whole(database: Database, asked: str) -> None:
    for plan in await plans(database, ASKED[asked]):
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan
        assert "->  Sort " not in plan


def count_task_runs_by_state(tx: Transaction) -> Awaitable[object]:
    """Count those since a time."""
    return task_run_sums.count_by_state(tx, TaskRunsWhere.model_validate({"task_runs": {"start_time": SINCE}}))


def count_events_of_names(tx: Transaction) -> Awaitable[object]:
    """Count those of two names."""
    return event_rows.count(tx, EventFilter.model_validate({"event": {"name": ["a", "b"]}}))


CHOSEN: list[tuple[Read, str]] = [
    (task_run_list(flow_runs={"id": {"any_": [ID]}}), "sqlite_autoindex_task_runs_2 (flow_run_id=?)"),
    (flow_run_list(flow_runs={"parent_flow_run_id": {"any_": [ID]}}), "ix_flow_runs__parent_task_run_id"),
    (flow_run_list(sort="END_TIME_DESC"), "ix_flow_runs__workspace_id_end_time"),
    (task_run_list(sort="NAME_ASC"), "ix_task_runs__workspace_id_name"),
    (task_run_list(sort="END_TIME_DESC"), "ix_task_runs__workspace_id_end_time"),
    (count_task_runs_by_state, "COVERING INDEX ix_task_runs__workspace_id_state_type_start_time"),
    (count_events_of_names, "COVERING INDEX ix_events__workspace_id_event_occurred"),
]
"""What is read, and the index by which SQLite must read it."""


def task_runs_in_a_state(*types: str) -> Read:
    """Read a list of task runs in these states, in the order of most lists."""
    return task_run_list(sort="EXPECTED_START_TIME_DESC", task_runs={"state": {"type": {"any_": types}}})


@pytest.mark.parametrize(("read", "table"), [(flow_run_list, "flow_runs"), (task_run_list, "task_runs")])
async def test_sqlite_looks_for_a_part_of_a_name_in_the_names(
    database: Database, read: Callable[..., Read], table: str
) -> None:
    if database.dialect.name == "sqlite":
        newest, named, rows = await plans(database, read(**{table: {"name": {"like_": "otter"}}}))
        assert f"SCAN {table} USING INDEX sqlite_autoindex_{table}_1" in newest
        assert f"COVERING INDEX ix_{table}__workspace_id_name" in named
        assert f"SEARCH {table} USING INTEGER PRIMARY KEY" in rows


def event_totals_by_name(tx: Transaction) -> Awaitable[object]:
    """Count events by name."""
    return event_counts.count_by(tx, Countable.EVENT, EventFilter(), TimeUnit.DAY, 1)


async def test_events_are_counted_by_name_in_an_index_alone(database: Database) -> None:
    for plan in await plans(database, event_totals_by_name):
        assert "workspace_id_event_occurred" in plan
        assert "Seq Scan" not in plan


@pytest.mark.parametrize("runs", ["flow_runs", "task_runs"])
async def test_postgres_does_not_look_for_the_tags_of_a_history(database: Database, runs: str) -> None:
    """Nothing is known of the tags in a plan for any parameters, which the sixth run of a statement may get."""
    if database.dialect.name == "postgresql":
        (plan,) = await plans(database, history(**{runs: {"tags": {"all_": ["etl"]}}}))
        assert "(tags @>" not in plan  # a bare column can be looked for in an index


async def test_postgres_has_task_runs_in_one_state_in_order(database: Database) -> None:
    if database.dialect.name == "postgresql":
        index = "ix_task_runs__workspace_id_state_type_expected_start_time"
        plan = (await plans(database, task_runs_in_a_state("FAILED")))[-1]
        assert f"using {index}" in plan
        assert "Presorted Key: expected_start_time" in plan


@pytest.mark.parametrize(("read", "index"), CHOSEN)
async def test_sqlite_chooses_by_what_it_is_told(database: Database, read: Read, index: str) -> None:
    """Its statistics do not depend on the rows: the plan is the one for millions of them."""
    if database.dialect.name == "sqlite":
        assert index in (await plans(database, read))[-1]


def activity_of(read: Callable[[Transaction, ActivityQuery], Awaitable[object]]) -> Read:
    """Read the last runs of each of two objects."""

    async def first(tx: Transaction) -> object:
        assert isinstance(tx, Listener)
        tx.answer = []
        return await read(tx, ActivityQuery(ids=[ID_, new_id()]))

    return first


@pytest.mark.parametrize(
    ("read", "index"),
    [
        (read_activity_of_flows, "ix_flow_runs__flow_started"),
        (read_activity_of_deployments, "ix_flow_runs__deployment_started"),
    ],
)
async def test_the_last_runs_of_each_are_found_in_order_by_an_index(
    database: Database, read: Callable[[Transaction, ActivityQuery], Awaitable[object]], index: str
) -> None:
    last, _ = await plans(database, activity_of(read))
    assert index in last
    assert "Seq Scan on flow_runs" not in last
