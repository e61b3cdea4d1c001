"""Where code is kept that runs fetch before they start: a folder, a repository, an address of fsspec, a block."""

from __future__ import annotations

import atexit
import fcntl
import inspect
import shutil
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ostinato.engine.steps import Offload, Plan
from ostinato.utilities.paired import awaiting, blocking

if TYPE_CHECKING:
    from ostinato.runner.remote import BlockStorageAdapter, RemoteStorage
    from ostinato.runner.repository import GitRepository
    from ostinato_wire.base import JsonObject

__all__ = [
    "STEPS", "BlockStorageAdapter", "CodeStorage", "DirectoryStorage", "GitRepository", "LocalStorage", "RemoteStorage",
    "pull",
]  # fmt: skip

# Any below: what storages of users return, and blocks of whatever type.

STEPS = "prefect.deployments.steps"
"""Prefix of the names of steps on the wire."""
LOCK_SECONDS = 600.0
"""How long one process waits while another fetches the same code."""

_ELSEWHERE = {
    "BlockStorageAdapter": "ostinato.runner.remote",
    "GitRepository": "ostinato.runner.repository",
    "RemoteStorage": "ostinato.runner.remote",
}


@runtime_checkable
class CodeStorage(Protocol):
    """A place with code."""

    @property
    def destination(self) -> Path:
        """The folder in which the code is on this machine, once it was pulled."""
        ...

    @property
    def pull_interval(self) -> int | None:
        """Seconds after which served code is fetched again; None for never."""
        ...

    def set_base_path(self, path: Path) -> None:
        """Set the folder below which `destination` is."""
        ...

    def pull_code(self) -> Any:
        """Bring the code to `destination`; may be a coroutine function."""
        ...

    def to_pull_step(self) -> JsonObject:
        """Return the step by which a run gets the code."""
        ...


def pull(storage: CodeStorage) -> None:
    """Bring the code of any storage here, in a thread without an event loop."""
    outcome = storage.pull_code()
    if inspect.iscoroutine(outcome):
        from ostinato.engine.drivers import run_coroutine

        run_coroutine(outcome)


class LocalStorage:
    """A folder of this machine: what runs need nothing to be fetched for. Raises ValueError if there is none."""

    def __init__(self, path: str | Path, pull_interval: int | None = None) -> None:
        self._path = Path(path).expanduser().resolve()
        self.pull_interval = pull_interval

    @property
    def destination(self) -> Path:
        """The folder."""
        return self._path

    def set_base_path(self, path: Path) -> None:
        """Do nothing: the folder is where it is."""

    def pull_code(self) -> None:
        """See that the folder is there."""
        if not self._path.is_dir():
            raise ValueError(f"There is no folder {str(self._path)!r}.")

    def to_pull_step(self) -> JsonObject:
        """Return the step that goes to the folder."""
        return {f"{STEPS}.set_working_directory": {"directory": str(self._path)}}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LocalStorage) and self._path == other._path

    def __hash__(self) -> int:
        return hash(self._path)

    def __repr__(self) -> str:
        return f"LocalStorage({str(self._path)!r})"


class DirectoryStorage(ABC):
    """What is fetched into a folder of its own; a temporary one until `set_base_path` is called."""

    def __init__(self, name: str, pull_interval: int | None) -> None:
        self._name = name
        self.pull_interval = pull_interval
        self._base: Path | None = None

    @property
    def destination(self) -> Path:
        """The folder in which the code is on this machine, once it was pulled."""
        if self._base is None:
            self._base = Path(tempfile.mkdtemp(prefix="ostinato-code-"))
            atexit.register(shutil.rmtree, self._base, ignore_errors=True)
        return self._base / self._name

    def set_base_path(self, path: Path) -> None:
        """Set the folder below which `destination` is."""
        self._base = Path(path)

    @abstractmethod
    def _bring(self) -> None:
        """Bring the code to `destination`."""

    @abstractmethod
    def to_pull_step(self) -> JsonObject:
        """Return the step by which a run gets the code."""

    def _pull_code(self) -> Plan[None]:
        """Bring the code to `destination`; of several processes one at a time."""
        yield Offload(self.fetch)

    pull_code = blocking(_pull_code)
    apull_code = awaiting(_pull_code)

    def fetch(self) -> None:
        """Bring the code to `destination`, in this thread even where an event loop runs."""
        with _alone(self.destination):
            self._bring()


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Keep other processes out of a folder. Raises TimeoutError if one of them keeps us out for too long."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + LOCK_SECONDS
    with (folder.parent / f".{folder.name}.lock").open("w") as guard:
        while True:
            try:
                fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"Another process fetches into {str(folder)!r} for too long.") from None
                time.sleep(0.05)
        yield


def __getattr__(name: str) -> Any:
    """Load a storage of another file when it is first asked for."""
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_ELSEWHERE[name]), name)
