"""One background thread per process and server that sends log lines in batches."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter, deque
from collections.abc import Mapping
from threading import Condition, Lock, Thread
from typing import TYPE_CHECKING, NamedTuple, Protocol

import orjson

from ostinato.journal.ring import Stream
from ostinato.shutdown import Phase, at_exit
from ostinato_wire.base import Json

if TYPE_CHECKING:
    from ostinato.logging.sending import LogSender
    from ostinato.settings import Settings

MEMORY_BYTES = 64 * 1024 * 1024
"""Bytes of lines that wait at most, and `batch_size` at least; later ones are dropped, counted and told."""
ENTRY_BYTES = 300
"""Bytes of a line beside its message, about."""
PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds between two tries while the server is away: the first pause, which doubles, and the longest."""
BATCH_LINES = 1000
"""Lines of a batch at most, so that a slow server gets on by small steps."""
EXIT_PATIENCE_SECONDS = 5.0
"""How long the end of the process waits without any batch getting through."""
EXIT_LIMIT_SECONDS = 30.0
"""How long it waits at most while batches do get through."""


class _Line(NamedTuple):
    """One line as JSON; `is_repeated` if the server may have it already."""

    json: bytes
    is_repeated: bool


class LogSink(Protocol):
    """Takes the log lines of this process."""

    def put(self, entry: Mapping[str, Json]) -> None:
        """Queue one line (members of `LogCreate`, as JSON values)."""
        ...


class LogShipper:
    """Collects lines and sends them by `POST /logs/` when a batch is full or `batch_interval` has passed.

    While the server is away lines wait here, and in the journal, where a crash does not lose them.
    """

    def __init__(self, settings: Settings, api_url: str) -> None:
        # Imported by the caller's thread: a fork while another thread imports leaves the child a half-made module.
        from ostinato.journal.book import find_journal
        from ostinato.logging.sending import LogSender

        self.api_url = api_url
        self._sender = LogSender(settings, api_url)
        self._journal = find_journal(settings, api_url)
        to_api = settings.logging.to_api
        self._interval = to_api.batch_interval
        self._batch_bytes = max(to_api.batch_size - to_api.max_log_size, ENTRY_BYTES)
        self._memory_bytes = max(MEMORY_BYTES, to_api.batch_size)
        self._changed = Condition()
        self._waiting: deque[_Line] = deque()
        self._bytes = 0
        self._in_flight = 0
        self._batches = 0
        self._lost = 0
        self._lost_of = Counter[str]()
        self._is_urgent = False
        self._is_stopping = False
        self._thread = Thread(target=self._run, name="ostinato-logs", daemon=True)
        self._thread.start()

    @classmethod
    def find_instance(cls) -> LogSink | None:
        """Return this process's shipper for the server in force; None if there is no server to ship to.

        In a process of a task runner it is the way to the process that started it (`forward_to`).
        """
        return _registry.forwarder or _registry.find()

    @classmethod
    def of_server(cls, settings: Settings, api_url: str) -> LogShipper:
        """Return this process's shipper for a server."""
        return _registry.of_server(settings, api_url)

    def put(self, entry: Mapping[str, Json]) -> None:
        """Queue one line (members of `LogCreate`, as JSON values); never waits."""
        if not self.put_json(_to_json(entry)):
            with self._changed:
                self._lost += 1
                self._lost_of[str(entry.get("flow_run_id"))] += 1

    def pop_lost(self, flow_run_id: str) -> int:
        """Return how many lines of a run there was no room for since this was asked last."""
        with self._changed:
            return self._lost_of.pop(flow_run_id, 0)

    def put_json(self, line: bytes, *, is_repeated: bool = False) -> bool:
        """Queue one line; whether there was room. If `is_repeated`, the server is asked whether it has it already."""
        size = len(line)
        with self._changed:
            if self._bytes + size > self._memory_bytes:
                return False
            if self._journal is not None:
                self._journal.append(Stream.LOGS, line)
            self._waiting.append(_Line(line, is_repeated))
            was, self._bytes = self._bytes, self._bytes + size
            if was == 0 or was < self._batch_bytes <= self._bytes or len(self._waiting) == BATCH_LINES:
                self._changed.notify_all()
            return True

    def drain(self, timeout: float) -> int:
        """Send what waits now; return how many lines are left, or were lost, after `timeout` seconds."""
        with self._changed:
            self._is_urgent = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._waiting and not self._in_flight, timeout)
            return len(self._waiting) + self._in_flight + self._lost

    def stop(self, patience: float = EXIT_PATIENCE_SECONDS, limit: float = EXIT_LIMIT_SECONDS) -> None:
        """Drain for as long as batches get through, end the thread, and tell on stderr of lines that did not."""
        end = time.monotonic() + limit
        while True:
            before = self._batches
            left = self.drain(patience) - self._lost
            if not left or self._batches == before or time.monotonic() >= end:
                break
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if left:
            kept = "" if self._journal is None else "; the journal keeps them for the next process"
            _complain(left, self.api_url, f"the process ended before they got through{kept}")
        self._tell_of_lost()

    def _run(self) -> None:
        with self._sender as sender:
            while (batch := self._next_batch()) and self._deliver(sender, batch):
                self._done(len(batch))
                self._tell_of_lost()

    def _deliver(self, sender: LogSender, batch: list[_Line]) -> bool:
        """Send a batch for as long as the server is away; whether it needs to be thought of no more."""
        import httpx

        from ostinato.client.errors import is_away

        lines, is_repeated, pause = [line.json for line in batch], any(line.is_repeated for line in batch), PAUSE
        while True:
            try:
                sender.send(lines, is_repeated=is_repeated)
            except httpx.HTTPError as error:
                if not is_away(error):
                    _complain(len(batch), self.api_url, str(error) or type(error).__name__)
                    return True
                is_repeated = is_repeated or not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
            else:
                return True
            with self._changed:
                if self._changed.wait_for(lambda: self._is_stopping, pause):
                    return False
            pause = min(2 * pause, LONGEST_PAUSE)

    def _next_batch(self) -> list[_Line]:
        """Wait for a batch and return it, oldest first; [] at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_stopping)
            self._changed.wait_for(self._must_send, self._interval)
            batch: list[_Line] = []
            size = 0
            while self._waiting and len(batch) < BATCH_LINES:
                if batch and size + len(self._waiting[0].json) > self._batch_bytes:
                    break
                line = self._waiting.popleft()
                size += len(line.json)
                batch.append(line)
            self._bytes -= size
            self._in_flight = len(batch)
            self._is_urgent = self._is_urgent and bool(self._waiting)
            return batch

    def _must_send(self) -> bool:
        is_full = self._bytes >= self._batch_bytes or len(self._waiting) >= BATCH_LINES
        return self._is_urgent or self._is_stopping or is_full

    def _done(self, many: int) -> None:
        if self._journal is not None:
            self._journal.acknowledge(Stream.LOGS, many)
        with self._changed:
            self._in_flight = 0
            self._batches += 1
            self._changed.notify_all()

    def _tell_of_lost(self) -> None:
        with self._changed:
            lost, self._lost = self._lost, 0
        if lost:
            _complain(lost, self.api_url, "too many were waiting")


def _to_json(entry: Mapping[str, Json]) -> bytes:
    try:
        return orjson.dumps(entry)
    except orjson.JSONEncodeError:  # a lone surrogate, which UTF-8 cannot carry
        return orjson.dumps({**entry, "message": _clean(entry["message"])})


def _clean(text: str) -> str:
    return text.encode(errors="replace").decode()


def _complain(many: int, api_url: str, why: str) -> None:
    """Write one line to stderr: logging it could never end."""
    sys.stderr.write(f"{many} log lines were not sent to {api_url}: {why.splitlines()[0]}\n")


class _Registry:
    """The shippers of this process, by server and limits."""

    def __init__(self) -> None:
        self._is_stopped_at_exit = False
        self.forget()

    def find(self) -> LogShipper | None:
        from ostinato.settings import get_current_settings

        settings = get_current_settings()
        last = self._last
        if last is not None and last[0] is settings:
            return last[1]
        with self._lock:
            return self._find(settings)

    def _find(self, settings: Settings) -> LogShipper | None:
        from ostinato.client.lookup import api_url

        try:
            url = api_url(settings)
        except ValueError:
            return None
        key = self._key(settings, url)
        self._last = (settings, self._shippers.get(key) or self._make(key, settings, url))
        return self._last[1]

    @staticmethod
    def _key(settings: Settings, api_url: str) -> str:
        return f"{api_url} {settings.logging.to_api!r}"

    def _make(self, key: str, settings: Settings, api_url: str) -> LogShipper:
        if not self._is_stopped_at_exit:
            at_exit(Phase.LOGS, self.stop)
            self._is_stopped_at_exit = True
        self._shippers[key] = LogShipper(settings, api_url)
        return self._shippers[key]

    def of_server(self, settings: Settings, api_url: str) -> LogShipper:
        with self._lock:
            key = self._key(settings, api_url)
            return self._shippers.get(key) or self._make(key, settings, api_url)

    def drain(self, timeout: float) -> int:
        return sum(shipper.drain(timeout) for shipper in list(self._shippers.values()))

    def stop(self, patience: float = EXIT_PATIENCE_SECONDS) -> None:
        with self._lock:
            shippers, self._shippers, self._last = self._shippers, {}, None
        for shipper in shippers.values():
            shipper.stop(patience)

    def forget(self) -> None:
        """Start anew in a forked child: the thread and the waiting lines stay with the parent."""
        self.forwarder: LogSink | None = None
        self._lock = Lock()
        self._shippers: dict[str, LogShipper] = {}
        self._last: tuple[Settings, LogShipper] | None = None


_registry = _Registry()
os.register_at_fork(after_in_child=_registry.forget)


def drain_all(timeout: float) -> int:
    """Drain every shipper of this process; return how many lines did not get through."""
    return _registry.drain(timeout)


def forward_to(sink: LogSink) -> None:
    """Hand all log lines of this process to `sink` from now on, instead of sending them from here."""
    _registry.forwarder = sink


def stop_all(patience: float = EXIT_PATIENCE_SECONDS) -> None:
    """Drain and end every shipper of this process; for tests and harnesses."""
    _registry.stop(patience)
