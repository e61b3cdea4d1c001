"""Loading a flow from where its code is kept."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ostinato.deployments.entrypoints import load_flow
from ostinato.engine.drivers import adrive, drive
from ostinato.engine.steps import Offload, Plan
from ostinato.runner.storage import CodeStorage, DirectoryStorage, LocalStorage, pull

if TYPE_CHECKING:
    from ostinato.flows import Flow

# Any below: flows of whatever type, and what users give as a source.

_URL = re.compile(r"^[\w+.-]+://")
_SSH = re.compile(r"^[\w.-]+@[\w.-]+:")
_GIT_SCHEMES = frozenset({"git", "ssh", "http", "https"})


def load_plan(source: Any, entrypoint: str) -> Plan[Flow[..., Any]]:
    """Return the flow at `entrypoint` below `source`; it keeps both for its deployments.

    Raises ValueError, RuntimeError if the code cannot be fetched, or as `entrypoints.load_flow` does.
    """
    storage = storage_of(source)
    yield Offload(lambda: pull(storage))
    path, colon, name = entrypoint.rpartition(":")
    absolute = f"{storage.destination / path}:{name}" if colon else entrypoint
    flow = copy.copy(load_flow(absolute))
    flow.storage, flow.source_entrypoint = storage, entrypoint
    return flow


def load_from(source: Any, entrypoint: str) -> Flow[..., Any]:
    """Do as `load_plan` says, in this thread."""
    return drive(load_plan(source, entrypoint))


async def aload_from(source: Any, entrypoint: str) -> Flow[..., Any]:
    """Do the same in an event loop."""
    return await adrive(load_plan(source, entrypoint))


def storage_of(source: Any) -> CodeStorage:
    """Return the storage that a source stands for. Raises ValueError for what is none.

    An `http(s)`, `ssh` or `git` URL, one that ends with `.git`, `user@host:path` and the `file` URL of a repository
    are for git; other URLs are for fsspec. Texts without a scheme are folders.
    """
    if isinstance(source, (str, Path)):
        text = str(source)
        if not (_URL.match(text) or _SSH.match(text)):
            return LocalStorage(source)
        if _is_repository(text):
            from ostinato.runner.repository import GitRepository

            return GitRepository(text)
        from ostinato.runner.remote import RemoteStorage

        return RemoteStorage(text)
    if isinstance(source, (DirectoryStorage, CodeStorage)):  # the former first: it is not asked for its folder
        return source
    if callable(getattr(source, "get_directory", None)):
        from ostinato.runner.remote import BlockStorageAdapter

        return BlockStorageAdapter(source)
    raise ValueError(f"A source is a folder, a URL, a storage or a block with `get_directory`, got {source!r}.")


def _is_repository(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return any(Path(parts.path, name).exists() for name in (".git", "HEAD"))
    return bool(_SSH.match(url)) or parts.scheme in _GIT_SCHEMES or url.rstrip("/").endswith(".git")
