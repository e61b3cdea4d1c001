"""Wake-ups within one process."""

from ostinato_core.coordination import MemoryWakeUps


async def test_who_listens_is_woken_once_for_all_that_came_before() -> None:
    wake_ups = MemoryWakeUps()
    with wake_ups.listen("topic") as first, wake_ups.listen("topic") as second, wake_ups.listen("other") as other:
        wake_ups.notify("topic")
        wake_ups.notify("topic")
        assert await first.wait(5)
        assert await second.wait(5)
        assert not await first.wait(0)
        assert not await other.wait(0)


async def test_who_no_longer_listens_is_not_woken() -> None:
    wake_ups = MemoryWakeUps()
    with wake_ups.listen("topic") as left:
        pass
    wake_ups.notify("topic")
    assert not await left.wait(0)
