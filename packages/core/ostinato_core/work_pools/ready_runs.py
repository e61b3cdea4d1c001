"""Runs that wait, as JSON that is ready to be given to workers: who polls again gets mostly what it got before."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import select

from ostinato_core.answer_json import dumps
from ostinato_core.db.tables import flow_runs
from ostinato_core.flow_runs.rows import COLUMNS, flow_run_json
from ostinato_core.states.rows import Row, estimated_start_time_delta
from ostinato_core.transaction import Transaction

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of JSON that a process keeps: some thousand runs."""
_LATENESS: Final = "estimated_start_time_delta"
_TIMES: Final = ("expected_start_time", "start_time", "state_type")
"""What lateness is told by: the one member that changes while the run does not."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A run in the version `(updated, state_id)`: its JSON before and after the value of `_LATENESS`."""

    version: tuple[Hashable, Hashable]
    head: bytes
    tail: bytes
    times: Row

    @property
    def size(self) -> int:
        """The bytes of its JSON."""
        return len(self.head) + len(self.tail)

    def json(self, now: datetime) -> bytes:
        """Return its JSON as of `now`."""
        return self.head + orjson.dumps(estimated_start_time_delta(self.times, now)) + self.tail


class ReadyRuns:
    """Those of this process, by id; the oldest go first. Used by several threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[Hashable, Ready] = {}
        self._size = 0
        self._lock = Lock()

    def find(self, found: Row) -> Ready | None:
        """Return a run of the line, if it is kept in that version."""
        kept = self._kept.get(found["id"])
        return kept if kept is not None and kept.version == (found["updated"], found["state_id"]) else None

    def keep(self, run_id: Hashable, ready: Ready) -> None:
        """Keep a run in place of its older versions, unless it alone were too large."""
        if ready.size > self._most_bytes:
            return
        with self._lock:
            older = self._kept.pop(run_id, None)
            self._size += ready.size - (0 if older is None else older.size)
            self._kept[run_id] = ready
            while self._size > self._most_bytes:
                self._size -= self._kept.pop(next(iter(self._kept))).size


_ready_runs = ReadyRuns()


async def read_runs(tx: Transaction, line: Sequence[Row]) -> Mapping[Hashable, Row]:
    """Return the rows of runs of the line that still wait, by the ids that the line has of them."""
    ids = {UUID(str(found["id"])): found["id"] for found in line}
    if not ids:
        return {}
    waits = flow_runs.c.state_type == "SCHEDULED"
    rows = await tx.rows(select(*COLUMNS).where(tx.dialect.is_one_of(flow_runs.c.id, list(ids)), waits))
    return {ids[row["id"]]: row for row in rows}


async def runs_for_workers(tx: Transaction, pool_id: UUID, line: Sequence[Row]) -> orjson.Fragment:
    """Return the answer to a worker of the pool: the runs of the line, those that nobody took meanwhile."""
    found = [(row["id"], row, _ready_runs.find(row)) for row in line]
    rows = await read_runs(tx, [row for _, row, ready in found if ready is None])
    given: list[bytes] = []
    for run_id, version, ready in found:
        if ready is None:
            if run_id not in rows:
                continue
            # Read after the line, it may be newer than its version: then the next poll reads it again.
            ready = _made(rows[run_id], version, tx.now)
            _ready_runs.keep(run_id, ready)
        given.append(ready.json(tx.now))
    begin = b'{"work_pool_id":' + dumps(pool_id) + b","
    return orjson.Fragment(b"[" + b",".join([begin + run for run in given]) + b"]")


def _made(row: Row, version: Row, now: datetime) -> Ready:
    """Make the JSON of a run: with the name of its state, but without the state."""
    run = flow_run_json(row, now)
    del run["work_pool_id"], run["work_pool_name"]
    run["state"] = None
    run["work_queue_id"], run["work_queue_name"] = row["work_queue_id"], row["work_queue_name"]
    members = list(run.items())
    place = list(run).index(_LATENESS)
    begin = b'"work_queue_id":' + dumps(row["work_queue_id"]) + b',"flow_run":'
    head = begin + dumps(dict(members[:place]))[:-1] + b',"' + _LATENESS.encode() + b'":'
    tail = b"," + dumps(dict(members[place + 1 :]))[1:] + b"}"
    return Ready((version["updated"], version["state_id"]), head, tail, {name: row[name] for name in _TIMES})
