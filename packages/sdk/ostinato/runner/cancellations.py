"""Learning which runs are to be cancelled: by events as they happen, by asking where there is no socket."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING
from uuid import UUID

import httpx

from ostinato.client.errors import OstinatoHTTPStatusError
from ostinato.client.sockets import TRANSPORT_ERRORS, SocketAuthenticationFailed
from ostinato.events.clients import get_events_subscriber
from ostinato_wire.events import EventFilter, EventNameFilter
from ostinato_wire.filters import AnyOrNotId, StateFilter, StateTypeFilter
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.states import StateType

if TYPE_CHECKING:
    from ostinato.client.orchestration import OstinatoClient

logger = logging.getLogger("ostinato.runner")

CANCELLING = "prefect.flow-run.Cancelling"
PREFIX = "prefect.flow-run."
POLL_SECONDS = 10.0
MOST_AT_ONCE = 200


def jittered(seconds: float) -> float:
    """Return `seconds` 30 % more or less, so that many processes do not ask at once."""
    return seconds * random.uniform(0.7, 1.3)  # noqa: S311 - no secret


class CancellationWatch:
    """Calls `cancel` with the id of each own run that is to be cancelled. `own` returns the ids that matter now.

    `cut_off` is called while the server neither tells nor answers.
    """

    def __init__(
        self,
        client: OstinatoClient,
        own: Callable[[], Iterable[UUID]],
        cancel: Callable[[UUID], Awaitable[None]],
        poll_seconds: float = POLL_SECONDS,
        cut_off: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._client = client
        self._own = own
        self._cancel = cancel
        self._poll_seconds = poll_seconds
        self._cut_off = cut_off

    async def run(self) -> None:
        """Watch until this is cancelled; a lost socket is opened again, and meanwhile the server is asked."""
        wanted = EventFilter(event=EventNameFilter(name=[CANCELLING]))
        while True:
            try:
                async with get_events_subscriber(wanted, reconnection_attempts=0) as events:
                    await self._ask()
                    async for event in events:
                        await self._take(event.resource.id)
            except (*TRANSPORT_ERRORS, SocketAuthenticationFailed) as error:
                logger.debug("No events of cancellations (%s); the server is asked instead.", error)
            if not await self._ask() and self._cut_off is not None:
                await self._cut_off()
            await asyncio.sleep(jittered(self._poll_seconds))

    async def _take(self, resource_id: str) -> None:
        try:
            run_id = UUID(resource_id.removeprefix(PREFIX))
        except ValueError:
            return
        if run_id in set(self._own()):
            await self._cancel(run_id)

    async def _ask(self) -> bool:
        """Cancel the own runs that the server says are to be cancelled; whether it says anything."""
        own = list(self._own())
        for start in range(0, len(own), MOST_AT_ONCE):
            ids = own[start : start + MOST_AT_ONCE]
            cancelling = StateFilter(type=StateTypeFilter(any_=[StateType.CANCELLING]))
            wanted = FlowRunFilter(id=AnyOrNotId(any_=ids), state=cancelling)
            try:
                found = await self._client.read_flow_runs(flow_run_filter=wanted, limit=MOST_AT_ONCE)
            except (httpx.HTTPError, OstinatoHTTPStatusError) as error:
                logger.warning("The server does not tell which runs are to be cancelled: %s", error)
                return False
            for run in found:
                await self._cancel(run.id)
        return True
