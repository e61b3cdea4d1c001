"""The process of a pool: executes one run after another, and hands events and log lines to who started it."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

import orjson

from ostinato.engine.task_run import changed
from ostinato.events import worker as events
from ostinato.events.outbox import to_json
from ostinato.exceptions import TerminationSignal
from ostinato.logging import shipping as logs
from ostinato.shipment.execution import execute
from ostinato.shipment.pickling import loads
from ostinato.task_processes.messages import Ended, EventTold, Hello, LineLogged, Unusable, Work, receive, send

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

    from ostinato.engine.task_run import TaskRun
    from ostinato_wire.base import Json

GONE = (EOFError, OSError)
"""What is raised where the other process is gone."""


class Home:
    """The process that started this one; what is told it is there when `tell` returns, whatever happens here."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._received: queue.SimpleQueue[Any] = queue.SimpleQueue()  # Any: messages
        self.run: TaskRun | None = None

    def listen(self) -> None:
        """Receive in a thread, so that this process ends with the other one also in the middle of a run."""
        threading.Thread(target=self._listen, name="ostinato-home", daemon=True).start()

    def _listen(self) -> None:
        with suppress(*GONE):
            while (message := receive(self._connection)) is not None:
                self._received.put(message)
        self._received.put(None)
        if self.run is not None:
            os.kill(os.getpid(), signal.SIGTERM)

    def next(self) -> Any:  # Any: a message
        """Wait for the next message; None means that there is no more."""
        return self._received.get()

    def tell(self, message: object) -> None:
        """Send a message; one that nobody reads any more is dropped."""
        with self._lock, suppress(*GONE):
            send(self._connection, message)

    def send(self, event: Mapping[str, Json]) -> None:
        """Forward an event."""
        run = self._snapshot(str(event["resource"]["prefect.resource.id"]))
        try:
            self.tell(EventTold(event, run))
        except (TypeError, AttributeError, ValueError):  # a user's payload has no pickle
            if (text := to_json(event)) is not None:
                self.tell(EventTold(orjson.loads(text), run))

    def _snapshot(self, subject: str) -> TaskRun | None:
        """Return the record of the current run if an event is on it, without what is known only here."""
        run = self.run
        if run is None or run.state is None or subject != f"prefect.task-run.{run.id}":
            return None
        return replace(run, state=changed(run.state, data=None))

    def drain(self, timeout: float) -> int:
        """Return at once: what was told is on its way."""
        return 0

    def put(self, entry: Mapping[str, Json]) -> None:
        """Forward a log line."""
        self.tell(LineLogged(entry))


def main(descriptor: int) -> None:
    """Serve the process at the other end of the socket until it is gone or says that it needs no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the other process decides
    signal.signal(signal.SIGTERM, _terminate)
    home = Home(Connection(descriptor))
    home.listen()
    events.forward_to(home)
    logs.forward_to(home)
    with suppress(TerminationSignal):
        _serve(home)


def _terminate(number: int, _frame: FrameType | None) -> None:
    raise TerminationSignal(number)


def _serve(home: Home) -> None:
    hello = home.next()
    if not isinstance(hello, Hello) or not _is_initialized(home, hello):
        return
    while isinstance(work := home.next(), Work):
        home.run = work.parcel.run
        outcome = execute(work.parcel, work.outcomes)
        home.run = None
        home.tell(Ended(outcome))


def _is_initialized(home: Home, hello: Hello) -> bool:
    sys.path[:] = hello.search_path
    try:
        initializer, arguments = loads(hello.initializer)
        if initializer is not None:
            initializer(*arguments)
    except Exception as error:  # noqa: BLE001 - a user's function may raise anything
        home.tell(Unusable(f"The initializer of the task runner failed: {type(error).__name__}: {error}"))
        return False
    return True
