"""Events of bulk jobs: who wants to know what was done to many runs reads it here."""

from typing import Final

from ostinato_core.events.new_event import NewEvent
from ostinato_core.states.rows import Row
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

KIND: Final = "ostinato.bulk-job"


def job_event(what: str, job: Row) -> NewEvent:
    """Return the event that tells of a job: `created`, `started`, `progressed`, or the status in which it ended."""
    counts = {name: job[name] for name in ("matched", "looked_at", "done", "refused")}
    by = job["created_by"]
    creator = {} if by is None else {RESOURCE_ID: f"prefect.{by['type'].lower()}.{by['id']}", RESOURCE_ROLE: "creator"}
    return {
        "event": f"{KIND}.{what}",
        "resource": {
            RESOURCE_ID: f"{KIND}.{job['id']}",
            RESOURCE_NAME: f"{job['action']} {job['matched']} flow runs",
            f"{KIND}.action": job["action"],
            f"{KIND}.status": job["status"],
        },
        "related": [creator] if creator else [],
        "payload": {
            **counts,
            "refusals": job["refusals"],
            "filters": job["filters"],
            "state": job["state"],
            "force": job["force"],
            "reason": job["reason"],
        },
    }
