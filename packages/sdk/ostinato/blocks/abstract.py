"""Bases that say what a block can do, so that code may ask for "any notification block" or "any database"."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Generic, TypeAlias, TypeVar

from ostinato.blocks.core import Block
from ostinato.exceptions import MissingContextError, OstinatoError

__all__ = [
    "CredentialsBlock",
    "DatabaseBlock",
    "JobBlock",
    "JobRun",
    "NotificationBlock",
    "NotificationError",
    "ObjectStorageBlock",
    "SecretBlock",
]

T = TypeVar("T")
LoggerOrAdapter: TypeAlias = "logging.Logger | logging.LoggerAdapter[logging.Logger]"

# Any below: what the service behind a block takes and gives.


def _logger_for(owner: object) -> LoggerOrAdapter:
    """Return the logger of the run around this call, else one named after the class."""
    from ostinato.logging import get_logger, get_run_logger

    try:
        return get_run_logger()
    except MissingContextError:
        return get_logger(type(owner).__name__)


class _Logging:
    @property
    def logger(self) -> LoggerOrAdapter:
        """The logger of the run around this call; outside of runs one named after the class."""
        return _logger_for(self)


class CredentialsBlock(_Logging, Block, ABC):
    """Credentials that make a client of a service."""

    @abstractmethod
    def get_client(self, *args: Any, **kwargs: Any) -> Any:
        """Return a client of the service, signed in."""


class NotificationError(OstinatoError):
    """A notification could not be sent; `log` says why."""

    def __init__(self, log: str) -> None:
        super().__init__(log)
        self.log = log


class NotificationBlock(_Logging, Block, ABC):
    """A way to tell people something."""

    _block_schema_capabilities: ClassVar[list[str] | None] = ["notify"]
    _raise_on_failure: bool = False

    @abstractmethod
    def notify(self, body: str, subject: str | None = None) -> None:
        """Send a message."""

    @contextmanager
    def raise_on_failure(self) -> Generator[None]:
        """Let `notify` raise NotificationError within the block, where it would log a warning else."""
        before = self._raise_on_failure
        self._raise_on_failure = True
        try:
            yield
        finally:
            self._raise_on_failure = before


class JobRun(_Logging, ABC, Generic[T]):
    """One run of a job in another system."""

    @abstractmethod
    def wait_for_completion(self) -> None:
        """Wait until the job has ended."""

    @abstractmethod
    def fetch_result(self) -> T:
        """Return what the job made."""


class JobBlock(_Logging, Block, ABC, Generic[T]):
    """A job in another system."""

    @abstractmethod
    def trigger(self) -> JobRun[T]:
        """Start the job."""


class DatabaseBlock(_Logging, Block, ABC):
    """A database that takes SQL or the like."""

    @abstractmethod
    def fetch_one(
        self, operation: str, parameters: dict[str, Any] | None = None, **execution_kwargs: Any
    ) -> tuple[Any, ...]:
        """Return one row of a query's result."""

    @abstractmethod
    def fetch_many(
        self,
        operation: str,
        parameters: dict[str, Any] | None = None,
        size: int | None = None,
        **execution_kwargs: Any,
    ) -> list[tuple[Any, ...]]:
        """Return the next `size` rows of a query's result."""

    @abstractmethod
    def fetch_all(
        self, operation: str, parameters: dict[str, Any] | None = None, **execution_kwargs: Any
    ) -> list[tuple[Any, ...]]:
        """Return all rows of a query's result."""

    @abstractmethod
    def execute(self, operation: str, parameters: dict[str, Any] | None = None, **execution_kwargs: Any) -> None:
        """Run a statement that has no result."""

    @abstractmethod
    def execute_many(self, operation: str, seq_of_parameters: list[dict[str, Any]], **execution_kwargs: Any) -> None:
        """Run a statement once for each set of parameters."""

    def __enter__(self) -> Any:
        """Open the database; not every one can be used in a `with` block."""
        raise NotImplementedError(f"{type(self).__name__} cannot be used in a `with` block.")

    def __exit__(self, *args: object) -> None:
        """Close what `__enter__` opened."""
        raise NotImplementedError(f"{type(self).__name__} cannot be used in a `with` block.")


class ObjectStorageBlock(_Logging, Block, ABC):
    """A store of files: an object store or a file server."""

    @abstractmethod
    def download_object_to_path(self, from_path: str, to_path: str | Path, **download_kwargs: Any) -> Path:
        """Write an object to a file; return its path."""

    @abstractmethod
    def download_object_to_file_object(
        self, from_path: str, to_file_object: BinaryIO, **download_kwargs: Any
    ) -> BinaryIO:
        """Write an object to an open file; return it."""

    @abstractmethod
    def download_folder_to_path(self, from_folder: str, to_folder: str | Path, **download_kwargs: Any) -> Path:
        """Write all objects of a folder to files; return the path of theirs."""

    @abstractmethod
    def upload_from_path(self, from_path: str | Path, to_path: str, **upload_kwargs: Any) -> str:
        """Store a file; return where."""

    @abstractmethod
    def upload_from_file_object(self, from_file_object: BinaryIO, to_path: str, **upload_kwargs: Any) -> str:
        """Store what an open file holds; return where."""

    @abstractmethod
    def upload_from_folder(self, from_folder: str | Path, to_folder: str, **upload_kwargs: Any) -> str:
        """Store all files of a folder; return where."""


class SecretBlock(_Logging, Block, ABC):
    """A store of one secret."""

    @abstractmethod
    def read_secret(self) -> bytes:
        """Return the secret."""

    @abstractmethod
    def write_secret(self, secret_data: bytes) -> str:
        """Store the secret; return where."""
