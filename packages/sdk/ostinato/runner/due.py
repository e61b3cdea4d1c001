"""Learning that a run was made, so that a runner or worker asks for due runs at once and not at its next turn."""

from __future__ import annotations

import asyncio
import logging

from ostinato.client.sockets import TRANSPORT_ERRORS, SocketAuthenticationFailed
from ostinato.events.clients import get_events_subscriber
from ostinato.runner.cancellations import POLL_SECONDS, jittered
from ostinato_wire.events import EventFilter, EventNameFilter, EventRelatedFilter

logger = logging.getLogger("ostinato.runner")

SCHEDULED = ["prefect.flow-run.Scheduled", "prefect.flow-run.AwaitingRetry", "prefect.flow-run.Resuming"]
GATHER_SECONDS = 0.1
"""How long further events are waited for after one: a schedule makes many runs together."""


class DueRuns:
    """Keeps a socket on the events of runs that wait for one of the resources, such as `prefect.work-pool.<id>`.

    `wait` returns early when there was one. Without the socket it waits for the whole time, as it always may.
    """

    def __init__(self) -> None:
        self._news = asyncio.Event()

    async def watch(self, resources: list[str]) -> None:
        """Watch until this is cancelled; a lost socket is opened again."""
        wanted = EventFilter(event=EventNameFilter(name=SCHEDULED), related=[EventRelatedFilter(id=resources)])
        while True:
            try:
                async with get_events_subscriber(wanted, reconnection_attempts=0) as events:
                    self.wake()  # what was made meanwhile was not told
                    async for _ in events:
                        self.wake()
            except (*TRANSPORT_ERRORS, SocketAuthenticationFailed) as error:
                logger.debug("No events of scheduled runs (%s); the server is asked in turn.", error)
            await asyncio.sleep(jittered(POLL_SECONDS))

    def wake(self) -> None:
        """End `wait`."""
        self._news.set()

    async def wait(self, seconds: float) -> None:
        """Wait for so many seconds, or until there are news."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
                await asyncio.sleep(GATHER_SECONDS)
        except TimeoutError:
            return
        finally:
            self._news.clear()
