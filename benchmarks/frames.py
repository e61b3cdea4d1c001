"""Task runs as frames of `/events/in`, made from one that is encoded once: cheap enough to be made while others go."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import orjson
from uuid_utils.compat import uuid7

from benchmarks.sockets import encode_frame
from tests.support.json import Json
from tests.support.task_runs import task_run_events

EVENTS_PER_TASK_RUN = 3
_STEP = timedelta(milliseconds=1)


class TaskRunFrames:
    """The frames (Pending, Running, Completed) of any number of task runs of one flow run."""

    def __init__(self, flow_run_id: str) -> None:
        events = task_run_events(flow_run_id, 0)
        self._templates = [_template(event, events) for event in events]

    def next(self) -> list[tuple[str, bytes]]:
        """Return (event id, frame) of one new task run's events, in order."""
        began = datetime.now(UTC)
        values: dict[bytes, bytes] = {b"task_run": str(uuid7()).encode()}
        for step in range(EVENTS_PER_TASK_RUN):
            values[b"time%d" % step] = (began + step * _STEP).isoformat().encode()
            values[b"event%d" % step] = str(uuid7()).encode()
        frames = [encode_frame(template % values) for template in self._templates]
        return [(values[b"event%d" % step].decode(), frame) for step, frame in enumerate(frames)]

    def chunks(self, count: int, size: int) -> Iterator[tuple[int, bytes]]:
        """Yield (task runs, frames) for `count` task runs, `size` of them at once."""
        for begin in range(0, count, size):
            here = min(size, count - begin)
            yield here, b"".join(frame for _ in range(here) for _, frame in self.next())


def _template(event: dict[str, Json], events: list[dict[str, Json]]) -> bytes:
    """Return the event as a pattern with names in the places of ids and times."""
    text = orjson.dumps(event).replace(b"%", b"%%")
    resource: Json = events[0]["resource"]
    names = {resource["prefect.resource.id"].removeprefix("prefect.task-run."): b"task_run"}
    for step, each in enumerate(events):
        names |= {str(each["id"]): b"event%d" % step, str(each["occurred"]): b"time%d" % step}
    for value, name in names.items():
        text = text.replace(value.encode(), b"%%(%b)b" % name)
    return text
