"""Processes in the background, the server and the loops alone: the file that names each, and how to stop it.

The file is locked for as long as the process lives, so a file that a crash left behind, or a process that was given
the same number since, is never taken for it.
"""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ostinato_core.errors import Conflict, Unavailable
from ostinato_server.cli.output import facts_as_lines, fail, say, succeed
from ostinato_server.cli.settings import read

STOPS_WITHIN = 30.0
"""Seconds that a process is given to end."""
LOOK_EVERY = 0.05


@dataclass(frozen=True)
class Kind:
    """A kind of process in the background: its file, and how it is called."""

    file_name: str
    noun: str
    absent: str
    stopped: str


SERVER = Kind("server.pid", "server", "No server running in the background.", "Server stopped!")
SERVICES = Kind("services.pid", "services process", "No services are running in the background.", "Services stopped!")


class ProcessFile:
    """`server.pid` or `services.pid`, opened; use as a context manager."""

    def __init__(self, home: Path, kind: Kind, *, create: bool) -> None:
        """Open the file in `home`. Errors: FileNotFoundError, PermissionError and other OSErrors."""
        self.path = home / kind.file_name
        if create:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._descriptor = os.open(self.path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)

    def lock(self) -> bool:
        """Take the lock; False where a running process has it."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def process(self) -> int | None:
        """Return the number of the process that the file names, None where it names none."""
        text = os.pread(self._descriptor, 32, 0).strip()
        return int(text) if text.isdigit() else None

    def launch(self, command: Sequence[str], *, keep: Sequence[int] = ()) -> "subprocess.Popen[bytes]":
        """Start a process of its own session that takes over the lock, and name it in the file.

        `keep`: further open descriptors that it takes over.
        """
        os.fchmod(self._descriptor, 0o600)
        child = subprocess.Popen(  # noqa: S603 - this program's own command
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(self._descriptor, *keep),
        )
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{child.pid}\n".encode(), 0)
        return child

    def remove(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def open_new(home: Path, kind: Kind) -> ProcessFile:
    """Return the file of a process that is to be started, not locked yet; ends the command where there is no place."""
    try:
        return ProcessFile(home, kind, create=True)
    except OSError as error:
        fail(f"Cannot write to {home} ({error.strerror}): set OSTINATO_HOME to a folder that you may write to.")


def stop() -> None:
    """Stop the server that runs in the background."""
    stop_process(SERVER)


def stop_process(kind: Kind) -> None:
    """Stop a process that runs in the background, and tell so."""
    with facts_as_lines():
        try:
            file = ProcessFile(read().home, kind, create=False)
        except FileNotFoundError:
            say(kind.absent)
            return
        except OSError as error:
            fail(f"Cannot open {error.filename} ({error.strerror}): stop the {kind.noun} as the user who started it.")
        with file:
            _end(file, kind)
        succeed(kind.stopped)


def _end(file: ProcessFile, kind: Kind) -> None:
    if not file.lock():
        number = file.process()
        if number is None:
            raise Conflict(f"{file.path} names no process: stop the {kind.noun} by hand, then remove the file.")
        try:
            os.kill(number, signal.SIGTERM)
        except ProcessLookupError:
            pass
        except PermissionError:
            raise Conflict(f"The {kind.noun} ({number}) is of another user: stop it as that user.") from None
        deadline = time.monotonic() + STOPS_WITHIN
        while not file.lock():
            if time.monotonic() > deadline:
                raise Unavailable(f"The {kind.noun} ({number}) does not end: end it with `kill -9 {number}`.")
            time.sleep(LOOK_EVERY)
    file.remove()
