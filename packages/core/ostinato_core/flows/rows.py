"""From rows to what the API answers: flows."""

from ostinato_core.db.tables import flows
from ostinato_core.states.rows import JsonDict, Row

COLUMNS = tuple(column for column in flows.c if column.name != "workspace_id")
"""What `flow_json` needs, in a SELECT."""


def flow_json(row: Row) -> JsonDict:
    """Return a flow as the API answers it."""
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "name": row["name"],
        "tags": row["tags"],
        "labels": row["labels"],
    }
