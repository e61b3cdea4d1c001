"""Blocks that keep files: on this machine, and wherever fsspec reaches. Every method has an `a` spelling, too."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, cast
from uuid import uuid4

from pydantic import BaseModel, Field, SecretStr, field_validator

from ostinato.blocks.core import Block
from ostinato.engine.steps import Offload, Plan
from ostinato.utilities.ignore import IgnoreRules
from ostinato.utilities.paired import awaiting, blocking

__all__ = [
    "SMB",
    "LocalFileSystem",
    "NullFileSystem",
    "ReadableDeploymentStorage",
    "ReadableFileSystem",
    "RemoteFileSystem",
    "WritableDeploymentStorage",
    "WritableFileSystem",
]

# Any below: what subclasses return, a value or an awaitable of it; and libraries without types.


class ReadableFileSystem(Block, ABC):
    """Files that can be read."""

    _block_schema_capabilities: ClassVar[list[str] | None] = ["read-path"]

    @abstractmethod
    def read_path(self, path: str) -> Any:
        """Return the bytes of a file."""


class WritableFileSystem(ReadableFileSystem, ABC):
    """Files that can be read and written."""

    _block_schema_capabilities: ClassVar[list[str] | None] = ["write-path"]

    @abstractmethod
    def write_path(self, path: str, content: bytes) -> Any:
        """Write a file."""


class ReadableDeploymentStorage(Block, ABC):
    """Folders that can be fetched."""

    _block_schema_capabilities: ClassVar[list[str] | None] = ["get-directory"]

    @abstractmethod
    def get_directory(self, from_path: str | None = None, local_path: str | None = None) -> Any:
        """Copy a folder to this machine."""


class WritableDeploymentStorage(ReadableDeploymentStorage, ABC):
    """Folders that can be fetched and stored."""

    _block_schema_capabilities: ClassVar[list[str] | None] = ["put-directory"]

    @abstractmethod
    def put_directory(
        self, local_path: str | None = None, to_path: str | None = None, ignore_file: str | None = None
    ) -> Any:
        """Copy a folder of this machine to the storage."""


class _Storage(WritableFileSystem, WritableDeploymentStorage, ABC):
    """The methods of a storage, in their spellings, over functions that do the work and may block."""

    @abstractmethod
    def _read(self, path: str) -> bytes: ...

    @abstractmethod
    def _write(self, path: str, content: bytes) -> str: ...

    @abstractmethod
    def _get(self, from_path: str | None, local_path: str | None) -> str: ...

    @abstractmethod
    def _put(self, local_path: str | None, to_path: str | None, ignore_file: str | None) -> int: ...

    def _read_path(self, path: str) -> Plan[bytes]:
        """Return the bytes of a file. Raises ValueError if there is none, or if it is outside of the base path."""
        return (yield Offload(partial(self._read, path)))

    def _write_path(self, path: str, content: bytes) -> Plan[str]:
        """Write a file, making folders as needed, and return its path. Raises ValueError outside of the base path."""
        return (yield Offload(partial(self._write, path, content)))

    def _get_directory(self, from_path: str | None = None, local_path: str | None = None) -> Plan[str]:
        """Copy a folder of the storage (default: its base path) to `local_path` (default: here); return where it is."""
        return (yield Offload(partial(self._get, from_path, local_path)))

    def _put_directory(
        self, local_path: str | None = None, to_path: str | None = None, ignore_file: str | None = None
    ) -> Plan[int]:
        """Copy the folder `local_path` (default: here) to the storage; return how many files that were.

        `ignore_file` names a file of patterns, in the manner of `.gitignore`, of what to leave out.
        """
        return (yield Offload(partial(self._put, local_path, to_path, ignore_file)))

    read_path = blocking(_read_path)
    aread_path = awaiting(_read_path)
    write_path = blocking(_write_path)
    awrite_path = awaiting(_write_path)
    get_directory = blocking(_get_directory)
    aget_directory = awaiting(_get_directory)
    put_directory = blocking(_put_directory)
    aput_directory = awaiting(_put_directory)


class LocalFileSystem(_Storage):
    """A folder on this machine.

    Example:
        ```python
        from ostinato.filesystems import LocalFileSystem

        LocalFileSystem(basepath="~/results").save("results")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Local File System"
    _block_type_slug: ClassVar[str | None] = "local-file-system"

    basepath: str | None = Field(default=None, description="The folder that relative paths begin at.")

    @field_validator("basepath", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, Path) else value

    def _base(self) -> Path:
        return Path(self.basepath).expanduser().resolve() if self.basepath else Path.cwd()

    def _resolve(self, path: str | None) -> Path:
        """Return an absolute path. Raises ValueError if there is a base path and this is outside of it."""
        base = self._base()
        found = (base / Path(path).expanduser()).resolve() if path else base
        if self.basepath and not found.is_relative_to(base):
            raise ValueError(f"The path {path!r} is outside of the base path {str(base)!r}.")
        return found

    def _read(self, path: str) -> bytes:
        found = self._resolve(path)
        if not found.exists():
            raise ValueError(f"There is no file {str(found)!r}.")
        if not found.is_file():
            raise ValueError(f"{str(found)!r} is not a file.")
        return found.read_bytes()

    def _write(self, path: str, content: bytes) -> str:
        found = self._resolve(path)
        found.parent.mkdir(parents=True, exist_ok=True)
        if found.is_dir():
            raise ValueError(f"{str(found)!r} is a folder, not a file.")
        temporary = found.with_name(f".{uuid4().hex}.partial")
        try:
            temporary.write_bytes(content)
            temporary.replace(found)  # it is there as a whole, or not at all
        finally:
            temporary.unlink(missing_ok=True)
        return str(found)

    def _get(self, from_path: str | None, local_path: str | None) -> str:
        source = self._resolve(from_path)
        target = Path(local_path).expanduser().resolve() if local_path else Path.cwd()
        if source != target:
            shutil.copytree(source, target, dirs_exist_ok=True)
        return str(target)

    def _put(self, local_path: str | None, to_path: str | None, ignore_file: str | None) -> int:
        source = Path(local_path).expanduser().resolve() if local_path else Path.cwd()
        target, files = self._resolve(to_path), IgnoreRules.read(ignore_file).files_of(source)
        for file in files:
            destination = target / file.relative_to(source)
            destination.parent.mkdir(parents=True, exist_ok=True)
            if destination != file:
                shutil.copy2(file, destination)
        return len(files)


class _Remote(_Storage, ABC):
    """A storage that fsspec reaches."""

    @abstractmethod
    def _root(self) -> str:
        """Return the address that relative paths begin at."""

    @abstractmethod
    def _options(self) -> dict[str, Any]:
        """Return what fsspec needs to know beside the address."""

    @property
    def filesystem(self) -> Any:
        """The file system of fsspec that is used. Raises ModuleNotFoundError without `ostinato[remote]`."""
        try:
            import fsspec  # pyright: ignore[reportMissingTypeStubs] - it has none
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError("Remote files need fsspec: pip install 'ostinato[remote]'.") from error
        scheme = self._root().partition("://")[0]
        return cast("Any", fsspec).filesystem(scheme, **self._options())

    def _address(self, path: str | None) -> str:
        """Return the address of a path, which may be one already. Raises ValueError if it is outside of the base."""
        root = self._root().rstrip("/")
        if not path:
            return root
        if "://" in path:
            if path != root and not path.startswith(f"{root}/"):
                raise ValueError(f"The path {path!r} is outside of the base path {root!r}.")
            return path
        relative = PurePosixPath(path.lstrip("/"))
        if ".." in relative.parts:
            raise ValueError(f"The path {path!r} is outside of the base path {root!r}.")
        return f"{root}/{relative}"

    def _read(self, path: str) -> bytes:
        address = self._address(path)
        try:
            return self.filesystem.cat_file(address)
        except FileNotFoundError:
            raise ValueError(f"There is no file {address!r}.") from None

    def _write(self, path: str, content: bytes) -> str:
        address, files = self._address(path), self.filesystem
        files.makedirs(address.rpartition("/")[0], exist_ok=True)
        files.pipe_file(address, content)
        return address

    def _get(self, from_path: str | None, local_path: str | None) -> str:
        target = Path(local_path).expanduser().resolve() if local_path else Path.cwd()
        self.filesystem.get(f"{self._address(from_path)}/", str(target), recursive=True)
        return str(target)

    def _put(self, local_path: str | None, to_path: str | None, ignore_file: str | None) -> int:
        source = Path(local_path).expanduser().resolve() if local_path else Path.cwd()
        root, files, storage = self._address(to_path), IgnoreRules.read(ignore_file).files_of(source), self.filesystem
        for file in files:
            address = f"{root}/{file.relative_to(source).as_posix()}"
            storage.makedirs(address.rpartition("/")[0], exist_ok=True)
            storage.put_file(str(file), address)
        return len(files)


class RemoteFileSystem(_Remote):
    """A folder anywhere that fsspec reaches, such as `s3://bucket/folder`.

    Example:
        ```python
        from ostinato.filesystems import RemoteFileSystem

        RemoteFileSystem(basepath="s3://my-bucket/results").save("results")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Remote File System"
    _block_type_slug: ClassVar[str | None] = "remote-file-system"

    basepath: str = Field(
        default=..., description="The address that paths begin at.", examples=["s3://my-bucket/my-folder/"]
    )
    settings: dict[str, Any] = Field(default_factory=dict, description="Further settings for fsspec.")

    @field_validator("basepath")
    @classmethod
    def _is_address(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if not separator or not scheme or not rest:
            raise ValueError(f"The base path needs a scheme and a place, such as s3://bucket/folder; got {value!r}.")
        if scheme == "file":
            raise ValueError("Files of this machine are for LocalFileSystem.")
        return value

    def _root(self) -> str:
        return self.basepath

    def _options(self) -> dict[str, Any]:
        return self.settings


class SMB(_Remote):
    """A share of an SMB file server; it needs the package `smbprotocol`.

    Example:
        ```python
        from ostinato.filesystems import SMB

        SMB(share_path="/share/results", smb_host="files.example.com").save("results")
        ```
    """

    _block_type_slug: ClassVar[str | None] = "smb"

    share_path: str = Field(
        default=..., description="The share, and the folder in it that paths begin at.", examples=["/SHARE/folder"]
    )
    smb_username: SecretStr | None = Field(default=None, title="SMB Username", description="Who signs in.")
    smb_password: SecretStr | None = Field(default=None, title="SMB Password", description="The password.")
    smb_host: str = Field(default=..., title="SMB server/hostname", description="The server.")
    smb_port: int | None = Field(default=None, title="SMB port", description="The port, 445 by default.")

    def _root(self) -> str:
        return f"smb://{self.smb_host.rstrip('/')}/{self.share_path.strip('/')}"

    def _options(self) -> dict[str, Any]:
        secrets = {"username": self.smb_username, "password": self.smb_password}
        options = {name: value.get_secret_value() for name, value in secrets.items() if value is not None}
        return {"host": self.smb_host, **options} | ({} if self.smb_port is None else {"port": self.smb_port})


class NullFileSystem(BaseModel):
    """Keeps nothing: what is written is gone."""

    async def read_path(self, path: str) -> None:
        """Return nothing."""

    async def write_path(self, path: str, content: bytes) -> None:
        """Do nothing."""

    async def get_directory(self, from_path: str | None = None, local_path: str | None = None) -> None:
        """Do nothing."""

    async def put_directory(
        self, local_path: str | None = None, to_path: str | None = None, ignore_file: str | None = None
    ) -> None:
        """Do nothing."""
