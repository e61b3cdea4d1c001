"""From rows to what the API answers: log lines."""

from ostinato_core.db.tables import logs
from ostinato_core.ids import time_of_id
from ostinato_core.states.rows import JsonDict, Row

COLUMNS = tuple(column for column in logs.c if column.name != "workspace_id")
"""What `log_json` needs, in a SELECT."""


def log_json(row: Row) -> JsonDict:
    """Return a log line as the API answers it. A line never changes; when it was stored is told by its id."""
    stored = time_of_id(row["id"])
    return {
        "id": row["id"],
        "created": stored,
        "updated": stored,
        "name": row["name"],
        "level": row["level"],
        "message": row["message"],
        "timestamp": row["timestamp"],
        "flow_run_id": row["flow_run_id"],
        "task_run_id": row["task_run_id"],
    }
