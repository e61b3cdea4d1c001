"""Events of incidents, by the names that they have on the reference's Cloud."""

from typing import Any, Final

from ostinato_core.events.new_event import NewEvent
from ostinato_core.states.rows import JsonDict, Row
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

KIND: Final = "prefect-cloud.incident"


def incident_event(what: str, row: Row, payload: JsonDict) -> NewEvent:
    """Return the event that tells what became of an incident: `declared`, `resolved`, `updated.<member>`, ..."""
    affected = [{RESOURCE_ROLE: "affected", **labels} for labels in row["related_resources"]]
    tags = [{RESOURCE_ID: f"prefect.tag.{tag}", RESOURCE_ROLE: "tag"} for tag in row["tags"]]
    return {
        "event": f"{KIND}.{what}",
        "resource": {
            RESOURCE_ID: f"{KIND}.{row['id']}",
            RESOURCE_NAME: row["name"],
            f"{KIND}.status": row["status"],
            f"{KIND}.severity": row["severity"],
        },
        "related": [*affected, *tags],
        "payload": payload,
    }


def changes_of(before: Row, after: Row, members: tuple[str, ...]) -> dict[str, dict[str, Any]]:  # Any: JSON values
    """Return the members that differ, each with what it was and is."""
    return {name: {"from": before[name], "to": after[name]} for name in members if before[name] != after[name]}
