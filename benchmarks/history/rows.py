"""Three months of runs as a server that was in use for it holds them: the same ones whenever they are asked for.

Rows are tuples as SQLite stores them: ids as 32 hexadecimal characters, times as microseconds since 1970, JSON as text.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import coolname
import orjson

SEED = 3
DAYS = 90
SCHEDULED_AHEAD = 20
"""Runs that each deployment has scheduled."""

MINUTE = 60_000_000
_DAY = 24 * 60 * MINUTE
NAMES = 5000
RARE_TAG = "backfill"
COMMON_TAG = "production"

FLOW_RUN_COLUMNS = (
    "id", "workspace_id", "created", "updated", "name", "flow_id",
    "state_id", "state_type", "state_name", "state_timestamp", "state_message", "state_details",
    "deployment_id", "work_queue_id", "work_queue_name", "parameters", "idempotency_key", "context",
    "empirical_policy", "tags", "labels", "parent_task_run_id", "run_count", "expected_start_time",
    "next_scheduled_start_time", "start_time", "end_time", "total_run_time", "auto_scheduled", "job_variables",
)  # fmt: skip
STATE_COLUMNS = ("id", "workspace_id", "flow_run_id", "timestamp", "type", "name", "message", "state_details")
TASK_RUN_COLUMNS = (
    "id", "workspace_id", "created", "updated", "name", "flow_run_id", "task_key", "dynamic_key", "empirical_policy",
    "tags", "task_inputs", "state_id", "state_type", "state_name", "state_timestamp", "state_details", "run_count",
    "flow_run_run_count", "expected_start_time", "start_time", "end_time", "total_run_time",
)  # fmt: skip

Value = str | int | float | bool | None
Row = tuple[Value, ...]


@dataclass(frozen=True)
class Place:
    """A deployment as its runs name it; without an id: runs that were started by hand."""

    flow_id: str
    deployment_id: str | None = None
    work_queue_id: str | None = None


@dataclass
class Rows:
    """What goes into each table, in order of time."""

    flow_runs: list[Row] = field(default_factory=list[Row])
    states: list[Row] = field(default_factory=list[Row])
    task_runs: list[Row] = field(default_factory=list[Row])


@dataclass
class _Run:
    """One run while it is made up; times in microseconds since 1970, None for what has not happened."""

    id: str
    place: Place
    expected: int
    start: int | None
    end: int | None
    type: str
    name: str
    message: str | None = None


def batches(places: list[Place], workspace_id: str, count: int, now: datetime, size: int = 5_000) -> Iterator[Rows]:
    """Yield `count` flow runs of the last `DAYS` days before `now` and the next ones, in batches of `size`.

    Of task runs there are only those that have called another flow: `bulk` makes the rest.
    """
    return _History(places, workspace_id, count, int(now.timestamp()) * 1_000_000).batches(size)


class _History:
    def __init__(self, places: list[Place], workspace_id: str, count: int, now: int) -> None:
        self._random = random.Random(SEED)
        coolname.replace_random(random.Random(SEED))
        self._names = [coolname.generate_slug(2) for _ in range(NAMES)]
        self._deployed = [place for place in places if place.deployment_id]
        self._by_hand = [place for place in places if not place.deployment_id]
        self._labels = {place: _labels(place) for place in places}
        self._workspace_id = workspace_id
        self._count = count
        self._now = now
        self._tags = _tags()
        self._parent: str | None = None

    def batches(self, size: int) -> Iterator[Rows]:
        rows = Rows()
        ahead = min(SCHEDULED_AHEAD * len(self._deployed), self._count // 10)
        for number in range(self._count):
            past = number < self._count - ahead
            run = self._past_run(number, self._count - ahead) if past else self._next_run(number)
            self._add(rows, number, run)
            if len(rows.flow_runs) == size:
                yield rows
                rows = Rows()
        yield rows

    def _id(self, time: int, number: int) -> str:
        """A UUIDv7 of a time in microseconds."""
        return f"{time // 1000:012x}7{number & 0xFFF:03x}8{self._random.getrandbits(60):015x}"

    def _past_run(self, number: int, count: int) -> _Run:
        chance = self._random.random
        expected = self._now - DAYS * _DAY + number * DAYS * _DAY // count
        run_id = self._id(expected, number)
        place = self._random.choice(self._deployed if chance() < 0.8 else self._by_hand)
        start = expected + 1000 + int(-math.log(1 - chance()) * 3_000_000)
        end = start + 1000 + int(self._random.lognormvariate(3.5, 1.2) * 1_000_000)
        if start > self._now:
            return _Run(run_id, place, expected, None, None, "PENDING", "Pending")
        if end > self._now or chance() < 0.0002:
            return _Run(run_id, place, expected, start, None, "RUNNING", "Running")
        kind = chance()
        if kind < 0.89:
            return _Run(run_id, place, expected, start, end, "COMPLETED", "Completed")
        if kind < 0.96:
            message = "Flow run encountered an exception: ValueError: 2 rows of orders have no customer"
            return _Run(run_id, place, expected, start, end, "FAILED", "Failed", message)
        if kind < 0.98:
            return _Run(run_id, place, expected, start, end, "CRASHED", "Crashed", "Flow run infrastructure exited.")
        if kind < 0.9995 or not place.deployment_id:
            return _Run(run_id, place, expected, None, start, "CANCELLED", "Cancelled")
        return _Run(run_id, place, expected, None, None, "SCHEDULED", "Late")

    def _next_run(self, number: int) -> _Run:
        expected = self._now + (number % SCHEDULED_AHEAD + 1) * 30 * MINUTE
        place = self._deployed[number % len(self._deployed)]
        return _Run(self._id(self._now, number), place, expected, None, None, "SCHEDULED", "Scheduled")

    def _add(self, rows: Rows, number: int, run: _Run) -> None:
        states = [_state(run, "PENDING", run.expected)] if run.type != "SCHEDULED" else []
        if run.place.deployment_id:
            states.insert(0, _state(run, "SCHEDULED", run.expected - 30 * MINUTE))
        if run.start is not None:
            states.append(_state(run, "RUNNING", run.start))
        if run.end is not None:
            states.append((run.end, run.type, run.name, run.message))
        ids = [self._id(time, number) for time, *_ in states]
        details = f'{{"flow_run_id":"{run.id}"}}'
        for state_id, state in zip(ids, states, strict=True):
            rows.states.append((state_id, self._workspace_id, run.id, *state, details))
        rows.flow_runs.append(self._flow_run(number, run, ids[-1], states[-1][0], details))
        if run.start is not None and self._random.random() < 0.05:
            rows.task_runs.append(self._caller(run, details))

    def _flow_run(self, number: int, run: _Run, state_id: str, state_time: int, details: str) -> Row:
        created = min(run.expected, self._now)
        waits = run.expected if run.type == "SCHEDULED" else None
        worked = (run.end - run.start) / 1e6 if run.end is not None and run.start is not None else 0.0
        scheduled = run.place.deployment_id is not None
        parent, self._parent = self._parent, None
        return (
            run.id, self._workspace_id, created, state_time, self._random.choice(self._names), run.place.flow_id,
            state_id, run.type, run.name, state_time, run.message, details,
            run.place.deployment_id, run.place.work_queue_id, "default" if scheduled else None,
            '{"rows":100,"source":"orders"}', f"scheduled {number}" if scheduled else None, "{}",
            "{}", self._random.choice(self._tags), self._labels[run.place], parent, int(run.start is not None),
            run.expected, waits, run.start, run.end, worked, scheduled, "{}",
        )  # fmt: skip

    def _caller(self, run: _Run, details: str) -> Row:
        """The task run of `run` whose child the next flow run is."""
        assert run.start is not None
        task_id = self._parent = self._id(run.start, 0)
        ended = run.end is not None
        time = run.end if run.end is not None else run.start
        kind = ("FAILED" if run.type == "FAILED" else "COMPLETED") if ended else "RUNNING"
        return (
            task_id, self._workspace_id, run.start, time, "load-000", run.id, "load", "0", "{}",
            "[]", "{}", self._id(time, 0), kind, kind.capitalize(), time, details, 1,
            1, run.start, run.start, run.end, (time - run.start) / 1e6,
        )  # fmt: skip


def _state(run: _Run, type_: str, time: int) -> tuple[int, str, str, str | None]:
    name = run.name if run.type == type_ else type_.capitalize()
    return time, type_, name, None


def _labels(place: Place) -> str:
    labels = {"prefect.flow.id": place.flow_id, "prefect.deployment.id": place.deployment_id}
    return orjson.dumps({name: value for name, value in labels.items() if value}).decode()


def _tags() -> list[str]:
    """Lists of tags as JSON, each as often as it occurs among a thousand runs."""
    many = [[], ["etl"], [COMMON_TAG], [COMMON_TAG, "nightly"], [COMMON_TAG, "team-a"], ["etl", "team-b"]]
    lists = [many[number % len(many)] for number in range(999)] + [[RARE_TAG]]
    return [orjson.dumps(tags).decode() for tags in lists]


def time_of(microseconds: int) -> datetime:
    """Return a row's time as Postgres' driver takes it."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
