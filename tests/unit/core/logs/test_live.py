"""Following log lines, without a socket."""

import asyncio

from ostinato_core.logs.live import LiveLogs
from ostinato_wire.logs import LogFilter


async def test_who_leaves_while_he_begins_to_follow_is_forgotten() -> None:
    async with LiveLogs() as live:

        async def follow() -> None:
            async with live.follow(LogFilter()):
                await asyncio.Event().wait()

        following = asyncio.create_task(follow())
        await asyncio.sleep(0)  # it has begun, and waits until somebody listens
        assert live.followers == 1
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        assert live.followers == 0
