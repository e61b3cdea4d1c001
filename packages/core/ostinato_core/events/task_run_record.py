"""Recording what clients report of task runs: rows guarded by the time of their state, and a complete history."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Column, text

from ostinato_core.db.prepared import Prepared, prepare
from ostinato_core.db.tables import flow_runs, task_runs
from ostinato_core.events.log import microseconds
from ostinato_core.events.task_run_changes import DEFAULTS, TaskRunChange
from ostinato_core.transaction import Transaction
from ostinato_wire.states import TERMINAL_STATES

logger = logging.getLogger("ostinato.server.events")

_MEMBERS: Final = {
    "name": "text",
    "task_key": "text",
    "dynamic_key": "text",
    "cache_key": "text",
    "cache_expiration": "timestamptz",
    "task_version": "text",
    "empirical_policy": "jsonb",
    "tags": "jsonb",
    "labels": "jsonb",
    "task_inputs": "jsonb",
    "run_count": "integer",
    "flow_run_run_count": "integer",
    "expected_start_time": "timestamptz",
    "next_scheduled_start_time": "timestamptz",
    "start_time": "timestamptz",
    "end_time": "timestamptz",
    "total_run_time": "double precision",
}
"""Columns that an event may bring or leave as they are, with their types."""
_ALWAYS: Final = {
    "state_id": "uuid",
    "state_type": "text",
    "state_name": "text",
    "state_timestamp": "timestamptz",
    "state_message": "text",
    "state_details": "jsonb",
    "state_data": "jsonb",
    "updated": "timestamptz",
}
_IDENTITY: Final = {"id": "uuid", "workspace_id": "uuid", "created": "timestamptz", "flow_run_id": "uuid"}
_ROW: Final = {**_IDENTITY, **_MEMBERS, **_ALWAYS}
_STATE: Final = {
    "id": "uuid",
    "workspace_id": "uuid",
    "task_run_id": "uuid",
    "timestamp": "timestamptz",
    "type": "text",
    "name": "text",
    "message": "text",
    "state_details": "jsonb",
    "data": "jsonb",
}

FLOW_RUN_ENDED: Final = "The flow run ended while this task run was still running."
"""Message of the state that the server supposes for a task run whose end it was never told."""
_IS_SUPPOSED: Final = f"task_runs.state_type = 'CRASHED' AND task_runs.state_message = '{FLOW_RUN_ENDED}'"
"""A supposition gives way to the end that the client tells, however late: its journal is replayed after a crash."""
_ENDS: Final = ", ".join(f"'{type_.value}'" for type_ in sorted(TERMINAL_STATES))

Row = dict[str, Any]  # Any: values of many types
Group = tuple[bool, frozenset[str]]
"""Whether the runs are in a flow run, and which members their events bring."""


async def record_task_runs(tx: Transaction, changes: Sequence[TaskRunChange], also: Iterable[UUID] = ()) -> None:
    """Write the states that task runs were in, and their rows where the states are newer than what is stored.

    Changes whose flow run does not exist are left out and logged. Any order and any duplicates do no harm. `also` are
    flow runs to which the transaction is going to write something, too.
    """
    changes = await _of_known_flow_runs(tx, changes, also)
    if not changes:
        return
    await _adopt_stored_ids(tx, changes)
    groups: defaultdict[Group, list[Row]] = defaultdict(list)
    for change in newest(changes):
        groups[change.flow_run_id is not None, frozenset(change.columns)].append(_row(tx, change))
    for group in sorted(groups, key=lambda group: (group[0], sorted(group[1]))):
        rows = sorted(groups[group], key=lambda row: row["id"])
        await _run(tx, _upsert(tx.dialect.name, *group), _ROW, rows)
    states = sorted((_state(tx, change) for change in changes), key=lambda row: row["id"])
    await _run(tx, _insert_states(tx.dialect.name), _STATE, states)


def newest(changes: Iterable[TaskRunChange]) -> list[TaskRunChange]:
    """Return one change for each run: its newest state, with the members that it and the older ones bring.

    Of two states of the same time the first stands.
    """
    found: dict[UUID, TaskRunChange] = {}
    merged: dict[UUID, dict[str, Any]] = {}  # Any: values of many types
    for change in sorted(changes, key=lambda change: change.timestamp):
        before = found.get(change.task_run_id)
        if before is None:
            merged[change.task_run_id] = change.columns
        elif before.timestamp < change.timestamp:
            merged[change.task_run_id] = merged[change.task_run_id] | change.columns
        else:
            continue
        found[change.task_run_id] = change
    for id, change in found.items():
        change.columns = merged[id]
    return list(found.values())


async def _of_known_flow_runs(
    tx: Transaction, changes: Sequence[TaskRunChange], also: Iterable[UUID]
) -> list[TaskRunChange]:
    """Return the changes whose flow runs exist, and see to it that no flow run is deleted from now on."""
    wanted = {change.flow_run_id for change in changes if change.flow_run_id is not None}
    if not wanted:
        return list(changes)
    postgres = tx.dialect.name == "postgresql"
    ids = [id if postgres else id.hex for id in wanted.union(also)]
    found = await tx.rows(_KNOWN_FLOW_RUNS[tx.dialect.name], {"ids": ids if postgres else orjson.dumps(ids).decode()})
    known: set[UUID | None] = {row["id"] for row in found}
    known.add(None)
    missing = [change for change in changes if change.flow_run_id not in known]
    if missing:
        logger.warning(
            "%d events are stored, but their task runs are not recorded: there is no such flow run",
            len(missing),
            extra={"flow_run_id": missing[0].flow_run_id, "task_run_id": missing[0].task_run_id},
        )
    return [change for change in changes if change.flow_run_id in known]


def _prepare_both(*columns: Column[Any], postgresql: str, sqlite: str) -> dict[str, Prepared]:  # Any: of many types
    """Return a query that yields `columns`, by dialect."""
    queries = {"postgresql": postgresql, "sqlite": sqlite}
    return {dialect: prepare(text(query).columns(*columns)) for dialect, query in queries.items()}


# Who deletes a flow run locks it, and then its task runs. So what is about to refer to it locks it first, too, as the
# foreign keys would later. Changes of a flow run's state are not held up.
_KNOWN_FLOW_RUNS: Final = _prepare_both(
    flow_runs.c.id,
    postgresql="SELECT id FROM flow_runs WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR KEY SHARE",
    sqlite="SELECT id FROM flow_runs WHERE id IN (SELECT value FROM json_each(:ids))",
)


async def _adopt_stored_ids(tx: Transaction, changes: Sequence[TaskRunChange]) -> None:
    """Give each change the id under which its natural key is stored, or was first seen in this batch."""
    by_key: dict[tuple[UUID | None, str, str], UUID] = {}
    for change in changes:
        if change.flow_run_id is not None:
            by_key.setdefault(change.key, change.task_run_id)
    if not by_key:
        return
    for row in await tx.rows(_STORED_ELSEWHERE[tx.dialect.name], _keys(tx, by_key)):
        by_key[row["flow_run_id"], row["task_key"], row["dynamic_key"]] = row["id"]
    for change in changes:
        if change.flow_run_id is not None:
            change.task_run_id = by_key[change.key]


def _keys(tx: Transaction, by_key: dict[tuple[UUID | None, str, str], UUID]) -> Row:
    if tx.dialect.name == "postgresql":
        return {
            "ids": list(by_key.values()),
            "flow_run_ids": [key[0] for key in by_key],
            "task_keys": [key[1] for key in by_key],
            "dynamic_keys": [key[2] for key in by_key],
        }
    return {
        "keys": orjson.dumps(
            [(id.hex, key[0].hex if key[0] else None, *key[1:]) for key, id in by_key.items()]
        ).decode()
    }


_STORED_ELSEWHERE: Final = _prepare_both(
    *(task_runs.c[name] for name in ("id", "flow_run_id", "task_key", "dynamic_key")),
    postgresql="""
        SELECT stored.id, stored.flow_run_id, stored.task_key, stored.dynamic_key
        FROM unnest(CAST(:ids AS uuid[]), CAST(:flow_run_ids AS uuid[]), CAST(:task_keys AS text[]),
                    CAST(:dynamic_keys AS text[])) AS given(id, flow_run_id, task_key, dynamic_key)
        JOIN task_runs AS stored ON stored.flow_run_id = given.flow_run_id AND stored.task_key = given.task_key
            AND stored.dynamic_key = given.dynamic_key
        WHERE stored.id <> given.id""",
    sqlite="""
        SELECT stored.id, stored.flow_run_id, stored.task_key, stored.dynamic_key
        FROM json_each(:keys) AS given CROSS JOIN task_runs AS stored
            ON stored.flow_run_id = json_extract(given.value, '$[1]')
            AND stored.task_key = json_extract(given.value, '$[2]')
            AND stored.dynamic_key = json_extract(given.value, '$[3]')
        WHERE stored.id <> json_extract(given.value, '$[0]')""",
)


def _row(tx: Transaction, change: TaskRunChange) -> Row:
    return {
        **dict.fromkeys(_MEMBERS),
        **DEFAULTS,
        "name": change.fallback_name,
        **change.columns,
        "id": change.task_run_id,
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "updated": tx.now,
        "flow_run_id": change.flow_run_id,
        "state_id": change.state_id,
        "state_type": change.type,
        "state_name": change.name,
        "state_timestamp": change.timestamp,
        "state_message": change.message,
        "state_details": change.state_details,
        "state_data": change.data,
    }


def _state(tx: Transaction, change: TaskRunChange) -> Row:
    return {
        "id": change.state_id,
        "workspace_id": tx.workspace_id,
        "task_run_id": change.task_run_id,
        "timestamp": change.timestamp,
        "type": change.type,
        "name": change.name,
        "message": change.message,
        "state_details": change.state_details,
        "data": change.data,
    }


async def _run(tx: Transaction, statement: Prepared, columns: dict[str, str], rows: list[Row]) -> None:
    if tx.dialect.name == "postgresql":
        await tx.run(statement, {name: [row[name] for row in rows] for name in columns})
    else:
        await tx.run(statement, [{name: _native(row[name]) for name in columns} for row in rows])


def _native(value: Any) -> Any:  # Any: of many types
    if isinstance(value, UUID):
        return value.hex
    return microseconds(value) if isinstance(value, datetime) else value


@cache
def _upsert(dialect: str, in_flow_run: bool, members: frozenset[str]) -> Prepared:
    target = "flow_run_id, task_key, dynamic_key" if in_flow_run else "id"
    written = [name for name in _MEMBERS if name in members] + list(_ALWAYS)
    assignments = ", ".join(f"{name} = excluded.{name}" for name in written)
    return prepare(
        text(
            f"{_insert('task_runs', _ROW, dialect)} ON CONFLICT ({target}) DO UPDATE SET {assignments} "
            "WHERE task_runs.state_timestamp IS NULL OR task_runs.state_timestamp < excluded.state_timestamp "
            f"OR ({_IS_SUPPOSED} AND excluded.state_type IN ({_ENDS}))"
        )
    )


@cache
def _insert_states(dialect: str) -> Prepared:
    return prepare(text(f"{_insert('task_run_states', _STATE, dialect)} ON CONFLICT DO NOTHING"))


def _insert(table: str, columns: dict[str, str], dialect: str) -> str:
    """Return an INSERT of all rows at once: from arrays on Postgres, for executemany on SQLite."""
    names = ", ".join(f'"{name}"' for name in columns)
    if dialect == "sqlite":
        values = ", ".join(f":{name}" for name in columns)
        return f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - names of columns
    # JSON comes as text: an array of jsonb would be converted value by value in Python.
    transport = {name: "text" if kind == "jsonb" else kind for name, kind in columns.items()}
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in transport.items())
    values = ", ".join(
        f'CAST(n."{name}" AS jsonb)' if kind == "jsonb" else f'n."{name}"' for name, kind in columns.items()
    )
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM unnest({arrays}) AS n({names})"  # noqa: S608 - as above
