"""Reading the histories of states."""

from uuid import UUID

from ostinato_core.states import repository
from ostinato_core.states.errors import StateNotFound
from ostinato_core.states.rows import JsonDict, state_json
from ostinato_core.transaction import Transaction


async def read_flow_run_state(tx: Transaction, state_id: UUID) -> JsonDict:
    """Return one state of a flow run's history. Errors: StateNotFound."""
    row = await repository.find_of_flow_run(tx, state_id)
    if row is None:
        raise StateNotFound
    return state_json(row)


async def read_task_run_state(tx: Transaction, state_id: UUID) -> JsonDict:
    """Return one state of a task run's history. Errors: StateNotFound."""
    row = await repository.find_of_task_run(tx, state_id)
    if row is None:
        raise StateNotFound
    return state_json(row)


async def read_flow_run_states(tx: Transaction, flow_run_id: UUID) -> list[JsonDict]:
    """Return a flow run's states in order of time."""
    return [state_json(row) for row in await repository.list_of_flow_run(tx, flow_run_id)]


async def read_task_run_states(tx: Transaction, task_run_id: UUID) -> list[JsonDict]:
    """Return a task run's states in order of time."""
    return [state_json(row) for row in await repository.list_of_task_run(tx, task_run_id)]
