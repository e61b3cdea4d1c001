"""Bodies and parts of bodies that the contract tests send more than once."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.support.json import Json

DAILY: Json = {"interval": 86400, "anchor_date": "2026-01-01T00:00:00Z", "timezone": "Europe/Berlin"}
HOURLY: Json = {"cron": "0 * * * *", "timezone": "UTC"}

PARAMETER_SCHEMA: Json = {
    "title": "Parameters", "type": "object", "definitions": {},
    "properties": {"x": {"type": "integer", "title": "x", "position": 0, "default": 0}},
}  # fmt: skip

BLOCK_FIELDS: Json = {
    "type": "object", "required": ["path"], "secret_fields": ["password"], "block_schema_references": {},
    "properties": {"path": {"type": "string"}, "password": {"type": "string", "format": "password"}},
}  # fmt: skip

AUTOMATION: Json = {
    "name": "contract", "description": "Does nothing, after two events.", "tags": ["contract"],
    "trigger": {
        "type": "event", "posture": "Reactive", "threshold": 2, "within": 60, "expect": ["contract.never"],
        "match": {"prefect.resource.id": "contract.*"}, "for_each": ["prefect.resource.id"],
    },
    "actions": [{"type": "do-nothing"}, {"type": "pause-deployment", "source": "inferred"}],
}  # fmt: skip


def iso(moment: datetime) -> str:
    """Return a time as the wire writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def now() -> str:
    """Return this moment as the wire writes it."""
    return iso(datetime.now(UTC))


def event(**changed: Json) -> Json:
    """Return an event as a client sends it."""
    return {
        "id": str(uuid4()),
        "occurred": now(),
        "event": "contract.checked",
        "resource": {"prefect.resource.id": f"contract.{uuid4()}", "prefect.resource.name": "contract"},
        "related": [{"prefect.resource.id": "contract.other", "prefect.resource.role": "witness"}],
        "payload": {"n": 1},
    } | changed


def log_line(flow_run_id: str, task_run_id: str | None = None) -> Json:
    """Return a log line as a client sends it."""
    return {
        "name": "prefect.flow_runs", "level": 20, "message": "hello", "timestamp": now(),
        "flow_run_id": flow_run_id, "task_run_id": task_run_id,
    }  # fmt: skip


def window() -> Json:
    """Return the members that a history asks for: one hour around now in steps of ten minutes."""
    middle = datetime.now(UTC)
    return {
        "history_start": iso(middle - timedelta(minutes=30)),
        "history_end": iso(middle + timedelta(minutes=30)),
        "history_interval_seconds": 600,
    }
