"""A ring of records in a file that is mapped into memory: what was appended survives the death of the process."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final
from zlib import crc32

MAGIC: Final = b"OSTJRNL1"
DATA_AT: Final = 4096
"""Where records begin in the file; before them are the magic word, two slots and the owner's words about himself."""
META_AT: Final = 512
_SLOTS_AT: Final = (64, 192)
_SLOT: Final = struct.Struct("<QQQQQQQQQI")
"""Number of the update; where reading begins, and with which record; of each stream how many are acknowledged, and up
to which it has ever been without room; checksum."""
_RECORD: Final = struct.Struct("<IIQQB3x")
_HEAD: Final = _RECORD.size
_WRAP: Final = 0xFFFFFFFF
"""In place of a length: the next record is at the beginning."""
_MARK_EVERY: Final = 64
_POPULATE_WRITE: Final = 23
"""MADV_POPULATE_WRITE of Linux 5.14, which the standard library does not name."""
_AT_HAND: Final = 6 * 1024 * 1024
UNFINISHED: Final = ".new"
"""Suffix of a file that is to replace one."""
SMALLEST: Final = 16 * 1024 * 1024
"""Bytes that hold what a busy process sends before the first of it is confirmed, so that it does not have to move."""


class Stream(IntEnum):
    """What a record is about. Within a stream records are acknowledged in order."""

    EVENTS = 0
    LOGS = 1
    RUNS = 2


class NotAJournal(ValueError):
    """The file is none, or was cut off before it was one."""


@dataclass(frozen=True, slots=True)
class Record:
    """One entry; `ordinal` counts those of its stream, from 0."""

    stream: Stream
    ordinal: int
    payload: bytes


@dataclass(slots=True)
class _Mark:
    """The ring up to here is free once so many of each stream are acknowledged."""

    position: int
    sequence: int
    counts: tuple[int, int, int]


class Ring:
    """The file of a living process, locked while it lives. Not safe for threads; sizes are in bytes of records.

    Positions count on over the end of the ring. Of a record that was half written when the process died, the checksum
    is wrong: it is not read, nor is anything behind it, and there is nothing behind it.
    """

    def __init__(self, path: Path, meta: bytes, size: int = SMALLEST) -> None:
        if len(meta) > DATA_AT - META_AT - 4:
            raise ValueError("A journal has no room for so many words about its owner.")
        self.path = path
        self._meta = meta
        self.counts = [0, 0, 0]
        """How many were appended, or skipped, of each stream."""
        self._acknowledged = [0, 0, 0]
        self._skipped = [0, 0, 0]
        self._sequence = 1  # not 0: a file full of zeros holds no records
        self._updates = 0
        self.written = 0
        """The position after the last record; it never goes back."""
        self._open(path, size)

    def _open(self, path: Path, size: int) -> None:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)  # somebody may just be looking whether it has one
            os.posix_fallocate(file, 0, DATA_AT + size)  # a hole that cannot be filled later would kill the process
            self._data = mmap.mmap(file, DATA_AT + size)
            _have_at_hand(self._data)
        except BaseException:
            os.close(file)
            path.unlink()
            raise
        self._file = file
        self.size = size
        self.bounds = [size] * len(Stream)
        """How many bytes may be used for a stream to be appended, at most `size`."""
        self._begin_lap()
        self._marks: deque[_Mark] = deque()
        struct.pack_into("<I", self._data, META_AT, len(self._meta))
        self._data[META_AT + 4 : META_AT + 4 + len(self._meta)] = self._meta
        self._write_slot()
        self._data[: len(MAGIC)] = MAGIC

    @property
    def used(self) -> int:
        """Bytes that are not free."""
        return self.written - self._freed

    @property
    def is_settled(self) -> bool:
        """Whether everything is acknowledged."""
        return self.counts == self._acknowledged

    def has_room(self, payloads: list[bytes]) -> bool:
        """Whether all of them can be appended, wherever the end of the file comes between."""
        sizes = [_HEAD + len(payload) for payload in payloads]
        return sum(sizes) + max(sizes, default=0) <= self.size - self.used

    def append(self, stream: Stream, payload: bytes) -> bool:
        """Append a record; whether there was room."""
        length = len(payload)
        size, written, sequence = _HEAD + length, self.written, self._sequence
        at = written % self.size
        gap = self.size - at if at + size > self.size else 0
        if written + gap + size - self._freed > self.bounds[stream]:
            return False
        if gap:
            if gap >= _HEAD:
                _RECORD.pack_into(self._data, DATA_AT + at, _WRAP, 0, sequence, 0, 0)
            written, at = written + gap, 0
        if not sequence % _MARK_EVERY:
            self._marks.append(_Mark(written, sequence, (self.counts[0], self.counts[1], self.counts[2])))
        ordinal, start = self.counts[stream], DATA_AT + at
        # The sum is that of `_checksum`, written out: this is the one place where a call is felt.
        checksum = crc32(payload, (sequence + 31 * ordinal + (stream << 24)) & 0xFFFFFFFF)
        self._data[start : start + size] = _RECORD.pack(length, checksum, sequence, ordinal, stream) + payload
        self.written = written + size
        self._sequence = sequence + 1
        self.counts[stream] = ordinal + 1
        return True

    def skip(self, stream: Stream) -> None:
        """Count one that is not written, and let readers know."""
        self.counts[stream] += 1
        self._skipped[stream] = self.counts[stream]
        self._write_slot()

    def acknowledge(self, stream: Stream, upto: int) -> None:
        """Let the first `upto` of a stream be forgotten."""
        self._acknowledged[stream] = upto
        self._free()
        self._write_slot()

    def _free(self) -> None:
        if self.is_settled:
            self._marks.clear()
            self._begin_lap()  # pages that were written before are at hand
            return
        known = self._acknowledged
        while self._marks and all(count <= done for count, done in zip(self._marks[0].counts, known, strict=True)):
            mark = self._marks.popleft()
            self._freed, self._freed_sequence = mark.position, mark.sequence

    def _begin_lap(self) -> None:
        """Go on at the beginning of the file, with nothing in it."""
        self.written = self._freed = -(-self.written // self.size) * self.size
        self._freed_sequence = self._sequence

    def _write_slot(self) -> None:
        """Write where reading begins, in the slot that is not the last one: one of the two is whole at any time."""
        self._updates += 1
        values = (self._updates, self._freed, self._freed_sequence, *self._acknowledged, *self._skipped)
        at = _SLOTS_AT[self._updates % 2]
        _SLOT.pack_into(self._data, at, *values, 0)
        struct.pack_into("<I", self._data, at + _SLOT.size - 4, crc32(self._data[at : at + _SLOT.size - 4]))

    def resize(self, size: int) -> None:
        """Move to a file of another size under the same name. Raises OSError; then all is as before."""
        found = _records(self._data, self.size, self._freed, self._freed_sequence)
        records = [record for record in found if record.ordinal >= self._acknowledged[record.stream]]
        former_file, former_data, counts = self._file, self._data, self.counts
        beside = self.path.with_suffix(UNFINISHED)
        self._open(beside, size)
        for record in records:
            self.counts = [*counts]
            self.counts[record.stream] = record.ordinal
            self.append(record.stream, record.payload)
        self.counts = counts
        self._marks.clear()  # they would count wrongly; the next ones are right
        beside.rename(self.path)
        former_data.close()
        os.close(former_file)

    def close(self, *, remove: bool) -> None:
        """Give the file up, for the next process to read or, with `remove`, for good."""
        if remove:
            self.path.unlink(missing_ok=True)
        self._data.close()
        os.close(self._file)


def _have_at_hand(data: mmap.mmap) -> None:
    """Map the first pages now, all at once: one by one, when they are first written, it takes ten times as long."""
    try:
        data.madvise(_POPULATE_WRITE, 0, min(_AT_HAND, len(data)))
    except OSError:  # an older kernel
        return


def _checksum(payload: bytes, sequence: int, ordinal: int, stream: int) -> int:
    """Of the whole record; what was in its place before had another sequence."""
    return crc32(payload, (sequence + 31 * ordinal + (stream << 24)) & 0xFFFFFFFF)


def _records(data: mmap.mmap, size: int, position: int, sequence: int) -> Iterator[Record]:
    """Yield the records from a position on, until what follows is none."""
    end = position + size
    while position < end:
        at = position % size
        if size - at < _RECORD.size:
            position += size - at
            continue
        length, checksum, found, ordinal, stream = _RECORD.unpack_from(data, DATA_AT + at)
        if found != sequence:
            return
        if length == _WRAP:
            position += size - at
            continue
        start = DATA_AT + at + _RECORD.size
        payload = data[start : start + length]
        if at + _RECORD.size + length > size or _checksum(payload, sequence, ordinal, stream) != checksum:
            return
        yield Record(Stream(stream), ordinal, payload)
        position += _RECORD.size + length
        sequence += 1


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds that nobody has acknowledged, oldest first, and its owner's words about himself."""

    meta: bytes
    records: list[Record]
    missing: tuple[int, int, int]
    """How many of each stream there was no room for, of those that nobody has acknowledged."""


def read_meta(path: Path) -> bytes:
    """Return the owner's words about himself, without looking at the records. Raises NotAJournal, OSError."""
    with path.open("rb") as file:
        head = file.read(DATA_AT)
    if len(head) < DATA_AT or not head.startswith(MAGIC):
        raise NotAJournal(f"{path} is no journal.")
    (length,) = struct.unpack_from("<I", head, META_AT)
    return head[META_AT + 4 : META_AT + 4 + length]


def read_ring(path: Path) -> Contents:
    """Read the file of a dead process, or look into that of a living one. Raises NotAJournal, OSError."""
    meta = read_meta(path)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        _, freed, sequence, *counts = _newest_slot(data, path)
        acknowledged, skipped = counts[: len(Stream)], counts[len(Stream) :]
        found = _records(data, len(data) - DATA_AT, freed, sequence)
        records = [record for record in found if record.ordinal >= acknowledged[record.stream]]
    events, logs, runs = (_missing(records, stream, acknowledged[stream], skipped[stream]) for stream in Stream)
    return Contents(meta, records, (events, logs, runs))


def _missing(records: list[Record], stream: Stream, acknowledged: int, skipped: int) -> int:
    """Return how many of a stream were counted and are not there: up to the last that had no room, none follows."""
    there = sum(record.stream is stream and record.ordinal < skipped for record in records)
    return max(skipped - acknowledged - there, 0)


def _newest_slot(data: mmap.mmap, path: Path) -> tuple[int, ...]:
    slots: list[tuple[int, ...]] = []
    for at in _SLOTS_AT:
        *values, checksum = _SLOT.unpack_from(data, at)
        if crc32(data[at : at + _SLOT.size - 4]) == checksum:
            slots.append(tuple(values))
    if not slots:
        raise NotAJournal(f"{path} does not say where its records begin.")
    return max(slots)
