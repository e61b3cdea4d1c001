"""Places for results: a folder of this machine, what fsspec reaches, or a storage block."""

from __future__ import annotations

import inspect
import os
import uuid
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable
from uuid import UUID

from ostinato.engine.drivers import run_coroutine

if TYPE_CHECKING:
    from types import ModuleType

# Any below: what a user's block returns, and fsspec, which has no types.


@runtime_checkable
class WritableFileSystem(Protocol):
    """Whatever keeps bytes under paths; storage blocks do. The methods may be coroutine functions."""

    def read_path(self, path: str) -> Any:
        """Return the bytes of `path`."""
        ...

    def write_path(self, path: str, content: bytes) -> Any:
        """Keep `content` under `path`."""
        ...


StorageReference: TypeAlias = WritableFileSystem | str | Path | UUID
"""A storage, a folder, an fsspec URL, a block's `type-slug/name` or the id of its document."""


class LocalStorage:
    """A folder of this machine. A file appears under its name when all of it is there."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder).expanduser().absolute()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LocalStorage) and self.folder == other.folder

    def __hash__(self) -> int:
        return hash(self.folder)

    def resolve(self, path: str) -> Path:
        """Return the file of `path`. Raises ValueError for one that is outside of the folder."""
        file = Path(os.path.normpath(self.folder / path))
        if not file.is_relative_to(self.folder):
            raise ValueError(f"The key {path!r} leads out of {self.folder}; choose a key without '..'.")
        return file

    def read_path(self, path: str) -> bytes:
        """Return the bytes of a file. Raises FileNotFoundError."""
        return self.resolve(path).read_bytes()

    def write_path(self, path: str, content: bytes) -> str:
        """Write a file, and return where it is."""
        file = self.resolve(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f".{uuid.uuid4().hex}.partial")  # a name of its own: keys may be as long as names
        try:
            temporary.write_bytes(content)
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)
        return str(file)


class RemoteStorage:
    """What an fsspec URL reaches: `s3://bucket/folder`, `gs://...`, `memory://...`; `settings` are fsspec's."""

    def __init__(self, url: str, settings: dict[str, Any] | None = None) -> None:
        self.url = url.rstrip("/") if not url.endswith("://") else url
        self._settings = settings or {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoteStorage) and (self.url, self._settings) == (other.url, other._settings)

    def __hash__(self) -> int:
        return hash(self.url)

    def resolve(self, path: str) -> str:
        """Return the URL of `path`. Raises ValueError for one that is outside."""
        if ".." in path.split("/"):
            raise ValueError(f"The key {path!r} leads out of its storage; choose a key without '..'.")
        return path if path.startswith(self.url) else f"{self.url}/{path}".replace(":///", "://", 1)

    def read_path(self, path: str) -> bytes:
        """Return the bytes of a file. Raises FileNotFoundError, or what the file system raises."""
        with _fsspec().open(self.resolve(path), "rb", **self._settings) as file:
            return file.read()

    def write_path(self, path: str, content: bytes) -> str:
        """Write a file, and return its URL."""
        url = self.resolve(path)
        with _fsspec().open(url, "wb", auto_mkdir=True, **self._settings) as file:
            file.write(content)
        return url


def _fsspec() -> ModuleType:
    try:
        import fsspec  # pyright: ignore[reportMissingTypeStubs] - it has none
    except ImportError:
        raise ImportError(
            "Results at a URL need fsspec: pip install 'ostinato[remote]', and the package of its protocol (s3fs ...)."
        ) from None
    return fsspec


def block_id_of(storage: object) -> UUID | None:
    """Return the id of the document if the storage is a saved block."""
    return getattr(storage, "_block_document_id", None)


def location(storage: WritableFileSystem, key: str) -> str:
    """Return what a record says of where it is: its path or URL, within a saved block its key."""
    if block_id_of(storage) is not None:
        return key
    if isinstance(storage, (LocalStorage, RemoteStorage)):
        return str(storage.resolve(key))
    folder = getattr(storage, "basepath", None)
    return f"{str(folder).rstrip('/')}/{key}" if folder else key


def settled(outcome: Any) -> Any:
    """Return what a storage's method returned, awaited if need be."""
    return run_coroutine(outcome) if inspect.iscoroutine(outcome) else outcome


def checked_reference(given: object, what: str) -> StorageReference | None:
    """Return `given` if it may name a storage. Raises TypeError, also for a block that has not been saved."""
    if given is None or isinstance(given, (str, Path, UUID)):
        return given
    if not isinstance(given, WritableFileSystem):
        raise TypeError(
            f"`{what}` must be a storage block, `type-slug/name`, a folder or a URL, got {type(given).__name__}."
        )
    if hasattr(given, "_block_document_id") and block_id_of(given) is None:
        raise TypeError(f"`{what}` is a block that has not been saved; call its `save(name)` first.")
    return given


def resolve_storage(given: StorageReference) -> WritableFileSystem:
    """Return the storage that a reference names; a block is asked of the server.

    Raises ValueError for a block of a type that cannot keep results, ObjectNotFound.
    """
    if isinstance(given, UUID):
        return _load_block(given)
    if isinstance(given, Path):
        return LocalStorage(given)
    if not isinstance(given, str):
        return given
    if "://" in given:
        return RemoteStorage(given)
    if given.startswith((".", "/", "~")) or given.count("/") != 1 or Path(given).is_dir():
        return LocalStorage(given)
    return _load_block(given)


def _load_block(reference: UUID | str) -> WritableFileSystem:
    core: Any = import_module("ostinato.blocks.core")  # loaded when needed: most results are in folders
    block = settled(core.Block.load_from_ref(reference, _sync=True))
    if not isinstance(block, WritableFileSystem):
        raise ValueError(f"The block {str(reference)!r} is a {type(block).__name__}, which cannot keep results.")
    return block
