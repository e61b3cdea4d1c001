"""Turns records of runs into log lines of the API and hands them to the shipper."""

from __future__ import annotations

import logging
import warnings
from datetime import UTC, datetime

from ostinato.exceptions import MissingContextError
from ostinato.logging.console import RECORD_ERRORS, UnlockedHandler, full_message
from ostinato.logging.masking import mask
from ostinato.logging.names import WIRE_NAMES
from ostinato.logging.shipping import LogShipper
from ostinato.settings import get_current_settings
from ostinato_wire.base import Json

TRUNCATED = "... [truncated]"


class ApiLogHandler(UnlockedHandler):
    """Ships records to the API, in the background.

    The run is taken from the record (`flow_run_id`, `task_run_id`) or from the context. Records with
    `extra={"send_to_api": False}` stay local. `logging.to_api.when_missing_flow` says what happens outside of runs.
    """

    def __init__(self) -> None:
        super().__init__()
        self._formatter = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue `record`. Raises MissingContextError outside of runs if the settings ask for it."""
        settings = get_current_settings().logging.to_api
        if not settings.enabled or not record.__dict__.get("send_to_api", True):
            return
        try:
            entry = self._entry(record, settings.max_log_size)
        except RECORD_ERRORS:
            self.handleError(record)
            return
        if entry["flow_run_id"] is None and entry["task_run_id"] is None:
            _outside_of_runs(record, settings.when_missing_flow)
            return
        shipper = LogShipper.find_instance()
        if shipper is not None:
            shipper.put(entry)

    def _entry(self, record: logging.LogRecord, max_bytes: int) -> dict[str, Json]:
        flow_run_id, task_run_id = _run_ids(record)
        return {
            "name": WIRE_NAMES.get(record.name, record.name),
            "level": record.levelno,
            "message": cut(mask(full_message(record, self._formatter)), max_bytes),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "flow_run_id": flow_run_id,
            "task_run_id": task_run_id,
        }


def _run_ids(record: logging.LogRecord) -> tuple[str | None, str | None]:
    members = record.__dict__
    flow_run_id, task_run_id = members.get("flow_run_id"), members.get("task_run_id")
    if flow_run_id is None and task_run_id is None:
        from ostinato.context import FlowRunContext, TaskRunContext

        task, flow = TaskRunContext.get(), FlowRunContext.get()
        task_run_id = task.task_run.id if task else None
        flow_run_id = task.task_run.flow_run_id if task else flow.flow_run.id if flow else None
    return str(flow_run_id) if flow_run_id else None, str(task_run_id) if task_run_id else None


def _outside_of_runs(record: logging.LogRecord, policy: str) -> None:
    text = (
        f"Logger {record.name!r} was used outside of a flow or task run, so the line is not sent to the API. "
        "Set OSTINATO_LOGGING_TO_API_WHEN_MISSING_FLOW=ignore to hide this."
    )
    if policy == "error":
        raise MissingContextError(text)
    if policy == "warn":
        warnings.warn(text, stacklevel=8)


def cut(message: str, max_bytes: int) -> str:
    """Return `message` in at most `max_bytes` bytes of UTF-8; one that is cut says so at its end."""
    if len(message) * 4 <= max_bytes:
        return message
    encoded = message.encode(errors="replace")
    if len(encoded) <= max_bytes:
        return message
    return encoded[: max(max_bytes - len(TRUNCATED), 0)].decode(errors="ignore") + TRUNCATED


APILogHandler = ApiLogHandler
"""The name that configurations have for it which come from the reference."""
