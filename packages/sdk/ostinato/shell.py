"""A flow that runs a command of the shell: what `ostinato shell watch` and `ostinato shell serve` run."""

import logging
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import IO

from ostinato.exceptions import FailedRun
from ostinato.flows import flow
from ostinato.logging import get_run_logger

KEPT_LINES = 10_000
"""Of an output that is not streamed so many lines are kept for the end, the last ones."""
GRACE_SECONDS = 10.0

Tell = Callable[[int, str], None]


@flow(name="Shell Command")
def run_command(command: str, log_output: bool = True, stream_stdout: bool = True) -> None:
    """Run a command of the shell and wait for its end.

    `log_output` makes its lines log lines of the run, else they are printed; what it writes on stderr is an error.
    Without `stream_stdout` they come at the end. Raises FailedRun if its exit code is not 0.
    """
    logger = get_run_logger()
    tell: Tell = logger.log if log_output else _print
    kept: deque[tuple[int, str]] = deque(maxlen=KEPT_LINES)
    code = _run(command, tell if stream_stdout else lambda level, line: kept.append((level, line)))
    for level, line in kept:
        tell(level, line)
    if code:
        raise FailedRun(f"Command failed with exit code {code}")


def _print(level: int, line: str) -> None:
    (sys.stderr if level >= logging.ERROR else sys.stdout).write(line + "\n")


def _run(command: str, tell: Tell) -> int:
    """Return the exit code; the command and all that it started end with the run that is cancelled."""
    process = subprocess.Popen(  # noqa: S602 - the shell is what the caller asks for
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        bufsize=1,
        start_new_session=True,
    )
    assert process.stdout is not None  # they are pipes
    assert process.stderr is not None
    readers = [
        Thread(target=_read, args=(process.stdout, logging.INFO, tell), daemon=True),
        Thread(target=_read, args=(process.stderr, logging.ERROR, tell), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        for reader in readers:
            reader.join()
        return process.wait()
    except BaseException:
        _end(process)
        raise
    finally:
        process.stdout.close()
        process.stderr.close()


def _read(pipe: IO[str], level: int, tell: Tell) -> None:
    with suppress(ValueError):  # closed: the run was cancelled
        for line in pipe:
            tell(level, line.rstrip("\n"))


def _end(process: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
