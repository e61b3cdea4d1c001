"""Reading the result that a state tells of: by its metadata, in whatever process made it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato.engine.steps import Offload, Plan, Sleep
from ostinato.exceptions import MissingResult
from ostinato.results.records import ResultRecord, ResultRecordMetadata
from ostinato.results.storage import LocalStorage, RemoteStorage, resolve_storage, settled

if TYPE_CHECKING:
    from ostinato.results.storage import WritableFileSystem

TRIES = 10
PAUSE = 0.25
"""Seconds between tries: a storage may show what was written a little later."""

# Any below: results of users' functions, and JSON.


def metadata_in(data: object) -> ResultRecordMetadata | None:
    """Return the metadata that the data of a state is, as an object or as JSON; None if it is something else."""
    if isinstance(data, ResultRecordMetadata):
        return data
    if isinstance(data, dict) and "storage_key" in data and "serializer" in data:
        return ResultRecordMetadata.model_validate(data)
    return None


def read_plan(metadata: ResultRecordMetadata, tries: int = TRIES) -> Plan[Any]:
    """Return the result; it is looked for `tries` times. Raises MissingResult, SerializationError."""
    for left in reversed(range(tries)):
        try:
            return (yield Offload(lambda: _read(metadata)))
        except OSError as error:
            if not left:
                raise MissingResult(
                    f"The result is not in its storage any more, or cannot be reached: {metadata.storage_key} ({error})"
                ) from error
        yield Sleep(PAUSE)
    raise ValueError("A result must be looked for at least once.")


def _read(metadata: ResultRecordMetadata) -> Any:
    storage, key = _place(metadata)
    try:
        blob = settled(storage.read_path(key))
    except (KeyError, ValueError) as error:  # how some storages say that there is nothing
        raise FileNotFoundError(str(error)) from error
    return ResultRecord[Any].deserialize(blob, backup_serializer=metadata.serializer).result


def _place(metadata: ResultRecordMetadata) -> tuple[WritableFileSystem, str]:
    """Return the storage, and the path in it."""
    key = metadata.storage_key or ""
    if metadata.storage_block_id is not None:
        return resolve_storage(metadata.storage_block_id), key
    if "://" in key:
        return RemoteStorage(key), key
    if Path(key).is_absolute():
        return LocalStorage(Path(key).parent), key
    from ostinato.results.defaults import default_storage

    return resolve_storage(default_storage()), key
