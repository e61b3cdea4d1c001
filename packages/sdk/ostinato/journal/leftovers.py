"""Journals on this machine: which belong to processes that live, and what those of dead processes hold."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from ostinato.journal.book import FOLDER, SUFFIX, own_paths
from ostinato.journal.notes import Begun, Ended, Settled
from ostinato.journal.ring import UNFINISHED, NotAJournal, Record, Stream, read_meta, read_ring
from ostinato.settings import Settings

UNFINISHED_SECONDS: Final = 60.0

_NOTES: TypeAdapter[Begun | Ended | Settled] = TypeAdapter(
    Annotated[Begun | Ended | Settled, Field(discriminator="kind")]
)


class Owner(BaseModel):
    """The process that wrote a journal."""

    api_url: str
    pid: int
    host: str
    began: datetime
    headers: dict[str, str]
    supervised: UUID | None = None
    """The flow run that a runner or worker started it for, and whose crash that one tells."""


@dataclass(frozen=True)
class Leftover:
    """What a journal holds that is not known to be at the server."""

    path: Path
    owner: Owner
    records: list[Record]
    missing: tuple[int, int, int]
    """How many of each stream the journal had no room for: they were in the memory of the process alone."""

    def last_written(self) -> datetime:
        """Return when its process last wrote into it, within half a minute; now if it is gone."""
        try:
            return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        except FileNotFoundError:
            return datetime.now(UTC)

    def of(self, stream: Stream) -> list[bytes]:
        """Return the records of a stream, oldest first."""
        return [record.payload for record in self.records if record.stream is stream]

    def notes(self) -> list[Begun | Ended]:
        """Return the notes on runs that were not settled, oldest first."""
        runs = [record for record in self.records if record.stream is Stream.RUNS]
        notes = [(record.ordinal, _NOTES.validate_json(record.payload)) for record in runs]
        settled = {note.number for _, note in notes if isinstance(note, Settled)}
        return [note for number, note in notes if not isinstance(note, Settled) and number not in settled]


def journal_files(settings: Settings) -> list[Path]:
    """Return the journals of other processes of this home, dead or alive, oldest first."""
    folder = settings.home / FOLDER
    try:
        paths = [path for path in folder.iterdir() if path.suffix == SUFFIX]
    except OSError:
        return []
    own = own_paths()
    return sorted((path for path in paths if path not in own), key=_made)


def _made(path: Path) -> str:
    """Return what orders journals by when they were made: their ids do."""
    return path.stem.partition("-")[2]


def sweep(settings: Settings) -> None:
    """Remove what processes left that died while they made a journal: there was nothing in it yet."""
    try:
        unfinished = [path for path in (settings.home / FOLDER).iterdir() if _is_unfinished(path)]
    except OSError:
        return
    for path in unfinished:
        with taken_over(path) as is_ours:
            if is_ours:
                path.unlink(missing_ok=True)


def _is_unfinished(path: Path) -> bool:
    """Whether a file was begun a while ago, and not ended: one without content, or one that was to replace another."""
    status = path.stat()
    is_empty = path.suffix == SUFFIX and status.st_size == 0
    return (is_empty or path.suffix == UNFINISHED) and time.time() - status.st_mtime > UNFINISHED_SECONDS


def owner_of(path: Path) -> Owner | None:
    """Return who wrote a journal, without looking at what is in it; None if it is gone or none."""
    try:
        return Owner.model_validate_json(read_meta(path))
    except (OSError, NotAJournal, ValidationError):
        return None


def look_into(path: Path) -> Leftover | None:
    """Return what a journal holds; None if it is gone or none."""
    try:
        contents = read_ring(path)
        return Leftover(path, Owner.model_validate_json(contents.meta), contents.records, contents.missing)
    except (OSError, NotAJournal, ValidationError):
        return None


def remove(path: Path) -> bool:
    """Remove the journal of a dead process, with what is in it; False where it is gone, or somebody holds it."""
    with taken_over(path) as is_ours:
        if is_ours:
            path.unlink(missing_ok=True)
        return is_ours


def is_abandoned(path: Path) -> bool:
    """Whether no process holds a journal."""
    with taken_over(path) as is_ours:
        return is_ours


@contextmanager
def taken_over(path: Path) -> Generator[bool]:
    """Hold the journal of a dead process in the block; False where it is gone, or its owner or a replay holds it."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    try:
        yield _is_ours(file, path)
    finally:
        os.close(file)


def _is_ours(file: int, path: Path) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between opening and locking a living owner may have moved to a longer file, or another have removed it.
        return os.path.samestat(os.fstat(file), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def has_end(settings: Settings, flow_run_id: UUID) -> bool:
    """Whether a dead process left the end of a run in its journal."""
    found = [look_into(path) for path in journal_files(settings)]
    notes = [note for leftover in found if leftover is not None for note in leftover.notes()]
    return any(isinstance(note, Ended) and note.flow_run_id == flow_run_id for note in notes)
