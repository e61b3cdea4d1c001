"""Writing a decided state: the run's row, the history of its states and the event that tells of it belong together.

On Postgres they are one statement, so that a state change costs one round trip and holds no lock between statements.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Table

from ostinato_core.db.prepared import Prepared, chain_parameters, prepare_insert, prepared_chain, prepared_update
from ostinato_core.db.tables import events, flow_run_states, flow_runs, task_run_states, task_runs
from ostinato_core.errors import LostRace
from ostinato_core.events.log import wake_readers
from ostinato_core.events.new_event import NewEvent
from ostinato_core.orchestration.states import RunState
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction
from ostinato_wire.events import RESOURCE_ID

_INSERTS = {table: prepare_insert(table) for table in (flow_runs, flow_run_states, task_runs, task_run_states, events)}


@dataclass(frozen=True, slots=True)
class Kind:
    """Where runs of a kind and their states are kept."""

    runs: Table
    states: Table


FLOW_RUNS = Kind(flow_runs, flow_run_states)
TASK_RUNS = Kind(task_runs, task_run_states)


async def insert_run(
    tx: Transaction, kind: Kind, row: JsonDict, history: JsonDict, event: NewEvent | None, *, alone: bool
) -> None:
    """Insert a run with its first state. `alone`: the operation writes nothing else."""
    rows = _rows(tx, kind, history, event)
    if tx.dialect.chains_writes:
        statement = prepared_chain((kind.runs, *(table for table, _ in rows)))
        await _run_chain(tx, [(kind.runs, row), *rows], statement, {}, alone=alone)
        return
    await tx.run(_INSERTS[kind.runs], row)
    for table, values in rows:
        await tx.run(_INSERTS[table], values)


async def move_run(
    tx: Transaction,
    kind: Kind,
    run_id: UUID,
    decided_on: RunState | None,
    values: JsonDict,
    history: JsonDict,
    event: NewEvent | None,
    *,
    alone: bool,
) -> None:
    """Write a run's new state, if its state still is the one that was decided on.

    `alone`: the operation writes nothing else. Errors: LostRace where another writer was faster: the operation is
    then run again, and decides again.
    """
    rows = _rows(tx, kind, history, event)
    guard = "state_id" if decided_on is not None else None
    keys: JsonDict = {"key": run_id, "guard": decided_on.id} if decided_on is not None else {"key": run_id}
    if tx.dialect.chains_writes:
        statement = prepared_chain((kind.runs, *(table for table, _ in rows)), tuple(values), guard=guard)
        await _run_chain(tx, [(kind.runs, values), *rows], statement, keys, alone=alone)
        return
    if await tx.run(prepared_update(kind.runs, tuple(values), guard=guard), values | keys) != 1:
        raise LostRace
    for table, row in rows:
        await tx.run(_INSERTS[table], row)


def _rows(tx: Transaction, kind: Kind, history: JsonDict, event: NewEvent | None) -> list[tuple[Table, JsonDict]]:
    rows = [(kind.states, history)]
    if event is not None:
        rows.append((events, _event_row(tx, event)))
        tx.after_commit(wake_readers)
    return rows


def _event_row(tx: Transaction, event: NewEvent) -> JsonDict:
    return {
        "id": event.get("id"),
        "workspace_id": tx.workspace_id,
        "occurred": event.get("occurred"),
        "received": tx.now,
        "event": event["event"],
        "resource_id": event["resource"][RESOURCE_ID],
        "resource": event["resource"],
        "related": event.get("related", []),
        "payload": event.get("payload", {}),
        "follows": event.get("follows"),
    }


async def _run_chain(
    tx: Transaction, rows: list[tuple[Table, JsonDict]], statement: Prepared, keys: JsonDict, *, alone: bool
) -> None:
    parameters = dict(keys)
    for table, row in rows:
        parameters.update(chain_parameters(table, row))
    written = await (tx.run_alone(statement, parameters) if alone else tx.run(statement, parameters))
    if written != 1:
        raise LostRace
