"""Code that is kept where fsspec reaches, and code that a block fetches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

from ostinato.runner.storage import STEPS, DirectoryStorage

if TYPE_CHECKING:
    from pathlib import Path

    from ostinato_wire.base import JsonObject

# Any below: settings of fsspec, which has no types, and blocks of whatever type.


def fetch(url: str, target: Path, settings: dict[str, Any]) -> None:
    """Copy what is below a URL into a folder. Raises ValueError for a URL with nothing, ModuleNotFoundError."""
    target.mkdir(parents=True, exist_ok=True)
    files = filesystem(url, settings)
    root = files._strip_protocol(url).rstrip("/")
    if not files.exists(root):
        raise ValueError(f"There is nothing at {shown(url)!r}.")
    files.get(f"{root}/", str(target), recursive=True)


def filesystem(url: str, settings: dict[str, Any]) -> Any:
    """Return the file system of a URL. Raises ModuleNotFoundError, with what to install."""
    try:
        import fsspec  # pyright: ignore[reportMissingTypeStubs] - it has none
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("Remote files need fsspec: pip install 'ostinato[remote]'.") from error
    return cast("Any", fsspec).core.url_to_fs(url, **settings)[0]


def shown(url: str) -> str:
    """Return a URL without user, password and query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class RemoteStorage(DirectoryStorage):
    """A folder anywhere that fsspec reaches: `RemoteStorage("s3://bucket/flows", key=..., secret=...)`.

    `settings` are those of the file system; blocks among them are read when they are needed, and a deployment only
    holds their names. The file system's package must be installed (`s3fs`, `gcsfs`, `adlfs`...).
    """

    def __init__(self, url: str, pull_interval: int | None = 60, **settings: Any) -> None:
        if "://" not in url:
            raise ValueError(f"A URL has a scheme and a place, such as s3://bucket/folder; got {url!r}.")
        self._url = url
        self._settings = settings
        super().__init__(urlsplit(url).path.strip("/").replace("/", "-") or urlsplit(url).netloc, pull_interval)

    def _bring(self) -> None:
        fetch(self._url, self.destination, {name: _revealed(value) for name, value in self._settings.items()})

    def to_pull_step(self) -> JsonObject:
        """Return the step that fetches the folder. Raises ValueError for secrets that no saved block keeps."""
        settings = {name: self._for_step(name, value) for name, value in self._settings.items()}
        return {f"{STEPS}.pull_from_remote_storage": {"url": self._url, **settings}}

    def _for_step(self, name: str, value: Any) -> Any:
        from ostinato.blocks.core import Block
        from ostinato.runner.repository import reference_to

        if isinstance(value, Block):
            return reference_to(value)
        if callable(getattr(value, "get_secret_value", None)):
            raise ValueError(f"The deployment would hold {name!r} for all to read: save it as a block and give that.")
        return value


def _revealed(value: Any) -> Any:
    """Return what is in a secret of pydantic or in a block of type `secret`; anything else as it is."""
    reveal: Any = getattr(value, "get_secret_value", None)
    if reveal is None and hasattr(value, "get_block_type_slug"):
        reveal = getattr(value, "get", None)
    return reveal() if callable(reveal) else value


class BlockStorageAdapter(DirectoryStorage):
    """What a saved block fetches: one with `get_directory`, such as RemoteFileSystem. Raises ValueError for others."""

    def __init__(self, block: Any, pull_interval: int | None = 60) -> None:
        if not callable(getattr(block, "get_directory", None)):
            raise ValueError(f"A {type(block).__name__} cannot fetch code: it has no method `get_directory`.")
        self._block = block
        super().__init__(block.document().name or type(block).__name__.lower(), pull_interval)

    def _bring(self) -> None:
        self.destination.mkdir(parents=True, exist_ok=True)
        get_into(self._block, self.destination)

    def to_pull_step(self) -> JsonObject:
        """Return the step that loads the block and fetches. Raises ValueError for a block that is not saved."""
        name = self._block.document().name
        if name is None:
            raise ValueError(f"The {type(self._block).__name__} block is not saved: call `save('name')` first.")
        slug = self._block.get_block_type_slug()
        return {f"{STEPS}.pull_with_block": {"block_type_slug": slug, "block_document_name": name}}


def get_into(block: Any, folder: Path) -> None:
    """Let a block copy its files into a folder."""
    block.get_directory(local_path=str(folder), **({"_sync": True} if hasattr(block, "aget_directory") else {}))
