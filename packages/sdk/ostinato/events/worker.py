"""One background thread per process and server that owns the `/events/in` socket. Producers only append to a queue."""

from __future__ import annotations

import asyncio
import os
import socket as sockets
import sys
import time
from collections.abc import Mapping
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Protocol

from ostinato.events.outbox import Outbox
from ostinato.shutdown import Phase, at_exit
from ostinato_wire.base import Json

if TYPE_CHECKING:
    from datetime import datetime

    from ostinato.events.delivery import Delivery, Timing
    from ostinato.settings import Settings

EXIT_PATIENCE_SECONDS = 5.0
"""How long the end of the process waits without any event getting through."""
EXIT_PATIENCE_AFTER_CONTACT_SECONDS = 30.0
"""The same if the server was there before: it may just be starting again."""
EXIT_LIMIT_SECONDS = 60.0
"""How long it waits at most while events do get through."""


KEPT = "the journal keeps them for the next process (see `ostinato journal ls`)"
"""Said of what has not been delivered when a process ends."""


class EventsSink(Protocol):
    """Takes the events of this process."""

    def send(self, event: Mapping[str, Json]) -> None:
        """Send a complete wire event; it must not be changed afterwards."""
        ...

    def drain(self, timeout: float) -> int:
        """Wait up to `timeout` seconds until all events so far are safe; return how many are not."""
        ...


class EventsWorker:
    """Sends events in order, at least once. `send` costs a lock and an append; everything else is in the thread."""

    def __init__(self, settings: Settings, api_url: str, timing: Timing | None = None) -> None:
        # Imported by the caller's thread: a fork while another thread imports leaves the child a half-made module.
        from ostinato.client.sockets import open_socket
        from ostinato.events.delivery import Delivery, Timing
        from ostinato.journal.book import find_journal

        self.api_url = api_url
        self._journal = find_journal(settings, api_url)
        self._outbox = Outbox(settings.events.worker_max_queue_size, self._wake, self._journal)
        self._loop = _Loop()
        self._delivery: Delivery | None = None
        self._make_delivery = lambda: Delivery(
            self._outbox,
            lambda: open_socket(settings, api_url, "/events/in"),
            timing or Timing(),
            lambda since: self._tell_of_return(settings, since),
        )
        self._thread = Thread(target=self._run, name="ostinato-events", daemon=True)
        self._thread.start()

    @classmethod
    def instance(cls) -> EventsSink:
        """Return this process's worker for the server in force; it is made, and drained at exit, once.

        In a process of a task runner it is the way to the process that started it (`forward_to`).

        Raises ValueError if no API URL is set and no temporary server may be started.
        """
        return _registry.forwarder or _registry.worker()

    @classmethod
    def of_server(cls, settings: Settings, api_url: str) -> EventsWorker:
        """Return this process's worker for a server."""
        return _registry.of_server(settings, api_url)

    def send(self, event: Mapping[str, Json]) -> None:
        """Send a complete wire event (`occurred, event, resource, id` and the rest as JSON values).

        Returns at once, unless as many events wait as may: then it waits for room. The event must not be changed
        afterwards.
        """
        self._outbox.put(event)

    def adopt(self, frame: bytes) -> None:
        """Send the JSON of an event of a process that is dead; waits as `send` does."""
        self._outbox.put_frame(frame)

    def wait_delivered(self, timeout: float) -> bool:
        """Wait until the events so far are safe or given up, whatever comes after; whether they are."""
        self._set_draining(True)
        try:
            return self._outbox.wait_gone(timeout)
        finally:
            self._set_draining(False)

    def _tell_of_return(self, settings: Settings, since: datetime) -> None:
        from ostinato.journal.telling import tell_of_return

        for event in tell_of_return(settings, self.api_url, since, self._outbox.waiting()):
            self._outbox.put_frame(event, may_wait=False)  # it is the sender that would have to make room

    @property
    def is_cut_off(self) -> bool:
        """Whether the server cannot be reached now."""
        return self._delivery is not None and self._delivery.is_away

    def drain(self, timeout: float) -> int:
        """Wait up to `timeout` seconds until all events so far are safe at the server; return how many are not."""
        self._set_draining(True)
        try:
            self._outbox.wait_empty(timeout)
        finally:
            self._set_draining(False)
        return self.undelivered

    @property
    def undelivered(self) -> int:
        """How many events are not confirmed by the server, those that it would not take included."""
        return self._outbox.count() + self._outbox.rejected

    def stop(self, timeout: float = 2.0) -> None:
        """Close the socket and end the thread; events that are still here are not sent."""
        self._outbox.is_stopping = True
        self._wake()
        self._thread.join(timeout)

    def drain_at_exit(self, patience: float | None = None, limit: float = EXIT_LIMIT_SECONDS) -> int:
        """Drain for as long as events get through, then stop; tell on stderr how many were not delivered.

        `patience` is how many seconds may pass without any getting through; by default longer if the server was there
        before. Ctrl-C ends the waiting.
        """
        try:
            self._drain_patiently(patience, limit)
        except KeyboardInterrupt:
            pass
        self.stop()
        undelivered = self.undelivered
        if undelivered:
            sys.stderr.write(
                f"{undelivered} events could not be delivered to {self.api_url}{self._reason()}; "
                f"{'the history of task runs may be incomplete' if self._journal is None else KEPT}.\n"
            )
        return undelivered

    def _drain_patiently(self, patience: float | None, limit: float) -> None:
        now = time.monotonic()
        end, progress, last, told = now + limit, self._outbox.confirmed, now, False
        while self._outbox.count() and not self._is_refused():
            now = time.monotonic()
            if self._outbox.confirmed != progress:
                progress, last = self._outbox.confirmed, now
            left = min(last + (self._patience() if patience is None else patience), end) - now
            if left <= 0:
                return
            if not told and now - last >= EXIT_PATIENCE_SECONDS:
                told = True
                sys.stderr.write(
                    f"Waiting up to {left:.0f} s for {self.api_url} to take {self._outbox.count()} events; "
                    "Ctrl-C gives them up.\n"
                )
            self.drain(min(left, 1.0))

    def _patience(self) -> float:
        was_there = self._delivery is not None and self._delivery.was_connected
        return EXIT_PATIENCE_AFTER_CONTACT_SECONDS if was_there else EXIT_PATIENCE_SECONDS

    def _reason(self) -> str:
        error = self._delivery.last_error if self._delivery is not None else None
        return "" if error is None else f" ({error or type(error).__name__})"

    def _is_refused(self) -> bool:
        return self._delivery is not None and self._delivery.is_refused

    def _set_draining(self, draining: bool) -> None:
        self._outbox.is_draining = draining
        self._wake()

    def _wake(self) -> None:
        if self._delivery is not None:
            try:
                self._loop.call_soon_threadsafe(self._delivery.wake.set)
            except RuntimeError:  # the loop is closed: the thread has ended
                self._outbox.close()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._deliver())
        finally:
            self._outbox.close()
            self._loop.close()

    async def _deliver(self) -> None:
        self._delivery = self._make_delivery()
        await self._delivery.run()


class _Loop(asyncio.SelectorEventLoop):
    """Resolves names in its own thread: while the interpreter ends, executors take no work any more."""

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:  # Any: as the base class has it
        return sockets.getaddrinfo(host, port, **options)


class _Registry:
    """The workers of this process, by server."""

    def __init__(self) -> None:
        self._is_drained_at_exit = False
        self.forget()

    def worker(self) -> EventsWorker:
        from ostinato.settings import get_current_settings

        settings = get_current_settings()
        last = self._last
        if last is not None and last[0] is settings:
            return last[1]
        with self._lock:
            from ostinato.client.lookup import api_url

            url = api_url(settings)
            is_first = url not in self._workers
            worker = self._find(settings, url)
            self._last = (settings, worker)
        if is_first:
            from ostinato.journal.replay import start_replay

            start_replay(settings, url)
        return worker

    def of_server(self, settings: Settings, url: str) -> EventsWorker:
        with self._lock:
            return self._find(settings, url)

    def _find(self, settings: Settings, url: str) -> EventsWorker:
        if url not in self._workers:
            if not self._is_drained_at_exit:
                at_exit(Phase.EVENTS, self.drain_at_exit)
                self._is_drained_at_exit = True
            self._workers[url] = EventsWorker(settings, url)
        return self._workers[url]

    def drain_at_exit(self) -> None:
        for worker in self._workers.values():
            worker.drain_at_exit()

    def drain(self, timeout: float) -> int:
        return sum(worker.drain(timeout) for worker in list(self._workers.values()))

    def stop(self) -> None:
        with self._lock:
            workers, self._workers, self._last = self._workers, {}, None
        for worker in workers.values():
            worker.stop()

    def forget(self) -> None:
        """Start anew in a forked child: threads, sockets and waiting events stay with the parent."""
        self.forwarder: EventsSink | None = None
        self._lock = Lock()
        self._workers: dict[str, EventsWorker] = {}
        self._last: tuple[Settings, EventsWorker] | None = None


_registry = _Registry()
os.register_at_fork(after_in_child=_registry.forget)


def drain_all(timeout: float) -> int:
    """Drain every worker of this process; return how many events are not safe at their server."""
    return _registry.drain(timeout)


def forward_to(sink: EventsSink) -> None:
    """Hand all events of this process to `sink` from now on, instead of sending them from here."""
    _registry.forwarder = sink


def stop_all() -> None:
    """End every worker of this process without waiting for their events; for tests and harnesses."""
    _registry.stop()
