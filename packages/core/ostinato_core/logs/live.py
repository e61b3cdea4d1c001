"""Lines as they come, for those who follow them: nothing is read from the database for it, and nothing is owed.

Lines go through the fan-out once they are committed. One task a process takes them from there, reads them once, and
gives each follower what he asked for. Who reads too slowly loses lines; they are in the database.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import orjson

from ostinato_core.coordination import fan_out
from ostinato_core.ids import DEFAULT_WORKSPACE_ID
from ostinato_core.transaction import Columns
from ostinato_wire.logs import LogFilter

BACKLOG: Final = 256
"""Lines that wait for one follower, and batches that wait for a process, at most."""


def topic_of(workspace_id: UUID) -> str:
    """Return the topic of the fan-out that carries the lines of a workspace."""
    return f"logs/{workspace_id}"


def publish(workspace_id: UUID, columns: Columns) -> None:
    """Pass stored lines on to those who follow them, in all processes that the fan-out reaches."""
    fan_out().publish(topic_of(workspace_id), lambda: _message(columns))


def _message(columns: Columns) -> bytes:
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return orjson.dumps(rows, default=str, option=orjson.OPT_UTC_Z)


@dataclass(slots=True)
class LiveLine:
    """One line: what filters look at, and the line as the wire has it."""

    level: int
    timestamp: datetime
    flow_run_id: str | None
    task_run_id: str | None
    json: bytes


def read_lines(message: bytes) -> list[LiveLine]:
    """Return the lines of a message of the fan-out."""
    return [_line(row) for row in orjson.loads(message)]


def _line(row: dict[str, Any]) -> LiveLine:  # Any: columns are of many types
    shown = {
        "id": row["id"],
        "created": None,
        "updated": None,
        "name": row["name"],
        "level": row["level"],
        "message": row["message"],
        "timestamp": row["timestamp"],
        "flow_run_id": row["flow_run_id"],
        "task_run_id": row["task_run_id"],
    }
    timestamp = datetime.fromisoformat(row["timestamp"])
    return LiveLine(row["level"], timestamp, row["flow_run_id"], row["task_run_id"], orjson.dumps(shown))


class Matcher:
    """The criteria of a filter that lines are held against as they come: all of them must hold; text is not one."""

    def __init__(self, wanted: LogFilter) -> None:
        level, timestamp = wanted.level, wanted.timestamp
        self._lowest = level.ge_ if level else None
        self._highest = level.le_ if level else None
        self._after = timestamp.after_ if timestamp else None
        self._before = timestamp.before_ if timestamp else None
        self._flow_runs = _texts(wanted.flow_run_id.any_) if wanted.flow_run_id else None
        self._task_runs = _texts(wanted.task_run_id.any_) if wanted.task_run_id else None
        self._without_task = wanted.task_run_id.is_null_ if wanted.task_run_id else None

    def __call__(self, line: LiveLine) -> bool:
        """Whether a line is wanted."""
        return (
            (self._lowest is None or line.level >= self._lowest)
            and (self._highest is None or line.level <= self._highest)
            and (self._after is None or line.timestamp >= self._after)
            and (self._before is None or line.timestamp <= self._before)
            and (self._flow_runs is None or line.flow_run_id in self._flow_runs)
            and (self._task_runs is None or line.task_run_id in self._task_runs)
            and (self._without_task is None or (line.task_run_id is None) == self._without_task)
        )


def _texts(ids: Iterable[UUID] | None) -> frozenset[str | None] | None:
    return None if ids is None else frozenset(str(each) for each in ids)


class Follower:
    """One who follows lines; an async iterator that never ends by itself."""

    def __init__(self, matches: Matcher) -> None:
        self.lost = 0
        self._matches = matches
        self._waiting: deque[LiveLine] = deque()
        self._filled = asyncio.Event()

    def feed(self, lines: Sequence[LiveLine]) -> None:
        """Take those lines that are wanted, as long as there is room."""
        for line in filter(self._matches, lines):
            if len(self._waiting) >= BACKLOG:
                self.lost += 1
            else:
                self._waiting.append(line)
                self._filled.set()

    def __aiter__(self) -> "Follower":
        return self

    async def __anext__(self) -> LiveLine:
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        return self._waiting.popleft()


class LiveLogs:
    """Gives the lines of the default workspace to the followers of this process; listens only while there are any."""

    def __init__(self) -> None:
        self._followers: set[Follower] = set()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    @property
    def followers(self) -> int:
        """How many follow now."""
        return len(self._followers)

    @asynccontextmanager
    async def follow(self, wanted: LogFilter) -> AsyncGenerator[Follower]:
        """Follow lines that are stored from now on, while the context is open."""
        follower = Follower(Matcher(wanted))
        self._followers.add(follower)
        try:
            if self._task is None:
                listening = asyncio.Event()
                self._task = asyncio.get_running_loop().create_task(self._pass_on(listening), name="live-logs")
                await listening.wait()
            yield follower
        finally:
            self._followers.discard(follower)
            if not self._followers:
                await self._stop()

    async def _pass_on(self, listening: asyncio.Event) -> None:
        with fan_out().follow(topic_of(DEFAULT_WORKSPACE_ID), BACKLOG) as feed:
            listening.set()
            while True:
                lines = read_lines(await feed.next())
                for follower in self._followers:
                    follower.feed(lines)

    async def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
