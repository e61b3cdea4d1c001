"""Gathering what many ask for at the same time: while one batch is being answered, those who come form the next one.

Nobody waits for others to come: who comes alone is answered alone, at once.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ostinato_core.errors import Unavailable

K = TypeVar("K", bound=Hashable)
A = TypeVar("A")
R = TypeVar("R")

BATCH = 500
"""How many are answered together, at most."""
CAPACITY = 10_000
"""How many may wait; who comes then is told to come again."""


@dataclass(slots=True)
class _Waiting(Generic[A, R]):
    asked: A
    answer: asyncio.Future[R]


class Gathering(Generic[K, A, R]):
    """Lines of those who wait, one for each key; lines do not wait for each other.

    `answer` gets a key and what is asked in the order in which it came, and returns as many answers; an exception
    among them is raised to who has asked. Where it raises itself, each is answered alone, so that what is wrong with
    one touches no other. Of the futures that callers wait for, any may be cancelled.
    """

    def __init__(self, answer: Callable[[K, Sequence[A]], Awaitable[Sequence[R | Exception]]]) -> None:
        self._answer = answer
        self._lines: dict[K, deque[_Waiting[A, R]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0

    async def ask(self, key: K, asked: A) -> R:
        """Return the answer. Errors: Unavailable where too many wait; what `answer` raises."""
        if self._waiting >= CAPACITY:
            raise Unavailable("Too many requests are waiting.")
        waiting = _Waiting[A, R](asked, asyncio.get_running_loop().create_future())
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = deque()
            task = asyncio.get_running_loop().create_task(self._serve(key, line))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        line.append(waiting)
        self._waiting += 1
        try:
            return await waiting.answer
        finally:
            self._waiting -= 1

    async def _serve(self, key: K, line: deque[_Waiting[A, R]]) -> None:
        batch: list[_Waiting[A, R]] = []
        try:
            while line:
                batch = [line.popleft() for _ in range(min(BATCH, len(line)))]
                await self._settle(key, [waiting for waiting in batch if not waiting.answer.done()])
        finally:
            del self._lines[key]
            for waiting in (*batch, *line):  # none but where this task is cancelled
                waiting.answer.cancel()

    async def _settle(self, key: K, batch: Sequence[_Waiting[A, R]]) -> None:
        if not batch:
            return
        try:
            answers = await self._answer(key, [waiting.asked for waiting in batch])
        except Exception as error:  # noqa: BLE001 - handed to those who wait
            if len(batch) > 1 and not isinstance(error, Unavailable):
                for waiting in batch:
                    await self._settle(key, [waiting])
                return
            answers = [error] * len(batch)
        for waiting, answer in zip(batch, answers, strict=True):
            if waiting.answer.done():
                continue
            if isinstance(answer, Exception):
                waiting.answer.set_exception(answer)
            else:
                waiting.answer.set_result(answer)
