"""`Journal`: the file of this process for one server. Producers append, senders acknowledge."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock, RLock
from typing import TYPE_CHECKING, Final

import orjson
from uuid_utils.compat import uuid7

from ostinato.journal.ring import SMALLEST, Ring, Stream
from ostinato.shutdown import Phase, at_exit

if TYPE_CHECKING:
    from pathlib import Path

    from ostinato.settings import Settings

FOLDER: Final = "journal"
"""Where journals are, in the home of the settings."""
SUFFIX: Final = ".journal"
SHARES: Final = {Stream.EVENTS: 0.95, Stream.LOGS: 0.75, Stream.RUNS: 1.0}
"""How full a journal that cannot grow any more may be to take a stream: log lines leave room for what tells of states,
and these for the notes on runs."""
CARRY_AFTER: Final = SMALLEST // 4
"""After so many bytes the open notes are written again: nothing is written over while it is behind a note."""


@dataclass(slots=True)
class _Note:
    """A note that is not settled, and which of its stream it is."""

    payload: bytes
    number: int


class Journal:
    """What is on its way to one server. May be used by any thread; the file is made with the first entry.

    It never fails and never waits: what it has no room for is only in memory, which is counted and told on stderr.
    """

    def __init__(self, folder: Path, api_url: str, limit: int) -> None:
        self.api_url = api_url
        self.unwritten = 0
        self._folder = folder
        self._limit = max(limit, SMALLEST)
        self._lock = RLock()
        self._ring: Ring | None = None
        self._is_closed = False
        self._done = [0, 0, 0]
        self._open_notes: dict[int, _Note] = {}
        self._carried_at = 0

    @property
    def path(self) -> Path | None:
        """The file; None while there is none."""
        return self._ring.path if self._ring is not None else None

    def append(self, stream: Stream, payload: bytes) -> int:
        """Keep `payload` until it is acknowledged; return how many of the stream came before."""
        with self._lock:
            ring = self._ring
            if ring is None:
                ring = self._begin()
                if ring is None:
                    return -1
            ordinal = ring.counts[stream]
            if not ring.append(stream, payload) and not self._append_to_longer(ring, stream, payload):
                ring.skip(stream)
                self._tell_of_unwritten()
            return ordinal

    def acknowledge(self, stream: Stream, many: int) -> None:
        """Forget the next `many` of a stream: they are safe, or given up."""
        with self._lock:
            if self._ring is not None and many:
                self._done[stream] += many
                self._acknowledge(self._ring, stream)
                self._carry_notes(self._ring)

    def note(self, payload: bytes) -> int:
        """Keep a note on a run until it is settled; return what settles it."""
        with self._lock:
            number = self.append(Stream.RUNS, payload)
            self._open_notes[number] = _Note(payload, number)
        return number

    def settle(self, note: int) -> None:
        """Forget a note, in any order; twice does no harm."""
        with self._lock:
            settled = self._open_notes.pop(note, None)
            oldest = self._oldest_note()
            if settled is not None and oldest is not None and oldest < settled.number:
                self.append(Stream.RUNS, b'{"kind":"settled","number":%d}' % settled.number)
            if self._ring is not None:
                self._forget_notes(self._ring)

    def _oldest_note(self) -> int | None:
        return min((note.number for note in self._open_notes.values()), default=None)

    def _forget_notes(self, ring: Ring) -> None:
        oldest = self._oldest_note()
        self._done[Stream.RUNS] = ring.counts[Stream.RUNS] if oldest is None else oldest
        self._acknowledge(ring, Stream.RUNS)

    def _carry_notes(self, ring: Ring) -> None:
        """Write the open notes again if much has been written since, so that what is behind them gets free.

        A process that dies meanwhile leaves some twice, which says the same.
        """
        if ring.written - self._carried_at < CARRY_AFTER:
            return
        if ring.has_room([note.payload for note in self._open_notes.values()]):
            for note in self._open_notes.values():
                note.number = ring.counts[Stream.RUNS]
                ring.append(Stream.RUNS, note.payload)
            self._carried_at = ring.written
            self._forget_notes(ring)

    def close(self) -> None:
        """Give the file up: it is removed if all in it is safe, else the next process takes it over."""
        with self._lock:
            self._is_closed = True
            ring, self._ring = self._ring, None
            if ring is not None:
                ring.close(remove=ring.is_settled)

    def leave_to_parent(self) -> None:
        """Close a forked child's copy of the file, without a lock: its owner may be a thread of the parent."""
        ring, self._ring, self._is_closed = self._ring, None, True
        if ring is not None:
            ring.close(remove=False)

    def _begin(self) -> Ring | None:
        if self._is_closed:
            return None
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self._folder / f"{os.getpid()}-{uuid7().hex}{SUFFIX}"
            self._ring = Ring(path, _words_about_owner(self.api_url))
            self._set_bounds(self._ring)
        except OSError as error:
            self._is_closed = True
            sys.stderr.write(
                f"No journal can be kept in {self._folder} ({error}): a crash loses what is not at the server.\n"
            )
        return self._ring

    def _append_to_longer(self, ring: Ring, stream: Stream, payload: bytes) -> bool:
        while ring.size < self._limit:
            try:
                ring.resize(min(ring.size * 2, self._limit))
            except OSError as error:
                self._limit = ring.size
                self._set_bounds(ring)
                sys.stderr.write(f"The journal {ring.path} cannot grow: {error}\n")
                break
            self._set_bounds(ring)
            if ring.append(stream, payload):
                return True
        return False

    def _acknowledge(self, ring: Ring, stream: Stream) -> None:
        ring.acknowledge(stream, self._done[stream])
        if ring.size > SMALLEST and ring.used < CARRY_AFTER:
            try:
                ring.resize(SMALLEST)
                self._set_bounds(ring)
            except OSError:  # it stays long, which does no harm
                return

    def _set_bounds(self, ring: Ring) -> None:
        ring.bounds = [min(int(self._limit * SHARES[stream]), ring.size) for stream in Stream]

    def _tell_of_unwritten(self) -> None:
        self.unwritten += 1
        if self.unwritten == 1:
            sys.stderr.write(
                f"The journal is full ({self._limit} bytes): more is kept in memory only, log lines first. "
                "OSTINATO_JOURNAL_MAX_SIZE sets its size.\n"
            )


def _words_about_owner(api_url: str) -> bytes:
    """Return who writes, as JSON: what the next process must know to speak for it. No secrets."""
    from ostinato.client.errors import without_credentials
    from ostinato.client.exchange import CONTEXT_HEADERS

    return orjson.dumps(
        {
            "api_url": without_credentials(api_url),
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "began": datetime.now(UTC).isoformat(),
            "headers": {name: os.environ[key] for key, name in CONTEXT_HEADERS.items() if key in os.environ},
            "supervised": os.environ.get("PREFECT__FLOW_RUN_ID"),
        }
    )


class _Registry:
    """The journals of this process, by server."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._journals: dict[tuple[Path, str], Journal] = {}
        self._is_closed_at_exit = False

    def find(self, settings: Settings, api_url: str) -> Journal | None:
        if not settings.journal.enabled or settings.api.url is None:
            return None
        key = settings.home / FOLDER, api_url
        with self._lock:
            if key not in self._journals:
                if not self._is_closed_at_exit:
                    at_exit(Phase.JOURNALS, self.close)
                    self._is_closed_at_exit = True
                self._journals[key] = Journal(*key, settings.journal.max_size)
            return self._journals[key]

    def own_paths(self) -> set[Path]:
        with self._lock:
            return {journal.path for journal in self._journals.values() if journal.path is not None}

    def close(self) -> None:
        with self._lock:
            journals, self._journals = self._journals, {}
        for journal in journals.values():
            journal.close()

    def forget(self) -> None:
        """Start anew in a forked child, and hold on to no file of the parent: its lock says whether that lives."""
        self._lock = Lock()
        journals, self._journals = self._journals, {}
        for journal in journals.values():
            journal.leave_to_parent()


_registry = _Registry()
os.register_at_fork(after_in_child=_registry.forget)


def find_journal(settings: Settings, api_url: str) -> Journal | None:
    """Return this process's journal for a server; None if none is wanted, or the server is a temporary one."""
    return _registry.find(settings, api_url)


def own_paths() -> set[Path]:
    """Return the files of this process."""
    return _registry.own_paths()


def close_all() -> None:
    """Close the journals of this process; for tests and harnesses."""
    _registry.close()
