"""Reporting what dead processes left in their journals: events, then log lines, then the ends of runs, in order."""

from __future__ import annotations

import logging
import os
import sys
import time
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Final

from ostinato.journal.leftovers import Leftover, journal_files, look_into, owner_of, sweep, taken_over
from ostinato.journal.ring import Stream
from ostinato.journal.tally import Tally, runs_of_events, runs_of_lines
from ostinato.shutdown import Phase, at_exit

if TYPE_CHECKING:
    from pathlib import Path

    from ostinato.settings import Settings

logger = logging.getLogger("ostinato.journal")

HEARTBEAT: Final = b'"prefect.flow-run.heartbeat"'
AGAIN_SECONDS: Final = 5.0
"""Between two tries while the server is away."""
EXIT_SECONDS: Final = 5.0
"""How long a process that ends waits for a replay that it began."""
EXIT_SECONDS_IN_CONTACT: Final = 60.0
"""The same while the server is there."""


@dataclass
class Report:
    """What a replay did."""

    files: int = 0
    events: int = 0
    log_lines: int = 0
    ends: int = 0
    left: list[Path] = field(default_factory=list["Path"])
    """Journals of dead processes that are still there: the server was away."""


def replay(settings: Settings, api_url: str, timeout: float) -> Report:
    """Report what dead processes of this home left for a server; what is not done after `timeout` seconds is left."""
    report, until = Report(), time.monotonic() + timeout
    sweep(settings)
    for path in journal_files(settings):
        with taken_over(path) as is_ours:
            if not is_ours:
                continue
            owner = owner_of(path)
            if owner is not None and owner.api_url != _shown(api_url):
                continue
            leftover = look_into(path)
            if leftover is None:
                logger.error("%s is left alone: it is no journal that this version can read.", path)
            elif _replay_one(settings, api_url, leftover, until, report):
                path.unlink(missing_ok=True)
                report.files += 1
            else:
                report.left.append(path)
    return report


def _shown(api_url: str) -> str:
    from ostinato.client.errors import without_credentials

    return without_credentials(api_url)


def _replay_one(settings: Settings, api_url: str, leftover: Leftover, until: float, report: Report) -> bool:
    """Whether all of it is at the server now."""
    if not leftover.records:
        return True
    from ostinato.events.worker import EventsWorker
    from ostinato.journal.ends import report_ends
    from ostinato.logging.shipping import LogShipper

    events = [frame for frame in leftover.of(Stream.EVENTS) if HEARTBEAT not in frame]
    lines = leftover.of(Stream.LOGS)
    worker = EventsWorker.of_server(settings, api_url)
    for frame in events:
        worker.adopt(frame)
    shipper = LogShipper.of_server(settings, api_url)
    for line in lines:
        while not shipper.put_json(line, is_repeated=True):
            if time.monotonic() > until:
                return False
            shipper.drain(1.0)
    if not worker.wait_delivered(until - time.monotonic()) or shipper.drain(max(0.0, until - time.monotonic())):
        return False
    ends = report_ends(settings, api_url, leftover, Tally(runs_of_events(events), runs_of_lines(lines)))
    if ends is None:
        return False
    report.events += len(events)
    report.log_lines += len(lines)
    report.ends += ends
    return True


class _Background:
    """The one replay of this process that goes on beside its work, for each server."""

    def __init__(self) -> None:
        self._is_joined_at_exit = False
        self.forget()

    def forget(self) -> None:
        self._lock = Lock()
        self._threads: dict[str, tuple[Settings, Thread]] = {}
        self._is_ending = Event()

    def start(self, settings: Settings, api_url: str) -> None:
        if not journal_files(settings):
            return
        with self._lock:
            _, running = self._threads.get(api_url, (None, None))
            if running is not None and running.is_alive():
                return
            if not self._is_joined_at_exit:
                at_exit(Phase.REPLAY, self._join)
                self._is_joined_at_exit = True
            thread = Thread(target=self._run, args=(settings, api_url), name="ostinato-replay", daemon=True)
            self._threads[api_url] = settings, thread
            thread.start()

    def _run(self, settings: Settings, api_url: str) -> None:
        while replay(settings, api_url, timeout=60.0).left:
            if self._is_ending.wait(AGAIN_SECONDS):
                return

    def _join(self) -> None:
        from ostinato.events.worker import EventsWorker

        self._is_ending.set()
        for api_url, (settings, thread) in self._threads.items():
            thread.join(EXIT_SECONDS)
            if thread.is_alive() and not EventsWorker.of_server(settings, api_url).is_cut_off:
                sys.stderr.write(f"Waiting for {_shown(api_url)} to take what a process that died had left...\n")
                thread.join(EXIT_SECONDS_IN_CONTACT)


_background = _Background()
os.register_at_fork(after_in_child=_background.forget)


def start_replay(settings: Settings, api_url: str | None) -> None:
    """Report beside this process's work what dead processes left; returns at once, and does nothing if there is none.

    Nor does it where no journals are kept.
    """
    if settings.journal.enabled and api_url is not None and api_url == settings.api.url:
        _background.start(settings, api_url)
