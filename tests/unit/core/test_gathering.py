"""What many ask for at once is answered together, in order, and what is wrong with one touches no other."""

import asyncio
from collections.abc import Sequence

import pytest

from ostinato_core import gathering
from ostinato_core.errors import Invalid, Unavailable
from ostinato_core.gathering import Gathering


class Desk:
    """Answers with ten times what is asked, once it is let; notes what came together."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, list[int]]] = []
        self.open = asyncio.Event()
        self.gathering = Gathering[str, int, int](self.answer)

    async def answer(self, key: str, asked: Sequence[int]) -> list[int | Exception]:
        self.batches.append((key, list(asked)))
        await self.open.wait()
        if 13 in asked:
            raise ValueError("13")
        if 503 in asked:
            raise Unavailable
        return [Invalid("odd") if number % 2 else number * 10 for number in asked]

    async def wait_for(self, *waiting: "asyncio.Task[int]", batches: int = 1) -> None:
        """Wait until so many batches have begun, and then let them all go on."""
        while len(self.batches) < batches:  # noqa: ASYNC110 - the tasks only need turns
            await asyncio.sleep(0)
        self.open.set()
        await asyncio.wait(waiting)

    def ask(self, key: str, *numbers: int) -> "list[asyncio.Task[int]]":
        """Ask in tasks of their own."""
        return [asyncio.ensure_future(self.gathering.ask(key, number)) for number in numbers]


async def test_who_comes_while_others_are_answered_is_in_the_next_batch() -> None:
    desk = Desk()
    first = desk.ask("a", 2)
    while not desk.batches:  # noqa: ASYNC110 - the task only needs turns
        await asyncio.sleep(0)
    second = desk.ask("a", 4, 5, 6)

    await desk.wait_for(*first, *second)

    assert desk.batches == [("a", [2]), ("a", [4, 5, 6])]
    assert [task.result() for task in (*first, second[0], second[2])] == [20, 40, 60]
    with pytest.raises(Invalid, match="odd"):
        second[1].result()


async def test_lines_do_not_wait_for_each_other() -> None:
    desk = Desk()
    tasks = [*desk.ask("a", 2), *desk.ask("b", 4)]
    await desk.wait_for(*tasks, batches=2)
    assert desk.batches == [("a", [2]), ("b", [4])]
    assert [task.result() for task in tasks] == [20, 40]


async def test_where_a_batch_fails_each_is_answered_alone() -> None:
    desk = Desk()
    good, bad, other = desk.ask("a", 2, 13, 4)
    await desk.wait_for(good, bad, other)
    assert desk.batches == [("a", [2, 13, 4]), ("a", [2]), ("a", [13]), ("a", [4])]
    assert (good.result(), other.result()) == (20, 40)
    with pytest.raises(ValueError, match="13"):
        bad.result()


async def test_while_the_database_is_away_nothing_is_tried_again() -> None:
    desk = Desk()
    tasks = desk.ask("a", 2, 503)
    await desk.wait_for(*tasks)
    assert len(desk.batches) == 1
    assert [type(task.exception()) for task in tasks] == [Unavailable, Unavailable]


async def test_who_goes_away_is_not_answered() -> None:
    desk = Desk()
    tasks = desk.ask("a", 2, 4)
    await asyncio.sleep(0)
    tasks[0].cancel()
    await desk.wait_for(*tasks)
    assert desk.batches == [("a", [4])]
    assert tasks[1].result() == 40


async def test_too_many_are_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "CAPACITY", 3)
    desk = Desk()
    tasks = desk.ask("a", 2, 4, 6, 8)
    await desk.wait_for(*tasks)
    assert [task.exception() is None for task in tasks] == [True, True, True, False]
    assert isinstance(tasks[3].exception(), Unavailable)
