"""Telling on the run itself that something was reported late: an event for machines, a log line for people."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from ostinato.journal.notes import runs_since
from ostinato.journal.tally import runs_of_events
from ostinato.logging.sending import line_of_flow_run
from ostinato.logging.shipping import LogShipper

if TYPE_CHECKING:
    from ostinato.settings import Settings

REPORTED_LATE: Final = "ostinato.flow-run.reported-late"
"""The event; its payload says why (`cause`: `server-away`, `process-died`), from when to when, and how many."""
SERVER_AWAY: Final = "server-away"
PROCESS_DIED: Final = "process-died"


def tell_of_return(settings: Settings, api_url: str, since: datetime, waiting: Iterable[bytes]) -> list[bytes]:
    """Tell each run of this process that the server was away; return the events (JSON), which are not sent yet.

    `waiting` are the events (JSON) that wait in this process.
    """
    now, events_of = datetime.now(UTC), runs_of_events(waiting)
    shipper = LogShipper.of_server(settings, api_url)
    told: list[bytes] = []
    for run, related in runs_since(api_url, since):
        events, lost_lines = events_of[str(run.id)], shipper.pop_lost(str(run.id))
        payload = {
            "cause": SERVER_AWAY,
            "since": since.isoformat(),
            "until": now.isoformat(),
            "events": events,
            "lost_log_lines": lost_lines,
        }
        others = [labels for labels in related if labels["prefect.resource.role"] != "flow-run"]
        told.append(reported_late(run.id, run.name, payload, others))
        text = (
            f"The server was away from {_clock(since)} to {_clock(now)}. The run went on; "
            f"{events} events of it that waited in this process are reported now."
        )
        if lost_lines:
            text += f" {lost_lines} log lines of it are lost: too many were waiting."
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
