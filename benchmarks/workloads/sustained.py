"""Events come at a steady rate; measured is how long each takes to be seen by a subscriber of `/events/out`."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import cycle

import orjson

from benchmarks.frames import TaskRunFrames
from benchmarks.job import Job, make_flow, make_flow_run
from benchmarks.measurement import Measurement
from benchmarks.sockets import Socket, encode_frame

RATE = 1_000
"""Events a second."""
SENDERS = 8
TICK = 0.01
GRACE = 10.0
"""Seconds after the last event in which the others must be seen; those that are not have failed."""
CHECKPOINT_EVERY = 1.0


async def run(job: Job) -> Measurement:
    """One operation = one event; its latency runs from the moment at which it was due to be sent."""
    async with job.clients(1) as [http]:
        flow_run_id = await make_flow_run(http, await make_flow(http))
    senders = [await Socket.open(job.ports[number % len(job.ports)]) for number in range(SENDERS)]
    # The last process tells what mostly the others have taken.
    reader = await subscribe(job.ports[-1])
    result, due = Measurement(), dict[str, float]()
    watching = asyncio.create_task(watch(reader, due, result))
    confirming = [asyncio.create_task(confirm(socket)) for socket in senders]
    try:
        with job.metered(result):
            await send(senders, TaskRunFrames(flow_run_id), int(job.seconds * RATE), due)
            end = time.perf_counter() + GRACE
            while due and time.perf_counter() < end and not watching.done():  # noqa: ASYNC110 - sampled, as a user looks
                await asyncio.sleep(TICK)
    finally:
        for task in (watching, *confirming):
            task.cancel()
        await asyncio.gather(watching, *confirming, return_exceptions=True)
    for socket in (*senders, reader):
        await socket.close()
    if due:
        result.fail(f"{len(due):,} of {int(job.seconds * RATE):,} events not seen after {GRACE:.0f} s", len(due))
    result.operations = len(result.latencies)
    return result


async def send(senders: list[Socket], frames: TaskRunFrames, total: int, due: dict[str, float]) -> None:
    """Send `total` events at `RATE`, all of a task run by one socket; note in `due` when each had to be sent."""
    began, sent = time.perf_counter(), 0
    ready = _events(senders, frames)
    while sent < total:
        until = min(int((time.perf_counter() - began) * RATE) + 1, total)
        for number in range(sent, until):
            socket, event_id, frame = next(ready)
            due[event_id] = began + number / RATE
            await socket.send(frame)
        sent = until
        await asyncio.sleep(TICK)


def _events(senders: list[Socket], frames: TaskRunFrames) -> Iterator[tuple[Socket, str, bytes]]:
    for socket in cycle(senders):
        for event_id, frame in frames.next():
            yield socket, event_id, frame


async def subscribe(port: int) -> Socket:
    """Return a subscriber of all events of task runs."""
    reader = await Socket.open(port, "/api/events/out")
    now = datetime.now(UTC)
    occurred = {"since": now - timedelta(minutes=1), "until": now + timedelta(days=1)}
    asked = {"occurred": occurred, "event": {"prefix": ["prefect.task-run."]}}
    await reader.send(encode_frame(orjson.dumps({"type": "filter", "filter": asked, "backfill": False})))
    await reader.ping()
    # A pong may come before the filter has taken effect.
    await asyncio.sleep(0.5)
    return reader


async def watch(reader: Socket, due: dict[str, float], result: Measurement) -> None:
    """Take each event that is seen out of `due`."""
    async for message in reader.messages():
        seen = time.perf_counter()
        since = due.pop(orjson.loads(message)["event"]["id"], None)
        if since is not None:
            result.latencies.append(seen - since)


async def confirm(socket: Socket) -> None:
    """Wait for a pong now and then, as clients do, and so answer the server's own pings."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            await socket.ping()
            await asyncio.sleep(CHECKPOINT_EVERY)
