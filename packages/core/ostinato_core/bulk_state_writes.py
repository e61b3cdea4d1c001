"""Writing the decided states of many runs at once: on Postgres one statement, whatever the number of runs.

A run that somebody else has moved since it was read is left out, and so is, unless the caller waits for it, one that
somebody is just moving: several processes may be at the same runs at once and each run is moved by one of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Float, Integer, Text, column, text

from ostinato_core.db.prepared import Prepared, prepare, prepare_insert, prepared_update
from ostinato_core.db.tables import flow_run_states, task_run_states
from ostinato_core.db.types import Id, Json, Timestamp, dumps
from ostinato_core.events.new_event import NewEvent
from ostinato_core.events.outbox import record
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Outcome, RunFacts
from ostinato_core.run_states import current_state_columns, history_columns, stored_details, writable_columns
from ostinato_core.state_writes import FLOW_RUNS, Kind
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction

_INSERTS: Final = {table: prepare_insert(table) for table in (flow_run_states, task_run_states)}
_KEYS: Final = ("key", "guard")


@dataclass(frozen=True, slots=True)
class Move:
    """A run as it was read, in some state; what was decided, with a state to write; and the event that tells of it."""

    run: RunFacts
    outcome: Outcome
    event: NewEvent | None = None


async def move_runs(tx: Transaction, kind: Kind, moves: Sequence[Move], *, wait: bool = False) -> set[UUID]:
    """Write the states and tell of them; return the ids of the runs that were moved.

    `wait`: for those who are just moving one of the runs; else such a run is left out. What the outcomes say is to be
    done after is left to the caller.
    """
    moves = sorted(moves, key=lambda move: move.run.id)
    if not moves:
        return set()
    if tx.dialect.chains_writes:
        moved = await _move_in_one(tx, kind, moves, wait=wait)
    else:
        moved = {move.run.id for move in moves if await _move(tx, kind, move)}
    await record(tx, *(move.event for move in moves if move.event is not None and move.run.id in moved))
    return moved


async def _move(tx: Transaction, kind: Kind, move: Move) -> bool:
    values = _values(tx, move)
    keys = {"key": move.run.id, "guard": _decided_on(move)}
    if await tx.run(prepared_update(kind.runs, tuple(values), guard="state_id"), values | keys) != 1:
        return False
    state = _state(move)
    history = {**history_columns(tx, state, stored_details(state)), _owner(kind): move.run.id}
    await tx.run(_INSERTS[kind.states], history)
    return True


async def _move_in_one(tx: Transaction, kind: Kind, moves: Sequence[Move], *, wait: bool) -> set[UUID]:
    rows = [_values(tx, move) for move in moves]
    columns: JsonDict = {
        "workspace_id": tx.workspace_id,
        "key": [move.run.id for move in moves],
        "guard": [_decided_on(move) for move in moves],
    }
    for name in rows[0]:
        given = [row[name] for row in rows]
        is_json = isinstance(kind.runs.c[name].type, Json)
        # JSON goes as text: an array of jsonb would be converted value by value.
        columns[name] = [None if value is None else dumps(value) for value in given] if is_json else given
    found = await tx.rows(_statement(kind, tuple(rows[0]), wait=wait), columns)
    return {row["id"] for row in found}


def _values(tx: Transaction, move: Move) -> JsonDict:
    """Return the columns that are written, the same ones for all runs of a kind."""
    state = _state(move)
    written = current_state_columns(state, stored_details(state))
    return {**writable_columns(move.outcome.run), **written, "updated": tx.now}


def _decided_on(move: Move) -> UUID:
    assert move.run.state is not None  # see `Move`
    return move.run.state.id


def _state(move: Move) -> RunState:
    assert move.outcome.state is not None  # see `Move`
    return move.outcome.state


def _owner(kind: Kind) -> str:
    return "flow_run_id" if kind is FLOW_RUNS else "task_run_id"


@cache
def _statement(kind: Kind, names: tuple[str, ...], *, wait: bool) -> Prepared:
    table, states = kind.runs.name, kind.states.name
    types = {name: _transport(kind, name) for name in names}
    arrays = ", ".join(f"CAST(:{name} AS {type_}[])" for name, type_ in types.items())
    listed = ", ".join(names)
    assigned = ", ".join(f"{name} = {_value(kind, name, 'given')}" for name in names)
    details, data = _value(kind, "state_details", "moved"), _value(kind, "state_data", "moved")
    how = "" if wait else "SKIP LOCKED"
    sql = f"""
WITH given AS (
    SELECT * FROM unnest(CAST(:key AS uuid[]), CAST(:guard AS uuid[]), {arrays}) AS n({", ".join(_KEYS)}, {listed})
), locked AS (
    SELECT run.id FROM {table} AS run JOIN given ON run.id = given.key AND run.state_id = given.guard
    ORDER BY run.id FOR UPDATE OF run {how}
), moved AS (
    UPDATE {table} AS run SET {assigned} FROM given JOIN locked ON locked.id = given.key
    WHERE run.id = given.key AND run.state_id = given.guard
    RETURNING run.id, given.*
), history AS (
    INSERT INTO {states} (id, workspace_id, {_owner(kind)}, timestamp, type, name, message, state_details, data)
    SELECT moved.state_id, CAST(:workspace_id AS uuid), moved.id, moved.state_timestamp, moved.state_type,
           moved.state_name, moved.state_message, {details}, {data}
    FROM moved
)
SELECT moved.id FROM moved"""  # noqa: S608 - names of tables and columns
    return prepare(text(sql).columns(column("id", Id)))


def _value(kind: Kind, name: str, source: str) -> str:
    value = f"{source}.{name}"
    return f"CAST({value} AS jsonb)" if isinstance(kind.runs.c[name].type, Json) else value


def _transport(kind: Kind, name: str) -> str:
    """Return the type of a column's values on their way to Postgres."""
    type_: Any = kind.runs.c[name].type  # Any: a type is generic over its Python type
    if isinstance(type_, Timestamp):
        return "timestamptz"
    if isinstance(type_, Json | Text):
        return "text"
    if isinstance(type_, Float):
        return "double precision"
    return "integer" if isinstance(type_, Integer) else "uuid"
