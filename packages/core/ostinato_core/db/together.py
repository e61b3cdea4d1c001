"""Statements of several requests that go to Postgres together: fewer round trips, and one commit for all who write.

Nobody waits for others to come: what comes while a batch is under way is in the next one (`Gathering`). Only what needs
no transaction of its own is run with others: the one statement with which an operation writes, and what it reads
before.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg

from ostinato_core.db.failures import DRIVER_ERRORS, translate
from ostinato_core.db.prepared import Compiled, Parameters
from ostinato_core.db.seats import Driver, Seats
from ostinato_core.errors import Unavailable
from ostinato_core.gathering import Gathering

A = TypeVar("A")
Found = tuple[Any, ...] | None  # Any: columns are of many types

PATIENCE: Final = "250ms"
"""How long those who write together wait for a row that somebody has locked, before each goes on alone."""


class OnlyAlone(Exception):
    """Nothing was done, because of one of those who came together: each is to go on alone, none after the other."""


@dataclass(slots=True)
class _Asked:
    sql: str
    row: UUID
    arguments: list[Any]  # Any: values of many types


_Run = Callable[[Driver, Sequence[_Asked]], Awaitable[Sequence[A]]]


class Together:
    """Runs statements that have `together`, for all operations of a process."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._finding = Gathering[tuple[str, UUID], _Asked, Found](self._find)
        self._writing = Gathering[None, _Asked, int](self._write)

    async def find(self, compiled: Compiled, parameters: Parameters, workspace_id: UUID) -> Found:
        """Return the columns of the row that a SELECT finds, or None. Errors: OnlyAlone; facts of `translate`."""
        return await self._finding.ask((compiled.sql, workspace_id), _asked(compiled, parameters))

    async def write(self, compiled: Compiled, parameters: Parameters) -> int:
        """Return the number of rows that the statement has touched. Errors: OnlyAlone; facts of `translate`."""
        return await self._writing.ask(None, _asked(compiled, parameters))

    async def _find(self, _key: tuple[str, UUID], batch: Sequence[_Asked]) -> Sequence[Found | Exception]:
        return await self._tried(_find_many if len(batch) > 1 else _find_one, batch, begins=False)

    async def _write(self, _key: None, batch: Sequence[_Asked]) -> Sequence[int | Exception]:
        begins = len(batch) > 1
        return await self._tried(_write_many if begins else _write_one, batch, begins=begins)

    async def _tried(self, run: _Run[A], batch: Sequence[_Asked], *, begins: bool) -> Sequence[A | Exception]:
        try:
            async with self._seats.taken(has_begun=begins) as seat:
                return await run(seat.driver, batch)
        except DRIVER_ERRORS as error:
            fact = translate(error)
            if fact is not error:
                fact.__cause__ = error
            # Of a connection that is lost nobody knows whether it has written: not to be tried again.
            is_lost = isinstance(fact, Unavailable) and not isinstance(error, asyncpg.LockNotAvailableError)
            return [OnlyAlone() if len(batch) > 1 and not is_lost else fact] * len(batch)


def _asked(compiled: Compiled, parameters: Parameters) -> _Asked:
    assert compiled.together is not None
    return _Asked(compiled.sql, parameters[compiled.together], compiled.arguments(parameters))


async def _find_one(driver: Driver, batch: Sequence[_Asked]) -> Sequence[Found]:
    record = await driver.fetchrow(batch[0].sql, *batch[0].arguments)
    return [None if record is None else tuple(record)]


async def _find_many(driver: Driver, batch: Sequence[_Asked]) -> Sequence[Found]:
    wanted = {asked.row: asked.arguments for asked in batch}
    records = await driver.fetchmany(batch[0].sql, list(wanted.values()))
    found = {record["id"]: tuple(record) for record in records}
    return [found.get(asked.row) for asked in batch]


async def _write_one(driver: Driver, batch: Sequence[_Asked]) -> Sequence[int]:
    return [await driver.fetchval(batch[0].sql, *batch[0].arguments)]


async def _write_many(driver: Driver, batch: Sequence[_Asked]) -> Sequence[int]:
    """Write in order, as all who write several rows; those who yet wait for each other run out of patience."""
    order = sorted(range(len(batch)), key=lambda place: (batch[place].sql, batch[place].row))
    touched = [0] * len(batch)
    await driver.execute(f"BEGIN; SET LOCAL lock_timeout = '{PATIENCE}'")
    for sql, group in groupby(order, key=lambda place: batch[place].sql):
        places = list(group)
        counts = await driver.fetchmany(sql, [batch[place].arguments for place in places])
        for place, count in zip(places, counts, strict=True):
            touched[place] = count[0]
    await driver.execute("COMMIT")
    return touched
