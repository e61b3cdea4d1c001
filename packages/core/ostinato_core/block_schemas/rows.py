"""From rows to what the API answers: a block schema with its block type."""

from ostinato_core.db.tables import block_schemas, block_types
from ostinato_core.states.rows import JsonDict, Row

TYPE_MEMBERS = tuple(column.name for column in block_types.c if column.name != "workspace_id")
"""What the API answers of a block type."""
_OWN_MEMBERS = tuple(column.name for column in block_schemas.c if column.name != "workspace_id")

COLUMNS = (
    *(block_schemas.c[name] for name in _OWN_MEMBERS),
    *(block_types.c[name].label(f"type_{name}") for name in TYPE_MEMBERS),
)
"""What `schema_json` needs, in a SELECT."""


def schema_json(row: Row) -> JsonDict:
    """Return a block schema as the API answers it."""
    schema = {name: row[name] for name in _OWN_MEMBERS}
    schema["block_type"] = type_json(row, "type")
    return schema


def type_json(row: Row, prefix: str) -> JsonDict:
    """Return the block type whose columns carry a prefix in a joined row."""
    return {name: row[f"{prefix}_{name}"] for name in TYPE_MEMBERS}
