"""The runner of loops: what it does with failures, with full batches, and at the end."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

import pytest

from ostinato_core.coordination import wake_ups
from ostinato_core.settings import ServerSettings
from ostinato_scheduler.loop import Loop, Record, Work, running
from ostinato_scheduler.loops import LOOPS, is_enabled
from tests.support.json_log import logged

FAST = ServerSettings.model_validate({"partitions_every": 0.001})
SLOW = ServerSettings.model_validate({"partitions_every": 3600.0})


class Scripted:
    """A loop whose ticks do what they are told to, one after the other; then nothing."""

    name = "scripted"
    setting = "partitions"
    description = "Does what it is told."

    def __init__(self, *steps: Callable[[], Work]) -> None:
        self._steps = list(steps)
        self.finished = asyncio.Event()

    async def tick(self) -> Work:
        """Do the next step."""
        if not self._steps:
            self.finished.set()
            return Work()
        return self._steps.pop(0)()


def _fail() -> Work:
    raise RuntimeError("the database is away")


async def _run(loop: Scripted, settings: ServerSettings) -> Record:
    # A protocol with a constructor asks for that constructor, too, though only made loops are handed over.
    made: Loop = loop  # pyright: ignore[reportAssignmentType]
    async with running([made], settings) as records:
        await asyncio.wait_for(loop.finished.wait(), 10)
        return records[0]


class Woken(Scripted):
    """One that somebody wakes."""

    wakes_on = "test"


async def test_a_loop_is_woken_before_its_period_is_over() -> None:
    seen: list[str] = []

    def step(name: str) -> Callable[[], Work]:
        def do() -> Work:
            seen.append(name)
            return Work()

        return do

    woken, sleeping = Woken(step("woken"), step("again")), Scripted(step("first"), step("never"))
    # Protocols with constructors, as above.
    made: list[Loop] = [woken, sleeping]  # pyright: ignore[reportAssignmentType]
    async with running(made, SLOW):
        while "again" not in seen:
            wake_ups().notify("test")
            await asyncio.sleep(0)
    assert sorted(seen) == ["again", "first", "woken"]


async def test_a_loop_that_fails_is_not_woken(caplog: pytest.LogCaptureFixture) -> None:
    has_failed = asyncio.Event()

    def fail() -> Work:
        has_failed.set()
        raise RuntimeError("the database is away")

    woken = Woken(fail, lambda: Work(done=1))
    made: Loop = woken  # pyright: ignore[reportAssignmentType] - as above
    async with running([made], SLOW) as records:
        await has_failed.wait()
        for _ in range(20):
            wake_ups().notify("test")
            await asyncio.sleep(0.01)
        assert records[0].ticks == 1


async def test_failing_tick_is_logged_and_the_loop_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        record = await _run(Scripted(_fail, _fail, lambda: Work(done=3, lag=1.5)), FAST)
    assert (record.failures, record.failed_in_a_row, record.done) == (2, 0, 3)
    assert "The loop scripted failed" in caplog.text


async def test_lines_of_a_loop_name_it() -> None:
    with logged() as lines:
        await _run(Scripted(_fail), FAST)
    assert [line["loop"] for line in lines] == ["scripted"]


async def test_a_part_that_went_well_makes_up_for_no_failure() -> None:
    seen: list[int] = []
    records: list[Record] = []

    def part() -> Work:
        seen.append(records[0].failed_in_a_row)
        return Work(more=True, whole=False)

    scripted = Scripted(part, _fail, part, _fail, part, lambda: Work(more=True), part)
    made: Loop = scripted  # pyright: ignore[reportAssignmentType] - as above
    async with running([made], FAST) as running_ones:
        records += running_ones
        await asyncio.wait_for(scripted.finished.wait(), 10)
    assert seen == [0, 1, 2, 0]


async def test_full_batch_is_followed_by_the_next_at_once() -> None:
    record = await _run(Scripted(lambda: Work(done=2, more=True), lambda: Work(done=1, more=True)), SLOW)
    assert record.done == 3


async def test_stopping_does_not_wait_for_the_period() -> None:
    loop = Scripted()
    await asyncio.wait_for(_run(loop, SLOW), 5)


async def test_tick_that_hangs_is_cut_off_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ostinato_scheduler.loop.STOP_WITHIN", 0.01)
    hanging = asyncio.Event()

    class Hanging(Scripted):
        async def tick(self) -> Work:
            self.finished.set()
            await hanging.wait()
            return Work()

    record = await asyncio.wait_for(_run(Hanging(), FAST), 5)
    assert record.began is not None


async def test_tick_that_takes_no_note_of_the_end_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ostinato_scheduler.loop.STOP_WITHIN", 0.01)
    hanging = asyncio.Event()

    class Deaf(Scripted):
        async def tick(self) -> Work:
            self.finished.set()
            while not hanging.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await hanging.wait()
            return Work()

    record = await asyncio.wait_for(_run(Deaf(), FAST), 5)
    assert "The loop scripted does not end" in caplog.text
    hanging.set()
    assert record.task is not None
    await record.task


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.name)
def test_each_loop_can_be_switched_off_and_timed(loop: type[Loop], monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_enabled(loop, ServerSettings())
    monkeypatch.setenv(f"OSTINATO_SERVICES_{loop.setting.upper()}_ENABLED", "false")
    monkeypatch.setenv(f"OSTINATO_SERVICES_{loop.setting.upper()}_LOOP_SECONDS", "7")
    settings = ServerSettings()
    assert not is_enabled(loop, settings)
    assert getattr(settings, f"{loop.setting}_every") == 7.0


def test_reference_names_of_settings_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS", "42")
    monkeypatch.setenv("PREFECT_API_SERVICES_LATE_RUNS_ENABLED", "false")
    settings = ServerSettings()
    assert settings.late_runs_after == 42.0
    assert not settings.late_runs_enabled


class _Going(Scripted):
    """A loop that goes on with something between its ticks."""

    def __init__(self) -> None:
        super().__init__()
        self.closed_after_ticks = False

    async def close(self) -> None:
        """Note whether the last tick had ended."""
        self.closed_after_ticks = self.finished.is_set()


async def test_what_goes_on_between_ticks_is_brought_to_an_end() -> None:
    going = _Going()
    await _run(going, FAST)
    assert going.closed_after_ticks
