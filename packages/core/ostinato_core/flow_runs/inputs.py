"""Inputs of flow runs: what people and other runs send to a run while it waits or works."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select

from ostinato_core.db.prepared import prepare, prepare_insert_or_ignore
from ostinato_core.db.tables import flow_run_inputs
from ostinato_core.flow_runs import repository
from ostinato_core.flow_runs.errors import FlowRunInputExists, FlowRunInputNotFound, FlowRunNotFound
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.flow_runs import FlowRunInputCreate, FlowRunInputFilter

_INPUT = flow_run_inputs.c
_COLUMNS = tuple(column for column in _INPUT if column.name != "workspace_id")
_BY_KEY = (
    _INPUT.flow_run_id == bindparam("flow_run_id"),
    _INPUT.key == bindparam("key"),
    _INPUT.workspace_id == bindparam("workspace_id"),
)
_VALUE = prepare(select(_INPUT.value).where(*_BY_KEY))
_DELETE = prepare(delete(flow_run_inputs).where(*_BY_KEY))
_INSERT = prepare_insert_or_ignore(flow_run_inputs, "flow_run_id", "key")


async def create_input(tx: Transaction, flow_run_id: UUID, given: FlowRunInputCreate) -> None:
    """Store an input. Errors: FlowRunNotFound, FlowRunInputExists."""
    if await repository.find(tx, flow_run_id) is None:
        raise FlowRunNotFound
    row = {
        "id": new_id(),
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "updated": tx.now,
        "flow_run_id": flow_run_id,
        "key": given.key,
        "value": given.value,
        "sender": given.sender,
    }
    if await tx.run(_INSERT, row) == 0:
        raise FlowRunInputExists


async def read_inputs(tx: Transaction, flow_run_id: UUID, wanted: FlowRunInputFilter) -> list[JsonDict]:
    """Return inputs of a run whose key has the prefix, the oldest first; a negative limit is none."""
    statement = (
        select(*_COLUMNS)
        .where(
            _INPUT.flow_run_id == flow_run_id,
            _INPUT.workspace_id == tx.workspace_id,
            _INPUT.key.startswith(wanted.prefix, autoescape=True),
        )
        .order_by(_INPUT.created, _INPUT.id)
    )
    if wanted.exclude_keys:
        statement = statement.where(_INPUT.key.not_in(wanted.exclude_keys))
    if wanted.limit >= 0:
        statement = statement.limit(wanted.limit)
    return [_input_json(row) for row in await tx.rows(statement)]


async def read_input_value(tx: Transaction, flow_run_id: UUID, key: str) -> str:
    """Return the value of an input, as it was given. Errors: FlowRunInputNotFound."""
    value: str | None = await tx.value(_VALUE, _keys(tx, flow_run_id, key))
    if value is None:
        raise FlowRunInputNotFound
    return value


async def delete_input(tx: Transaction, flow_run_id: UUID, key: str) -> None:
    """Delete an input. Errors: FlowRunInputNotFound."""
    if await tx.run(_DELETE, _keys(tx, flow_run_id, key)) == 0:
        raise FlowRunInputNotFound


def _keys(tx: Transaction, flow_run_id: UUID, key: str) -> Mapping[str, Any]:  # Any: values of many types
    return {"flow_run_id": flow_run_id, "key": key, "workspace_id": tx.workspace_id}


def _input_json(row: Row) -> JsonDict:
    return dict(row)
