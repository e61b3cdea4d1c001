"""Between rows and what orchestration works on: the part that flow runs and task runs have in common."""

from datetime import timedelta
from typing import Any

from ostinato_core.orchestration.states import DEFAULT_DETAILS, RunState
from ostinato_core.orchestration.transition import Outcome, RunFacts
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.states import StateType


def state_of(row: Row) -> RunState | None:
    """Return the current state that a run's row holds."""
    if row["state_id"] is None:
        return None
    return RunState(
        row["state_id"],
        StateType(row["state_type"]),
        row["state_name"],
        row["state_timestamp"],
        row["state_message"],
        row["state_data"],
        row["state_details"] or {},
    )


def facts_of_any_run(row: Row) -> JsonDict:
    """Return the members of `RunFacts`, from the row of a flow run or a task run."""
    return {
        "id": row["id"],
        "name": row["name"],
        "state": state_of(row),
        "tags": row["tags"],
        "run_count": row["run_count"],
        "empirical_policy": row["empirical_policy"],
        "start_time": row["start_time"],
        "end_time": row["end_time"],
        "total_run_time": timedelta(seconds=row["total_run_time"]),
        "expected_start_time": row["expected_start_time"],
        "next_scheduled_start_time": row["next_scheduled_start_time"],
    }


def stored_details(state: RunState) -> JsonDict:
    """Return the details that differ from the defaults: the others are filled in at reading."""
    return {name: value for name, value in state.details.items() if value != DEFAULT_DETAILS.get(name)}


def current_state_columns(state: RunState, details: JsonDict) -> JsonDict:
    """Return the columns of a run's row that hold its current state."""
    return {
        "state_id": state.id,
        "state_type": state.type.value,
        "state_name": state.name,
        "state_timestamp": state.timestamp,
        "state_message": state.message,
        "state_details": details,
        "state_data": None if state.is_unpersisted() else state.data,
    }


def history_columns(tx: Transaction, state: RunState, details: JsonDict) -> JsonDict:
    """Return the columns of a row of a state history, beside whose state it is."""
    return {
        "id": state.id,
        "workspace_id": tx.workspace_id,
        "timestamp": state.timestamp,
        "type": state.type.value,
        "name": state.name,
        "message": state.message,
        "state_details": details,
        "data": None if state.is_unpersisted() else state.data,
    }


def run_columns(outcome: Outcome) -> JsonDict:
    """Return the changed columns of the run as the tables hold them: durations are seconds."""
    return {name: _seconds(value) for name, value in outcome.changes.items()}


def writable_columns(run: RunFacts) -> JsonDict:
    """Return all columns that rules may write, changed or not, as the tables hold them."""
    return {name: _seconds(getattr(run, name)) for name in run.WRITABLE}


def _seconds(value: Any) -> Any:  # Any: columns are of many types
    return value.total_seconds() if isinstance(value, timedelta) else value


def answer(outcome: Outcome) -> JsonDict:
    """Return the wire's `OrchestrationResult`."""
    current = outcome.current()
    return {"state": current.to_wire() if current else None, "status": outcome.status.value, "details": outcome.details}
