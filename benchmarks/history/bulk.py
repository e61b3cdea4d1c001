"""Task runs, events and log lines of flow runs that are there already, made by the database itself: millions a minute.

What differs from row to row is derived from the flow run's id, so that the same come whenever they are asked for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

TASKS: tuple[tuple[str, list[str]], ...] = (
    ("extract", []),
    ("validate", ["etl"]),
    ("clean", []),
    ("join", ["etl", "join"]),
    ("aggregate", []),
    ("score", ["gpu"]),
    ("export", []),
    ("publish", ["production"]),
    ("notify", []),
    ("report", []),
)
"""The tasks of each flow run that has started, by name and tags; the last one ends as the flow run did."""
RARE_TASK_TAG = "backfill"
"""On one task run in some ten thousand."""
EVENT_DAYS = 7
"""For how long events are kept, and so how many days of them there are."""
LOG_DAYS, LINES = 7, 20
"""Log lines of each flow run of the last days."""


@dataclass(frozen=True)
class Spelling:
    """How a database spells what the statements need; times are computed as microseconds since 1970."""

    micros: str
    time: str
    hex_of_id: str
    id_of_hex: str
    hex_of_number: str
    text_of_id: str
    json: str


SQLITE = Spelling(
    micros="{}",
    time="({})",
    hex_of_id="{}",
    id_of_hex="({})",
    hex_of_number="printf('%0{1}x', {0})",
    text_of_id="substr({0}, 1, 8) || '-' || substr({0}, 9, 4) || '-' || substr({0}, 13, 4) || '-' || "
    "substr({0}, 17, 4) || '-' || substr({0}, 21)",
    json="({})",
)
POSTGRES = Spelling(
    micros="CAST(extract(epoch FROM {}) * 1000000 AS bigint)",
    time="to_timestamp(({}) / 1e6)",
    hex_of_id="replace(CAST({} AS text), '-', '')",
    id_of_hex="CAST({} AS uuid)",
    hex_of_number="lpad(to_hex({0}), {1}, '0')",
    text_of_id="CAST({0} AS text)",
    json="CAST({} AS jsonb)",
)


def statements(spelling: Spelling, now: datetime, days: int) -> list[tuple[str, str]]:
    """Return what to run one after the other, each with what it makes: a day or a week of flow runs at a time."""
    week = [now - timedelta(days=day) for day in range(days, -1, -7)]
    spans = list(zip(week, [*week[1:], now + timedelta(days=1)], strict=True))
    found = [("task runs", _task_runs(spelling, *span, now)) for span in spans]
    for number in range(EVENT_DAYS):
        span = now - timedelta(days=number + 1), now - timedelta(days=number)
        found += [("events", _task_run_events(spelling, *span)), ("events", _flow_run_events(spelling, *span))]
    return [*found, ("log lines", _log_lines(spelling, now - timedelta(days=LOG_DAYS), now))]


def _new_id(spelling: Spelling, micros: str, number: str | None = None, variant: int = 8) -> str:
    """A UUIDv7 of a time; the rest is taken from `h`, the hexadecimal digits of another id, but for a given number."""
    time = spelling.hex_of_number.format(f"({micros}) / 1000", 12)
    place = spelling.hex_of_number.format(number, 3) if number else "substr(h, 14, 3)"
    return spelling.id_of_hex.format(f"{time} || '7' || {place} || '{variant}' || substr(h, 18, 15)")


def _within(spelling: Spelling, since: datetime, until: datetime) -> str:
    """Runs whose ids were made in a span of time."""

    def bound(moment: datetime) -> str:
        return spelling.id_of_hex.format(f"'{int(moment.timestamp() * 1000):012x}{'0' * 20}'")

    return f"id >= {bound(since)} AND id < {bound(until)}"


def _task_runs(spelling: Spelling, since: datetime, until: datetime, now: datetime) -> str:
    json, time, micros = spelling.json.format, spelling.time.format, spelling.micros.format
    end = f"coalesce({micros('end_time')}, {int(now.timestamp() * 1e6)})"
    tasks = ", ".join(
        f"({number}, '{name}', '{orjson.dumps(tags).decode()}')" for number, (name, tags) in enumerate(TASKS)
    )
    last = len(TASKS) - 1
    tags = f"""CASE WHEN place = 8 AND substr(h, 30, 3) = 'abc' THEN '["{RARE_TASK_TAG}"]' ELSE tags END"""
    return f"""
WITH tasks (place, task, tags) AS (VALUES {tasks}),
runs AS (
    SELECT id AS flow_run_id, workspace_id, {spelling.hex_of_id.format("id")} AS h, state_type AS ended,
        {micros("start_time")} AS start, ({end} - {micros("start_time")}) / {len(TASKS)} AS step
    FROM flow_runs WHERE start_time IS NOT NULL AND {_within(spelling, since, until)}
),
made AS (
    SELECT runs.*, tasks.*, start + place * step AS began, start + (place + 1) * step AS ends,
        CASE WHEN place = {last} AND ended IN ('FAILED', 'CRASHED', 'RUNNING') THEN ended
             WHEN place = 4 AND substr(h, 31, 2) = '0a' THEN 'FAILED' ELSE 'COMPLETED' END AS kind
    FROM runs CROSS JOIN tasks
)
INSERT INTO task_runs (id, workspace_id, created, updated, name, flow_run_id, task_key, dynamic_key, empirical_policy,
    tags, task_inputs, state_id, state_type, state_name, state_timestamp, state_details, run_count,
    flow_run_run_count, expected_start_time, start_time, end_time, total_run_time)
SELECT {_new_id(spelling, "began", "place")}, workspace_id, {time("began")}, {time("ends")},
    task || '-' || substr(h, 29 - place, 3), flow_run_id, task || '-' || substr(h, 18, 8), '1', {json("'{}'")},
    {json(tags)}, {json("'{}'")},
    {_new_id(spelling, "ends", "place")}, kind,
    CASE WHEN place = 3 AND substr(h, 32, 1) = '7' THEN 'Cached' ELSE substr(kind, 1, 1) || lower(substr(kind, 2)) END,
    {time("CASE WHEN kind = 'RUNNING' THEN began ELSE ends END")}, {json("'{}'")}, 1, 1, {time("began - 2000")},
    {time("began")}, CASE WHEN kind = 'RUNNING' THEN NULL ELSE {time("ends")} END,
    CASE WHEN kind = 'RUNNING' THEN 0.0 ELSE step / 1e6 END
FROM made ORDER BY h, place"""


_COLUMNS = "id, workspace_id, occurred, received, event, resource_id, resource, related, payload, follows"
_PAYLOAD = (
    """'{"intended":{"from":"RUNNING","to":"' || kind || '"},"initial_state":{"type":"RUNNING","name":"Running","""
    """"message":"","state_details":{}},"validated_state":{"type":"' || kind || '","name":"' || kind || '"}}'"""
)


def _event(spelling: Spelling, noun: str, rows: str, flow_run: str, variant: int) -> str:
    """An event for each of `rows`: (run, h, workspace_id, name, kind, occurred, flow_run_id, flow_id)."""
    json, uuid = spelling.json.format, spelling.text_of_id.format
    resource_id = f"'prefect.{noun}.' || {uuid('run')}"
    resource = (
        f"""'{{"prefect.resource.id":"' || {resource_id} || '","prefect.resource.name":"' || name || '","""
        """"prefect.run-count":"1","prefect.state-type":"' || kind || '","prefect.state-name":"' || kind || '"}'"""
    )
    related = (
        f"""'[{flow_run}{{"prefect.resource.id":"prefect.flow.' || {uuid("flow_id")} || '","""
        """"prefect.resource.role":"flow","prefect.resource.name":"flow"},{"prefect.resource.id":"prefect.tag."""
        """production","prefect.resource.role":"tag"}]'"""
    )
    name = f"'prefect.{noun}.' || substr(kind, 1, 1) || lower(substr(kind, 2))"
    time = spelling.time.format("occurred")
    return f"""
INSERT INTO events ({_COLUMNS})
SELECT {_new_id(spelling, "occurred", variant=variant)}, workspace_id, {time}, {time}, {name}, {resource_id},
    {json(resource)}, {json(related)}, {json(_PAYLOAD)}, NULL
FROM ({rows}) AS told ORDER BY occurred"""


def _task_run_events(spelling: Spelling, since: datetime, until: datetime) -> str:
    own = _within(spelling, since, until).replace("id ", "task_runs.id ")
    rows = f"""
    SELECT task_runs.id AS run, {spelling.hex_of_id.format("task_runs.id")} AS h, task_runs.workspace_id,
        task_runs.name, task_runs.state_type AS kind, {spelling.micros.format("task_runs.state_timestamp")} AS occurred,
        flow_run_id, flow_id
    FROM task_runs JOIN flow_runs ON flow_runs.id = flow_run_id WHERE {own}"""
    uuid = spelling.text_of_id.format("flow_run_id")
    flow_run = (
        f"""{{"prefect.resource.id":"prefect.flow-run.' || {uuid} || '","prefect.resource.role":"flow-run","""
        """"prefect.resource.name":"run"},"""
    )
    return _event(spelling, "task-run", rows, flow_run, 9)


def _flow_run_events(spelling: Spelling, since: datetime, until: datetime) -> str:
    rows = " UNION ALL ".join(
        f"""
    SELECT id AS run, {spelling.hex_of_id.format("id")} AS h, workspace_id, name, {kind} AS kind,
        {spelling.micros.format(time)} AS occurred, id AS flow_run_id, flow_id
    FROM flow_runs WHERE {time} IS NOT NULL AND {_within(spelling, since, until)}"""
        for kind, time in (
            ("'PENDING'", "expected_start_time"),
            ("'RUNNING'", "start_time"),
            ("state_type", "end_time"),
        )
    )
    return _event(spelling, "flow-run", rows, "", 8)


def _log_lines(spelling: Spelling, since: datetime, until: datetime) -> str:
    numbers = ", ".join(f"({number})" for number in range(LINES))
    own = _within(spelling, since, until)
    return f"""
WITH lines (place) AS (VALUES {numbers}),
runs AS (SELECT id AS flow_run_id, workspace_id, {spelling.hex_of_id.format("id")} AS h,
    {spelling.micros.format("start_time")} AS start FROM flow_runs WHERE start_time IS NOT NULL AND {own})
INSERT INTO logs (id, workspace_id, timestamp, name, level, message, flow_run_id)
SELECT {_new_id(spelling, "start", "place")}, workspace_id, {spelling.time.format("start + place * 50000")},
    'prefect.flow_runs', CASE WHEN place % 7 = 6 THEN 40 ELSE 20 END,
    'Loaded ' || place || ' batches of orders ' || substr(h, 20, 8), flow_run_id
FROM runs CROSS JOIN lines ORDER BY h, place"""
