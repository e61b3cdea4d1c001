"""Wake-ups and fan-out within one process."""

from ostinato_core.coordination import MemoryFanOut, MemoryWakeUps


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


async def test_messages_reach_all_who_listen_and_are_only_made_for_them() -> None:
    fan_out = MemoryFanOut()
    made: list[str] = []

    def make() -> bytes:
        made.append("one")
        return b"one"

    fan_out.publish("topic", make)
    assert made == []
    with fan_out.follow("topic", 5) as first, fan_out.follow("topic", 5) as second, fan_out.follow("other", 5):
        fan_out.publish("topic", make)
        assert (await first.next(), await second.next(), made) == (b"one", b"one", ["one"])
    fan_out.publish("topic", make)
    assert made == ["one"]


async def test_who_reads_too_slowly_loses_messages_and_is_told_how_many() -> None:
    fan_out = MemoryFanOut()
    with fan_out.follow("topic", 2) as feed:
        for message in (b"1", b"2", b"3", b"4"):
            fan_out.publish("topic", lambda message=message: message)
        assert ([await feed.next(), await feed.next()], feed.lost) == ([b"1", b"2"], 2)
        fan_out.publish("topic", lambda: b"5")
        assert await feed.next() == b"5"
