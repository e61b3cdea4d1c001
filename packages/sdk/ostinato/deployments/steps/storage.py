"""Steps that bring code to where it runs, and the one that puts it where it is fetched from."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject

# Any below: settings of fsspec, and credentials in any of their forms.

CLONE_TRIES = 3
"""How often a clone is begun; after a failure it waits 1, then 2 seconds."""
FIRST_PAUSE = 1.0
IGNORE_FILES = (".ostinatoignore", ".prefectignore")


def set_working_directory(directory: str) -> JsonObject:
    """Go to a folder."""
    os.chdir(Path(directory).expanduser())
    return {"directory": str(Path.cwd())}


def git_clone(
    repository: str,
    branch: str | None = None,
    commit_sha: str | None = None,
    include_submodules: bool = False,
    access_token: str | None = None,
    credentials: Any = None,
    directories: list[str] | None = None,
    clone_directory_name: str | None = None,
) -> JsonObject:
    """Clone a repository below the working directory, or bring a former clone up to date; `directory` is where it is.

    Raises RuntimeError in the third failure, without credentials in its text, ValueError for inputs that exclude
    each other or a folder that holds another repository.
    """
    from ostinato.runner.git import Checkout, GitFailed, Remote, folder_name

    if access_token and credentials:
        raise ValueError("Give `access_token` or `credentials`, not both.")
    remote = Remote.of(repository, access_token or credentials)
    checkout = Checkout(branch, commit_sha, include_submodules, tuple(directories or ()))
    folder = Path.cwd() / (clone_directory_name or folder_name(remote.url, branch or commit_sha))
    for attempt in range(1, CLONE_TRIES + 1):
        try:
            checkout.bring(remote, folder)
            break
        except GitFailed as error:
            if attempt == CLONE_TRIES:
                raise RuntimeError(f"{remote.url} cannot be cloned: {error}") from None
            time.sleep(FIRST_PAUSE * attempt)
    return {"directory": str(folder)}


def pull_from_remote_storage(url: str, **settings: Any) -> JsonObject:
    """Copy a folder that fsspec reaches below the working directory; `settings` are those of its file system.

    Raises ValueError if there is nothing, ModuleNotFoundError for a missing package.
    """
    from ostinato.runner.remote import RemoteStorage

    storage = RemoteStorage(url, **settings)
    storage.set_base_path(Path.cwd())
    storage.fetch()
    return {"directory": str(storage.destination)}


def pull_with_block(block_type_slug: str, block_document_name: str) -> JsonObject:
    """Let a saved block fetch the code below the working directory. Raises ValueError if there is no such block."""
    from ostinato.blocks.core import Block
    from ostinato.blocks.storing import load
    from ostinato.engine.drivers import drive
    from ostinato.runner.remote import BlockStorageAdapter

    storage = BlockStorageAdapter(drive(load(Block, f"{block_type_slug}/{block_document_name}", validate=True)))
    storage.set_base_path(Path.cwd())
    storage.fetch()
    return {"directory": str(storage.destination)}


def push_to_remote_storage(url: str, **settings: Any) -> JsonObject:
    """Copy the working directory to an address of fsspec, without what `.ostinatoignore` or `.prefectignore` lists.

    `url` and `directory` are what a pull step needs to fetch it. Raises ModuleNotFoundError for a missing package.
    """
    from ostinato.runner.remote import filesystem
    from ostinato.utilities.ignore import IgnoreRules

    files = filesystem(url, settings)
    root = files._strip_protocol(url).rstrip("/")
    here = Path.cwd()
    ignore = next((name for name in IGNORE_FILES if (here / name).is_file()), None)
    for file in IgnoreRules.read(ignore).files_of(here):
        target = f"{root}/{file.relative_to(here).as_posix()}"
        files.makedirs(target.rpartition("/")[0], exist_ok=True)
        files.put_file(str(file), target)
    return {"url": url, "directory": str(here)}
