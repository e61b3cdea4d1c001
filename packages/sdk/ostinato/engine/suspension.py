"""Learning that the run of this process was suspended by somebody else; it then stops where it may (sdk.md, 21.3)."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from contextlib import nullcontext
from contextvars import copy_context
from typing import TYPE_CHECKING, Self

from ostinato.exceptions import Pause
from ostinato.states import State
from ostinato_wire.states import StateType

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import TracebackType
    from uuid import UUID

    from ostinato.client.orchestration import OstinatoClient
    from ostinato_wire.flow_runs import FlowRun

logger = logging.getLogger("ostinato.flow_runs")

SUSPENDED = "prefect.flow-run.Suspended"
POLL_SECONDS = 10.0
END_SECONDS = 5.0


class SuspensionWatch:
    """Watches one run, in a thread, for as long as the `with` block lasts.

    Its events tell of a suspension at once; where there are none the server is asked, every ten seconds or so.
    """

    def __init__(self, flow_run_id: UUID) -> None:
        self._flow_run_id = flow_run_id
        self._state: State | None = None
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        context = copy_context()  # settings that are temporary are those of the thread, too
        self._thread = threading.Thread(target=lambda: context.run(self._run), name="ostinato-suspension", daemon=True)

    def check(self) -> None:
        """Raise Pause if the run is suspended."""
        if self._state is not None:
            raise Pause("The flow run was suspended.", state=self._state)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._loop.call_soon_threadsafe(self._stop)
        except RuntimeError:  # the loop is closed: it saw the suspension
            return
        self._thread.join(END_SECONDS)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _run(self) -> None:
        self._task = self._loop.create_task(self._watch())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            return
        finally:
            self._loop.close()

    async def _watch(self) -> None:
        from ostinato.client import get_client

        async with get_client() as client:
            while True:
                if await self._listen(client):
                    return
                await asyncio.sleep(POLL_SECONDS * random.uniform(0.7, 1.3))  # noqa: S311 - no secret

    async def _listen(self, client: OstinatoClient) -> bool:
        """Follow the events of the run until the socket is lost; whether the run is suspended."""
        from ostinato.client.sockets import TRANSPORT_ERRORS, SocketAuthenticationFailed
        from ostinato.events import get_events_subscriber
        from ostinato_wire.events import EventFilter, EventNameFilter, EventResourceFilter

        wanted = EventFilter(
            event=EventNameFilter(name=[SUSPENDED]),
            resource=EventResourceFilter(id=[f"prefect.flow-run.{self._flow_run_id}"]),
        )
        try:
            async with get_events_subscriber(wanted, reconnection_attempts=0) as events:
                if await self._ask(client):
                    return True
                async for _ in events:
                    if await self._ask(client):
                        return True
        except (*TRANSPORT_ERRORS, SocketAuthenticationFailed) as error:
            logger.debug("No events of suspensions (%s); the server is asked instead.", error)
        return await self._ask(client)

    async def _ask(self, client: OstinatoClient) -> bool:
        """Note it if the server says that the run is suspended; whether it does."""
        import httpx

        from ostinato.exceptions import ObjectNotFound

        try:
            state = (await client.read_flow_run(flow_run_id=self._flow_run_id)).state
        except (httpx.HTTPError, ObjectNotFound) as error:
            logger.debug("The server does not tell whether the run is suspended: %s", error)
            return False
        if state is None or state.type is not StateType.PAUSED or not state.state_details.pause_reschedule:
            return False
        details = state.state_details.model_copy(update={"flow_run_id": self._flow_run_id})
        self._state = State.from_wire(state.model_copy(update={"state_details": details}))
        return True


def watch_for_suspension(run: FlowRun, *, is_subflow: bool) -> AbstractContextManager[SuspensionWatch | None]:
    """Return who looks whether others suspend the run; only one of a deployment can go on later."""
    if run.deployment_id is None or is_subflow:
        return nullcontext()
    return SuspensionWatch(run.id)
