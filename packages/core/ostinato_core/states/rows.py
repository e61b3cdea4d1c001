"""From rows to what the API answers: a state, be it of a history or a run's current one.

These functions stand on the path of every answer: they build plain dicts for orjson (ids and times stay objects).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

JsonDict = dict[str, Any]  # Any: members of a JSON object are of many types
Row = Mapping[str, Any]  # Any: columns are of many types

STATE_DETAILS: JsonDict = {
    "flow_run_id": None,
    "task_run_id": None,
    "child_flow_run_id": None,
    "scheduled_time": None,
    "cache_key": None,
    "cache_expiration": None,
    "deferred": False,
    "untrackable_result": False,
    "pause_timeout": None,
    "pause_reschedule": False,
    "pause_key": None,
    "run_input_keyset": None,
    "refresh_cache": None,
    "retriable": None,
    "transition_id": None,
    "task_parameters_id": None,
    "traceparent": None,
    "deployment_concurrency_lease_id": None,
}
"""All members of a state's details with their defaults; a row may hold only those that differ."""

TERMINAL = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


def details_json(stored: JsonDict | None) -> JsonDict:
    """Return a state's details with all members, from what is stored."""
    return {**STATE_DETAILS, **stored} if stored else {**STATE_DETAILS}


def state_json(row: Row) -> JsonDict:
    """Return a state of a history, from a row of `flow_run_states` or `task_run_states`."""
    return {
        "id": row["id"],
        "type": row["type"],
        "name": row["name"],
        "timestamp": row["timestamp"],
        "message": row["message"],
        "data": row["data"],
        "state_details": details_json(row["state_details"]),
    }


def current_state_json(row: Row) -> JsonDict | None:
    """Return the current state that a run's row holds, or None for a run without one."""
    if row["state_id"] is None:
        return None
    return {
        "id": row["state_id"],
        "type": row["state_type"],
        "name": row["state_name"],
        "timestamp": row["state_timestamp"],
        "message": row["state_message"],
        "data": row["state_data"],
        "state_details": details_json(row["state_details"]),
    }


def estimated_run_time(row: Row, now: datetime) -> float:
    """Return the seconds for which a run has run until `now`."""
    total: float = row["total_run_time"]
    if row["state_type"] == "RUNNING" and row["state_timestamp"] is not None:
        return total + (now - row["state_timestamp"]).total_seconds()
    return total


def estimated_start_time_delta(row: Row, now: datetime) -> float:
    """Return by how many seconds a run started, or is going to start, later than expected; never negative."""
    expected: datetime | None = row["expected_start_time"]
    if expected is None:
        return 0.0
    started: datetime | None = row["start_time"]
    if started is not None:
        return (started - expected).total_seconds() if started > expected else 0.0
    if now > expected and row["state_type"] not in TERMINAL:
        return (now - expected).total_seconds()
    return 0.0
