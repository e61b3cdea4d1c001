"""Events come at a steady rate, and many automations watch: measured is how long it takes until the right one fired."""

from datetime import UTC, datetime
from itertools import count, cycle

import orjson
from uuid_utils.compat import uuid7

from benchmarks.job import Job
from benchmarks.measurement import Measurement
from benchmarks.sockets import encode_frame
from benchmarks.wire import HttpConnection, encode_request
from benchmarks.workloads.sustained import Stream, measure

AUTOMATIONS = 200
RATE = 500
"""Events a second; each concerns one automation by the label of its resource, and all by its name."""
BURST = 5
"""Events of one resource, one after the other; the last of them fires."""
NAME = "benchmark.happened"


async def run(job: Job) -> Measurement:
    """One operation = one firing; its latency runs from when its event was due until `/events/out` tells of it."""
    async with job.clients(1) as [http]:
        for number in range(AUTOMATIONS):
            await make_automation(http, number)
    stream = Stream(
        Bursts(), RATE, "prefect.automation.triggered", lambda event: event["payload"]["triggering_event"]["id"]
    )
    return await measure(job, stream)


async def make_automation(http: HttpConnection, number: int) -> None:
    """Make an automation that fires by each so many events of one resource."""
    trigger = {
        "type": "event",
        "posture": "Reactive",
        "expect": [NAME],
        "match": {"prefect.resource.id": f"benchmark.thing.{number}"},
        "threshold": BURST,
        "within": 0,
    }
    body = {"name": f"benchmark-{number}", "trigger": trigger, "actions": [{"type": "do-nothing"}]}
    await http.expect(encode_request("POST", "/api/automations/", orjson.dumps(body)), (201,))


class Bursts:
    """The frames of the events, burst after burst; the last of each is waited for."""

    def __init__(self) -> None:
        self._numbers = cycle(range(AUTOMATIONS))
        self._payload = count()

    def next(self) -> list[tuple[str | None, bytes]]:
        """Return the frames of one burst."""
        resource = {"prefect.resource.id": f"benchmark.thing.{next(self._numbers)}"}
        frames: list[tuple[str | None, bytes]] = []
        for place in range(BURST):
            event_id = str(uuid7())
            event = {
                "id": event_id,
                "event": NAME,
                "occurred": datetime.now(UTC),
                "resource": resource,
                "payload": {"number": next(self._payload)},
            }
            frames.append((event_id if place == BURST - 1 else None, encode_frame(orjson.dumps(event))))
        return frames
