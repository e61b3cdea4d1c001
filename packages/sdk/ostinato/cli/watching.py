"""Following a flow run on the command line: its events and log lines, until it ends."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import typer
from rich.text import Text

from ostinato.cli import output, runs
from ostinato.cli.connection import telling
from ostinato.cli.logs import ASK_EVERY, LAST_LINES_AFTER, NewLines
from ostinato.client import get_client
from ostinato.client.orchestration import OstinatoClient
from ostinato.client.paging import PAGE
from ostinato.client.runs import FlowRun
from ostinato.events.schemas.events import ReceivedEvent
from ostinato_wire.events import EventAnyResourceFilter, EventFilter
from ostinato_wire.filters import AnyId
from ostinato_wire.logs import Log, LogFilter
from ostinato_wire.states import StateType

_EVENT, _LOG = "●", "▪"
_PART = re.compile(r"[0-9]+[:.]?")
_PREFIX = "prefect.flow-run."
_ID_END = 12


def wait_for(run_id: UUID, timeout: float | None) -> None:
    """Follow a run until it ends; ends the command with 1 unless it completed. Time in seconds."""
    with telling():
        ended = asyncio.run(_followed(run_id, timeout))
    if ended.state_type is not StateType.COMPLETED:
        raise typer.Exit(1)


async def _followed(run_id: UUID, seconds: float | None) -> FlowRun:
    async with get_client() as client:
        run = await client.read_flow_run(run_id)
        if runs.is_final(run.state):
            output.console().print(f"Flow run '{output.plain(run.name)}' has ended: {runs.state_cell(run.state)}")
            return run
        output.note(f"Watching flow run '{run.name}' ({run_id})...")
        screen = _Screen(run_id)
        try:
            async with asyncio.timeout(seconds), _events_of(run_id, screen):
                run = await _until_final(client, run_id, screen)
        except TimeoutError:
            output.fail(f"Flow run '{run_id}' did not end within {seconds:g} seconds; it goes on.")
    output.console().print(f"Flow run '{output.plain(run.name)}' ended: {runs.state_cell(run.state)}")
    return run


async def _until_final(client: OstinatoClient, run_id: UUID, screen: "_Screen") -> FlowRun:
    lines = NewLines(LogFilter(flow_run_id=AnyId(any_=[run_id])))
    while True:
        run = await client.read_flow_run(run_id)
        final = runs.is_final(run.state)
        await asyncio.sleep(LAST_LINES_AFTER if final else ASK_EVERY)
        for line in lines.take(await _read(client, lines.filter())):
            screen.show(_LOG, "default", line.timestamp, line.message)
        if final:
            return run


async def _read(client: OstinatoClient, log_filter: LogFilter) -> list[Log]:
    found: list[Log] = []
    while True:
        page = await client.read_logs(log_filter, limit=PAGE, offset=len(found))
        found += page
        if len(page) < PAGE:
            return found


@asynccontextmanager
async def _events_of(run_id: UUID, screen: "_Screen") -> AsyncGenerator[None]:
    """Show the events about a run while the block runs."""
    task = asyncio.create_task(_show_events(run_id, screen))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _show_events(run_id: UUID, screen: "_Screen") -> None:
    from ostinato.client.sockets import TRANSPORT_ERRORS, SocketAuthenticationFailed
    from ostinato.events.clients import get_events_subscriber

    about = EventFilter(any_resource=EventAnyResourceFilter(id=[f"{_PREFIX}{run_id}"]))
    try:
        async with get_events_subscriber(about, reconnect_on_clean_close=True) as events:
            async for event in events:
                screen.show(_EVENT, _color_of(event), event.occurred, event.event)
    except (*TRANSPORT_ERRORS, SocketAuthenticationFailed) as error:
        output.warn(f"Events are not shown any more: {error or type(error).__name__}")


def _color_of(event: ReceivedEvent) -> str:
    """Return the colour of the state that an event tells of."""
    kind = event.resource.get("prefect.state-type", "")
    return runs.COLORS[StateType(kind)] if kind in set(StateType) else "magenta"


class _Screen:
    """The lines of a run; of a time only the part is shown that is another than in the line before."""

    def __init__(self, run_id: UUID) -> None:
        self._run = str(run_id)[-_ID_END:]
        self._last: list[str] = []

    def show(self, icon: str, color: str, moment: datetime, text: str) -> None:
        """Print one line."""
        told = f"{moment.astimezone():%H:%M:%S.%f}"[:-3]
        console = output.console()
        line = Text.assemble((icon, color), " ", self._changed(told) if console.is_terminal else told, " ")
        line.append(self._run, "dim").append(f" {text}")
        console.print(line, soft_wrap=True)

    def _changed(self, told: str) -> str:
        """Return the time with the hours, minutes and seconds blank that are as before."""
        parts = _PART.findall(told)
        same = 0
        for now, before in zip(parts[:-1], self._last, strict=False):
            if now != before:
                break
            same += len(now)
        self._last = parts
        return " " * same + told[same:]
