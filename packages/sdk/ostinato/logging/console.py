"""The console: one line per record on stderr, with the run's name, coloured on a terminal."""

from __future__ import annotations

import logging
import os
import sys
from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING, cast

from ostinato.logging.masking import mask
from ostinato.logging.names import FLOW_RUNS, TASK_RUNS

if TYPE_CHECKING:
    from threading import RLock

RESET = "\x1b[0m"
COLORS = {
    logging.DEBUG: "\x1b[2m",
    logging.INFO: "\x1b[36m",
    logging.WARNING: "\x1b[33m",
    logging.ERROR: "\x1b[31m",
    logging.CRITICAL: "\x1b[1;31m",
}
_KINDS = {FLOW_RUNS: ("Flow run", "flow_run_name"), TASK_RUNS: ("Task run", "task_run_name")}


class ConsoleFormatter(logging.Formatter):
    """`HH:MM:SS.mmm | LEVEL   | Flow run 'name' - message`, in local time; a traceback follows on its own lines."""

    def __init__(self, *, colored: bool = False) -> None:
        super().__init__()
        self._colored = colored

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or lines, of `record`, credentials masked."""
        moment = datetime.fromtimestamp(record.created).astimezone()
        level = f"{record.levelname:<7}"
        if self._colored and (color := COLORS.get(record.levelno)):
            level = f"{color}{level}{RESET}"
        line = f"{moment:%H:%M:%S}.{int(record.msecs):03d} | {level} | {_source(record)} - {full_message(record, self)}"
        return mask(line)


def _source(record: logging.LogRecord) -> str:
    kind = _KINDS.get(record.name)
    if kind is not None and (name := record.__dict__.get(kind[1])) is not None:
        return f"{kind[0]} {name!r}"
    return record.name


def full_message(record: logging.LogRecord, formatter: logging.Formatter) -> str:
    """Return the message with its traceback and stack, if it has any."""
    text = record.getMessage()
    if record.exc_info and not record.exc_text:
        record.exc_text = formatter.formatException(record.exc_info)
    if record.exc_text:
        text = f"{text}\n{record.exc_text}"
    if record.stack_info:
        text = f"{text}\n{formatter.formatStack(record.stack_info)}"
    return text


class UnlockedHandler(logging.Handler):
    """A handler whose `emit` may be called by many threads at once: a thread that is in it holds up no other."""

    def handle(self, record: logging.LogRecord) -> bool:
        """Emit `record` if the filters let it pass; return whether they do."""
        passed = self.filter(record)  # from Python 3.12 on a filter may give another record
        if passed:
            self.emit(record if passed is True else passed)
        return passed


class ConsoleHandler(UnlockedHandler):
    """Writes to whatever `sys.stderr` is at the time.

    Whoever comes while another thread writes leaves the line to that thread: with a thousand tasks in threads, waiting
    for each other's writes took longer than the tasks.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque()

    def emit(self, record: logging.LogRecord) -> None:
        """Write `record`; what cannot be formatted or written is told on stderr, never raised."""
        try:
            self._lines.append(self.format(record) + "\n")
            self._write()
        except RECORD_ERRORS:
            self.handleError(record)

    def flush(self) -> None:
        """Write what is left; the end of the process comes here when nobody writes any more."""
        self._write()

    def _write(self) -> None:
        lock = cast("RLock", self.lock)  # the one that logging makes anew in a forked child
        while self._lines and lock.acquire(blocking=False):
            try:
                self._write_waiting()
            finally:
                lock.release()

    def _write_waiting(self) -> None:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        sys.stderr.write("".join(lines))
        sys.stderr.flush()


RECORD_ERRORS = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError, RuntimeError)
"""What a record with wrong arguments, or a stream that is gone, raises: a log line must not end a run."""


def wants_color(allowed: bool) -> bool:
    """Whether to colour: only if `allowed`, on a terminal, and the variable NO_COLOR is not set."""
    return allowed and not os.environ.get("NO_COLOR") and sys.stderr.isatty()
