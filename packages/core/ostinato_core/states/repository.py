"""All SQL about the histories of states."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Table, bindparam, select

from ostinato_core.db.prepared import Prepared, prepare
from ostinato_core.db.tables import flow_run_states, task_run_states
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction


def _by_id(states: Table) -> Prepared:
    own = states.c.workspace_id == bindparam("workspace_id")
    return prepare(select(*states.c).where(states.c.id == bindparam("id"), own))


def _by_run(states: Table, run: str) -> Prepared:
    own = states.c.workspace_id == bindparam("workspace_id")
    of_run = select(*states.c).where(states.c[run] == bindparam("run_id"), own)
    return prepare(of_run.order_by(states.c.timestamp, states.c.id))


_FLOW_RUN_STATE = _by_id(flow_run_states)
_TASK_RUN_STATE = _by_id(task_run_states)
_FLOW_RUN_STATES = _by_run(flow_run_states, "flow_run_id")
_TASK_RUN_STATES = _by_run(task_run_states, "task_run_id")


async def find_of_flow_run(tx: Transaction, state_id: UUID) -> Row | None:
    """Return a state of a flow run's history, or None."""
    return await tx.first(_FLOW_RUN_STATE, {"id": state_id, "workspace_id": tx.workspace_id})


async def find_of_task_run(tx: Transaction, state_id: UUID) -> Row | None:
    """Return a state of a task run's history, or None."""
    return await tx.first(_TASK_RUN_STATE, {"id": state_id, "workspace_id": tx.workspace_id})


async def list_of_flow_run(tx: Transaction, flow_run_id: UUID) -> Sequence[Row]:
    """Return a flow run's states in order of time; none for a run that does not exist."""
    return await tx.rows(_FLOW_RUN_STATES, {"run_id": flow_run_id, "workspace_id": tx.workspace_id})


async def list_of_task_run(tx: Transaction, task_run_id: UUID) -> Sequence[Row]:
    """Return a task run's states in order of time; none for a run that does not exist."""
    return await tx.rows(_TASK_RUN_STATES, {"run_id": task_run_id, "workspace_id": tx.workspace_id})
