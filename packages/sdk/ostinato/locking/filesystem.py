"""Locks among processes that share a folder: a file per lock, which other clients of the wire understand, too."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ostinato.locking.polling import PollingLockManager

GUARD = ".guard"
"""The file that is locked by the operating system while a lock is looked at and changed."""

# Any below: JSON.


class FileSystemLockManager(PollingLockManager):
    """Keeps each lock as `<key>.lock` in a folder: JSON with `holder` and `expiration`.

    A lock whose process has died on this machine is free, so that a crash blocks nobody for ever.
    """

    def __init__(self, lock_files_directory: Path | str) -> None:
        self.lock_files_directory = Path(lock_files_directory).expanduser().resolve()
        self._threads = threading.Lock()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileSystemLockManager) and self._folder == other._folder

    def __hash__(self) -> int:
        return hash(self._folder)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._folder,)  # a policy travels with its task to other processes

    @property
    def _folder(self) -> Path:
        return self.lock_files_directory

    def try_acquire(self, key: str, holder: str, hold_timeout: float | None) -> bool:
        """Take the lock if it is free or `holder` has it already; whether `holder` has it now."""
        path = self._path(key)
        with self._guarded():
            if _holder_in(path) not in (None, holder):
                return False
            expiration = None if hold_timeout is None else datetime.now(UTC) + timedelta(seconds=hold_timeout)
            _write(path, {"holder": holder, "expiration": expiration and str(expiration), "process": _this_process()})
            return True

    def release_lock(self, key: str, holder: str) -> None:
        """Give the lock back. Raises ValueError if `holder` does not have it."""
        path = self._path(key)
        with self._guarded():
            if _holder_in(path) != holder:
                raise ValueError(f"{holder!r} does not hold the lock of {key!r}.")
            path.unlink()

    def holder_of(self, key: str) -> str | None:
        """Return who has the lock; None if it is free."""
        return _holder_in(self._path(key))

    def _path(self, key: str) -> Path:
        path = (self._folder / f"{key}.lock").resolve()
        if not path.is_relative_to(self._folder):
            raise ValueError(f"The key {key!r} leads out of the folder of locks; choose one without '..'.")
        return path

    @contextmanager
    def _guarded(self) -> Generator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._threads, (self._folder / GUARD).open("ab") as guard:
            _lock(guard.fileno())
            yield  # closing the file gives its lock back, and so does the end of the process


def _lock(descriptor: int) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - on Windows only
        return
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX)


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    temporary.write_text(json.dumps(content))
    temporary.replace(path)


def _holder_in(path: Path) -> str | None:
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError:  # another client is writing it
        return "?"
    expiration = content.get("expiration")
    if expiration is not None and datetime.fromisoformat(expiration) <= datetime.now(UTC):
        return None
    return None if _is_dead(content.get("process")) else content.get("holder")


def _this_process() -> dict[str, Any]:
    return {"host": socket.gethostname(), "namespace": _namespace(), "pid": os.getpid()}


def _namespace() -> int | None:
    """Return the number of the space that process ids are counted in: containers may share a folder and a name."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return None


def _is_dead(process: dict[str, Any] | None) -> bool:
    """Whether a process of this machine is known to have ended; on Windows there is no question that does no harm."""
    if os.name == "nt" or process is None or {**process, "pid": 0} != {**_this_process(), "pid": 0}:
        return False
    try:
        os.kill(process["pid"], 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
