"""The events that tell of a block document; they hold no secrets."""

from ostinato_core.block_documents.secrets import MASK, mask, secret_paths
from ostinato_core.events.new_event import NewEvent
from ostinato_core.states.rows import JsonDict, Row
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE


def document_event(change: str, row: Row, data: JsonDict) -> NewEvent:
    """Return the event; of the data it tells the members that are texts and no secrets."""
    shown = mask(data, secret_paths(row["schema_fields"]))
    return {
        "event": f"prefect.block-document.{change}",
        "resource": {RESOURCE_ID: f"prefect.block-document.{row['id']}", RESOURCE_NAME: row["name"]},
        "related": [
            {
                RESOURCE_ID: f"prefect.block-type.{row['block_type_id']}",
                RESOURCE_ROLE: "block-type",
                RESOURCE_NAME: row["type_name"],
            },
            {RESOURCE_ID: f"prefect.block-schema.{row['block_schema_id']}", RESOURCE_ROLE: "block-schema"},
        ],
        "payload": {
            "name": row["name"],
            "data": {name: value for name, value in shown.items() if isinstance(value, str) and value != MASK},
            "block_schema": {
                "capabilities": row["schema_capabilities"],
                "block_type": {"id": str(row["block_type_id"]), "name": row["type_name"]},
            },
        },
    }
