"""Telling on the run itself that something was reported late: an event for machines, a log line for people."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from ostinato.journal.notes import runs_since
from ostinato.logging.sending import line_of_flow_run
from ostinato.logging.shipping import LogShipper

if TYPE_CHECKING:
    from ostinato.settings import Settings

REPORTED_LATE: Final = "ostinato.flow-run.reported-late"
"""The event; its payload says why (`cause`: `server-away`, `process-died`), from when to when, and how many."""
SERVER_AWAY: Final = "server-away"
PROCESS_DIED: Final = "process-died"


def tell_of_return(settings: Settings, api_url: str, since: datetime, waiting: int) -> list[bytes]:
    """Tell each run of this process that the server was away; return the events (JSON), which are not sent yet."""
    now = datetime.now(UTC)
    told: list[bytes] = []
    for run, related in runs_since(api_url, since):
        payload = {
            "cause": SERVER_AWAY,
            "since": since.isoformat(),
            "until": now.isoformat(),
            "events": waiting,
        }
        others = [labels for labels in related if labels["prefect.resource.role"] != "flow-run"]
        told.append(reported_late(run.id, run.name, payload, others))
        text = (
            f"The server was away from {_clock(since)} to {_clock(now)}. The run went on; "
            f"{waiting} events that waited in this process are reported now."
        )
        tell_in_log(settings, api_url, run.id, text)
    return told


def reported_late(
    flow_run_id: UUID,
    name: str,
    payload: dict[str, Any],  # Any: JSON
    related: list[dict[str, str]] | None = None,
) -> bytes:
    """Return the event, as JSON."""
    event = {
        "id": str(uuid7()),
        "event": REPORTED_LATE,
        "occurred": datetime.now(UTC).isoformat(),
        "follows": None,
        "resource": {"prefect.resource.id": f"prefect.flow-run.{flow_run_id}", "prefect.resource.name": name},
        "related": related or [],
        "payload": payload,
    }
    return orjson.dumps(event)


def tell_in_log(settings: Settings, api_url: str, flow_run_id: UUID, text: str, level: int = logging.WARNING) -> None:
    """Ship a line to the log of a run that may not be one of this process."""
    if not settings.logging.to_api.enabled:
        return
    line = line_of_flow_run(flow_run_id, text, level, datetime.now(UTC).isoformat())
    LogShipper.of_server(settings, api_url).put_json(line)


def _clock(time: datetime) -> str:
    return time.strftime("%H:%M:%S UTC")
