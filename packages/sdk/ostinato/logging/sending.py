"""Sends batches of log lines so that each arrives once: where an answer was lost, the server is asked what it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

import httpx
import orjson

from ostinato.client.errors import is_away
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.filters import AnyId, NullableId, TimeFilter
from ostinato_wire.logs import LogCreate, LogFilter, LogSort

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ostinato.settings import Settings


MARGIN = timedelta(milliseconds=1)
"""Around the time of lines that are asked for: times are rounded on their way."""


class LogSender:
    """A client for log lines alone; open it by `with`. It tries once: who calls decides on another try."""

    def __init__(self, settings: Settings, api_url: str) -> None:
        patient = settings.client.model_copy(update={"max_retries": 0})
        self._client = SyncOstinatoClient(settings.model_copy(update={"client": patient}), api_url)

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.__exit__()

    def send(self, lines: Sequence[bytes], *, is_repeated: bool = False) -> None:
        """Send lines (JSON of `LogCreate`); if `is_repeated`, only those that the server has not got.

        Lines have no id on the wire, so those that are alike to the microsecond are counted. A server that does not
        tell what it has gets all. Raises httpx.HTTPError.
        """
        if is_repeated:
            try:
                lines = self._missing(lines)
            except httpx.HTTPStatusError as error:
                if is_away(error):
                    raise
        if lines:
            self._client.request("POST", "/logs/", content=b"[" + b",".join(lines) + b"]")

    def _missing(self, lines: Sequence[bytes]) -> list[bytes]:
        wanted = [(line, LogCreate.model_validate_json(line)) for line in lines]
        stored = Counter(_identity(log) for log in self._stored([log for _, log in wanted]))
        missing: list[bytes] = []
        for line, log in wanted:
            identity = _identity(log)
            if stored[identity]:
                stored[identity] -= 1
            else:
                missing.append(line)
        return missing

    def _stored(self, lines: Sequence[LogCreate]) -> Iterator[LogCreate]:
        """Yield what the server has of the runs and the time that the lines are of."""
        flow_runs = {line.flow_run_id for line in lines if line.flow_run_id is not None}
        alone = {line.task_run_id for line in lines if line.flow_run_id is None and line.task_run_id is not None}
        times = [line.timestamp for line in lines]
        when = TimeFilter(after_=min(times) - MARGIN, before_=max(times) + MARGIN)
        if flow_runs:
            yield from self._read(LogFilter(timestamp=when, flow_run_id=AnyId(any_=_ordered(flow_runs))))
        if alone:
            yield from self._read(LogFilter(timestamp=when, task_run_id=NullableId(any_=_ordered(alone))))

    def _read(self, wanted: LogFilter) -> Iterator[LogCreate]:
        offset = 0
        while True:
            page = self._client.read_logs(wanted, offset=offset, sort=LogSort.TIMESTAMP_ASC)
            if not page:
                return
            yield from page
            offset += len(page)


def _ordered(ids: set[UUID]) -> list[UUID]:
    return sorted(ids)


def _identity(log: LogCreate) -> Hashable:
    """What tells a line from others; the server leaves out NUL characters."""
    message = log.message.replace("\0", "")
    return log.flow_run_id, log.task_run_id, log.timestamp, log.level, log.name, message


def line_of_flow_run(flow_run_id: UUID, message: str, level: int, timestamp: str) -> bytes:
    """Return a line about a flow run, as JSON; `timestamp` in ISO format with its zone."""
    line = {"name": "prefect.flow_runs", "level": level, "message": message, "timestamp": timestamp}
    return orjson.dumps({**line, "flow_run_id": str(flow_run_id), "task_run_id": None})
