"""Where code is kept that runs fetch before they start."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject

STEPS = "prefect.deployments.steps"
"""Prefix of the names of steps on the wire."""


class CodeStorage(Protocol):
    """A place with code."""

    @property
    def destination(self) -> Path:
        """The folder in which the code is on this machine, once it was pulled."""
        ...

    def pull_code(self) -> None:
        """Bring the code to `destination`."""
        ...

    def to_pull_step(self) -> JsonObject:
        """Return the step by which a run gets the code."""
        ...


class LocalStorage:
    """A folder of this machine: what runs need nothing to be fetched for. Raises ValueError if there is none."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path).expanduser().resolve()

    @property
    def destination(self) -> Path:
        """The folder."""
        return self._path

    def pull_code(self) -> None:
        """See that the folder is there."""
        if not self._path.is_dir():
            raise ValueError(f"There is no folder {str(self._path)!r}.")

    def to_pull_step(self) -> JsonObject:
        """Return the step that goes to the folder."""
        return {f"{STEPS}.set_working_directory": {"directory": str(self._path)}}
