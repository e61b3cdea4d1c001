"""A process of a pool, as the process that started it sees it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

from ostinato.events.worker import EventsWorker
from ostinato.logging.shipping import LogShipper
from ostinato.runner.processes import exit_hint
from ostinato.task_processes.messages import Ended, EventTold, LineLogged, Unusable, Work, receive, send

if TYPE_CHECKING:
    from ostinato.shipment.runner import ShippedRun
    from ostinato.task_processes.messages import Hello

GONE = (EOFError, OSError, UnpicklingError)
"""What is raised where the process is gone, also in the middle of a message."""


class ProcessDied(Exception):
    """A process of the pool ended before its run did; the text says why."""


class TaskProcess:
    """A fresh interpreter that executes runs, one at a time. It does not import the main script again."""

    def __init__(self, hello: Hello) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter and a fixed module
                [sys.executable, "-m", "ostinato.task_processes", str(number)],
                pass_fds=[number], stdin=subprocess.DEVNULL,
            )  # fmt: skip
            self._connection = Connection(ours.detach())
        with suppress(*GONE):
            send(self._connection, hello)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def execute(self, shipped: ShippedRun, work: Work) -> bytes:
        """Have a run executed and return its outcome, sending its events and log lines. Raises ProcessDied."""
        try:
            send(self._connection, work)
            while True:
                match receive(self._connection):
                    case Ended(outcome):
                        return outcome
                    case Unusable(reason):
                        raise ProcessDied(reason)
                    case message:
                        _pass_on(message, shipped)
        except GONE as error:
            raise ProcessDied(self._why()) from error

    def _why(self) -> str:
        status = self._wait(10)
        if status is None:
            return "The process of the task run does not answer any more."
        signalled = f" by {signal.Signals(-status).name}" if status < 0 else ""
        hint = exit_hint(status)
        return f"The process of the task run ended{signalled} (exit status {status}). {hint}".rstrip()

    def end(self) -> None:
        """Let the process end when its run has, if there is one; what it still has to say is passed on."""
        with suppress(*GONE):
            send(self._connection, None)

    def terminate(self) -> None:
        """Ask the process to end its run as crashed, and itself."""
        self._process.terminate()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def close(self, timeout: float) -> None:
        """Read what the process still says until it ends, for up to `timeout` seconds; then kill it."""
        deadline = time.monotonic() + timeout
        with suppress(*GONE):
            while self._connection.poll(max(0.0, deadline - time.monotonic())):
                _pass_on(receive(self._connection), None)
        self._connection.close()
        if self._wait(max(0.0, deadline - time.monotonic())) is None:
            self._process.kill()
            self._process.wait()

    def _wait(self, timeout: float) -> int | None:
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None


def _pass_on(message: Any, shipped: ShippedRun | None) -> None:  # Any: a message
    match message:
        case EventTold(event, run):
            if run is not None and shipped is not None:
                shipped.run = run
            EventsWorker.instance().send(event)
        case LineLogged(entry):
            if (sink := LogShipper.find_instance()) is not None:
                sink.put(entry)
        case _:
            return
