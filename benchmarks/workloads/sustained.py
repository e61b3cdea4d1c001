"""Events come at a steady rate; measured is how long each takes to be seen by a subscriber of `/events/out`."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Protocol

import orjson

from benchmarks.frames import TaskRunFrames
from benchmarks.job import Job, make_flow, make_flow_run
from benchmarks.measurement import Measurement
from benchmarks.sockets import Socket, encode_frame
from tests.support.json import Json

RATE = 1_000
"""Events a second."""
WARM_UP = 1.0
"""Seconds of sending before anything is measured: what is new to a process takes it longer the first time."""
SENDERS = 8
TICK = 0.01
GRACE = 10.0
"""Seconds after the last event in which the others must be seen; those that are not have failed."""
CHECKPOINT_EVERY = 1.0


class Frames(Protocol):
    """What is sent."""

    def next(self) -> list[tuple[str, bytes]] | list[tuple[str | None, bytes]]:
        """Return frames that go by one socket, each with the id of its event, None where nothing is waited for."""
        ...


@dataclass(frozen=True)
class Stream:
    """Frames sent at a rate, events a second, and what is to be seen of them: events whose names begin with `prefix`.

    `cause` tells of such an event which of those that were sent it is, or is the outcome of.
    """

    frames: Frames
    rate: int
    prefix: str
    cause: Callable[[Json], str]


async def run(job: Job) -> Measurement:
    """One operation = one event; its latency runs from the moment at which it was due to be sent."""
    async with job.clients(1) as [http]:
        flow_run_id = await make_flow_run(http, await make_flow(http))
    frames = TaskRunFrames(flow_run_id)
    return await measure(job, Stream(frames, RATE, "prefect.task-run.", lambda event: event["id"]))


async def measure(job: Job, stream: Stream) -> Measurement:
    """Send a stream for the job's length and wait for what is to be seen of it."""
    senders = [await Socket.open(job.ports[number % len(job.ports)]) for number in range(SENDERS)]
    # The last process tells what mostly the others have taken.
    reader = await subscribe(job.ports[-1], stream.prefix)
    result, due = Measurement(), dict[str, float]()
    watching = asyncio.create_task(watch(reader, due, result, stream.cause))
    confirming = [asyncio.create_task(confirm(socket)) for socket in senders]
    try:
        await send(senders, stream, int(WARM_UP * stream.rate), due)
        await all_seen(due, watching)
        result.latencies.clear()
        with job.metered(result):
            await send(senders, stream, int(job.seconds * stream.rate), due)
            await all_seen(due, watching)
    finally:
        for task in (watching, *confirming):
            task.cancel()
        await asyncio.gather(watching, *confirming, return_exceptions=True)
    for socket in (*senders, reader):
        await socket.close()
    if due:
        total = len(due) + len(result.latencies)
        result.fail(f"{len(due):,} of {total:,} events not seen after {GRACE:.0f} s", len(due))
    result.operations = len(result.latencies)
    return result


async def all_seen(due: dict[str, float], watching: asyncio.Task[None]) -> None:
    """Wait until nothing is due any more, as long as it is worth waiting."""
    end = time.perf_counter() + GRACE
    while due and time.perf_counter() < end and not watching.done():  # noqa: ASYNC110 - sampled, as a user looks
        await asyncio.sleep(TICK)


async def send(senders: list[Socket], stream: Stream, total: int, due: dict[str, float]) -> None:
    """Send `total` events at the stream's rate; note in `due` when each had to be sent that is waited for."""
    began, sent = time.perf_counter(), 0
    ready = _events(senders, stream.frames)
    while sent < total:
        until = min(int((time.perf_counter() - began) * stream.rate) + 1, total)
        for number in range(sent, until):
            socket, event_id, frame = next(ready)
            if event_id is not None:
                due[event_id] = began + number / stream.rate
            await socket.send(frame)
        sent = until
        await asyncio.sleep(TICK)


def _events(senders: list[Socket], frames: Frames) -> Iterator[tuple[Socket, str | None, bytes]]:
    for socket in cycle(senders):
        for event_id, frame in frames.next():
            yield socket, event_id, frame


async def subscribe(port: int, prefix: str) -> Socket:
    """Return a subscriber of all events whose names begin with `prefix`."""
    reader = await Socket.open(port, "/api/events/out")
    now = datetime.now(UTC)
    occurred = {"since": now - timedelta(minutes=1), "until": now + timedelta(days=1)}
    asked = {"occurred": occurred, "event": {"prefix": [prefix]}}
    await reader.send(encode_frame(orjson.dumps({"type": "filter", "filter": asked, "backfill": False})))
    await reader.ping()
    # A pong may come before the filter has taken effect.
    await asyncio.sleep(0.5)
    return reader


async def watch(reader: Socket, due: dict[str, float], result: Measurement, cause: Callable[[Json], str]) -> None:
    """Take each event that is seen out of `due`."""
    async for message in reader.messages():
        seen = time.perf_counter()
        since = due.pop(cause(orjson.loads(message)["event"]), None)
        if since is not None:
            result.latencies.append(seen - since)


async def confirm(socket: Socket) -> None:
    """Wait for a pong now and then, as clients do, and so answer the server's own pings."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            await socket.ping()
            await asyncio.sleep(CHECKPOINT_EVERY)
