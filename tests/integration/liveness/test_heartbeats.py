"""Heartbeats of flow runs on their way in: one row a run, no event; and what their gaps tell."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from ostinato_core.clock import utc_now
from ostinato_core.db.tables import flow_run_heartbeats, ingest_watch
from ostinato_core.liveness.expected_beats import asks_for_beats
from ostinato_core.liveness.heartbeats import HEARTBEAT, Heartbeat, record_heartbeats, summed_up
from ostinato_core.liveness.ingest_watch import tell_alive
from ostinato_core.transaction import Database, Row
from tests.integration.liveness.worker import Process, read_run
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.events import iso, plain_event
from tests.support.json import Json
from tests.support.ports import wait_until

START = datetime(2026, 11, 22, tzinfo=UTC)


async def new_running(api: Api) -> str:
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    run = await api.created("/flow_runs/", {"flow_id": flow["id"]})
    await Process(api).propose(run["id"], "RUNNING")
    return run["id"]


async def row_of(database: Database, run_id: str) -> Row | None:
    query = select(flow_run_heartbeats).where(flow_run_heartbeats.c.flow_run_id == UUID(run_id))
    return await database.read(lambda tx: tx.first(query))


async def interval_after(database: Database, run_id: str, *seconds: float) -> float | None:
    """Return the interval that is known once a run has beaten at these times, each brought by itself."""
    for second in seconds:
        beats = [Heartbeat(UUID(run_id), START + timedelta(seconds=second))]
        await database.write(lambda tx, beats=beats: record_heartbeats(tx, beats))
    row = await row_of(database, run_id)
    assert row is not None
    return row["interval_seconds"]


def event_of(run_id: str) -> dict[str, Json]:
    resource = {"prefect.resource.id": f"prefect.flow-run.{run_id}", "prefect.resource.name": "ivory-fox"}
    return plain_event(HEARTBEAT, resource=resource, occurred=iso(utc_now()))


async def test_a_heartbeat_leaves_a_row_and_no_event_and_the_run_as_it_was(
    api: Api, database: Database, clock: DrivenClock
) -> None:
    run_id = await new_running(api)
    before = await read_run(api, run_id)
    event, other = event_of(run_id), plain_event()
    clock.forward(1)
    assert (await api.post("/events", [event, other])).status == 204

    row = await row_of(database, run_id)
    assert row is not None
    assert row["last_heartbeat"] == utc_now()
    after = await read_run(api, run_id)
    assert after["updated"] == before["updated"]
    assert (before["last_heartbeat"], after["last_heartbeat"]) == (None, iso(utc_now()))
    wanted = {"filter": {"id": {"id": [event["id"], other["id"]]}}}
    found = (await api.post("/events/filter", wanted)).json["events"]
    assert [each["id"] for each in found] == [other["id"]]


WATCHES_RUNS: Json = {
    "type": "event",
    "posture": "Proactive",
    "match": {"prefect.resource.id": ["prefect.flow-run.*"]},
    "for_each": ["prefect.resource.id"],
    "after": ["prefect.flow-run.heartbeat"],
    "expect": ["prefect.flow-run.heartbeat", "prefect.flow-run.Completed", "prefect.flow-run.Crashed"],
    "within": 360,
}
"""What people were told to write where nothing else watched over runs."""


@pytest.mark.parametrize("within", [False, True])
async def test_heartbeats_are_events_for_as_long_as_an_automation_asks_for_them(
    api: Api, database: Database, clock: DrivenClock, within: bool
) -> None:
    async def is_kept(run_id: str) -> bool:
        event = event_of(run_id)
        assert (await api.post("/events", [event])).status == 204
        assert (await row_of(database, run_id)) is not None
        wanted = {"id": {"id": [event["id"]]}, "occurred": {"since": iso(START), "until": iso(utc_now())}}
        return len((await api.post("/events/filter", {"filter": wanted})).json["events"]) == 1

    run_id = await new_running(api)
    trigger = {"type": "sequence", "within": None, "triggers": [WATCHES_RUNS]} if within else WATCHES_RUNS
    body = {"name": "watch", "trigger": trigger, "actions": [{"type": "do-nothing"}]}
    assert not await is_kept(run_id)
    automation = await api.created("/automations/", body)
    clock.forward(11)
    assert await is_kept(run_id)
    await api.request("PATCH", f"/automations/{automation['id']}", {"enabled": False})
    clock.forward(11)
    assert not await is_kept(run_id)
    await api.delete(f"/automations/{automation['id']}")


async def test_a_heartbeat_that_comes_after_the_end_begins_no_watch(
    api: Api, database: Database, clock: DrivenClock
) -> None:
    body = {"name": "watch", "trigger": WATCHES_RUNS, "actions": [{"type": "do-nothing"}]}
    automation = await api.created("/automations/", body)
    clock.forward(11)
    run_id = await new_running(api)
    await Process(api).propose(run_id, "COMPLETED")
    event = event_of(run_id)
    assert (await api.post("/events", [event])).status == 204
    wanted = {"filter": {"id": {"id": [event["id"]]}, "occurred": {"since": iso(START), "until": iso(utc_now())}}}
    assert (await api.post("/events/filter", wanted)).json["events"] == []
    await api.delete(f"/automations/{automation['id']}")


@pytest.mark.parametrize(
    ("trigger", "asks"),
    [
        (WATCHES_RUNS, True),
        ({"expect": ["prefect.flow-run.*"], "after": []}, True),
        ({"expect": ["prefect.flow-run.Crashed"], "after": []}, False),
        ({"expect": [], "after": []}, False),
        ({"type": "metric", "metric": {}}, False),
        ({"triggers": [{"triggers": [{"expect": [], "after": [HEARTBEAT]}]}]}, True),
    ],
)
def test_which_triggers_ask_for_heartbeats(trigger: Json, asks: bool) -> None:
    assert asks_for_beats(trigger) is asks


async def test_a_heartbeat_of_no_known_run_is_passed_over(api: Api, database: Database) -> None:
    unknown = str(uuid4())
    assert (await api.post("/events", [event_of(unknown), event_of("nonsense")])).status == 204
    assert await row_of(database, unknown) is None


@pytest.mark.parametrize(
    ("seconds", "interval"),
    [
        ((0,), None),
        ((0, 30), 30),
        ((0, 30, 60, 90), 30),
        ((0, 180, 190), 180),
        ((0, 180, 190, 200), 10),
        ((0, 30, 90), 60),
        ((0, 60, 60, 30), 60),
    ],
)
async def test_the_interval_is_the_longer_of_the_last_two_gaps(
    api: Api, database: Database, seconds: tuple[float, ...], interval: float | None
) -> None:
    assert await interval_after(database, await new_running(api), *seconds) == interval


async def test_a_gap_between_two_starts_of_a_run_tells_nothing(api: Api, database: Database) -> None:
    run_id = await new_running(api)
    await interval_after(database, run_id, 0, 180)
    for state in ("FAILED", "RUNNING"):
        await Process(api).propose(run_id, state)
    assert await interval_after(database, run_id, 190) is None
    assert await interval_after(database, run_id, 370) == 180


async def test_heartbeats_that_come_together_tell_their_gaps(api: Api, database: Database) -> None:
    run_id = await new_running(api)
    await interval_after(database, run_id, 0)
    late = [Heartbeat(UUID(run_id), START + timedelta(seconds=second)) for second in (90, 30, 60, 90)]
    await database.write(lambda tx: record_heartbeats(tx, late))
    assert (await row_of(database, run_id) or {})["interval_seconds"] == 30


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1000))))
def test_what_beats_say_does_not_depend_on_their_order_and_repetition(beats: list[tuple[int, int]]) -> None:
    made = [Heartbeat(UUID(int=run), START + timedelta(seconds=second)) for run, second in beats]
    found = summed_up(made)
    assert found == summed_up([*reversed(made), *made])
    assert [each.flow_run_id for each in found] == sorted({beat.flow_run_id for beat in made})
    for each in found:
        times = sorted({beat.occurred for beat in made if beat.flow_run_id == each.flow_run_id})
        assert each.occurred == times[-1]
        assert (each.gap is None) == (len(times) == 1)
        if each.gap is not None and each.interval is not None:
            assert each.interval >= each.gap > 0


async def test_ingestion_is_alive_since_its_last_break(database: Database, clock: DrivenClock) -> None:
    async def since() -> datetime:
        await database.write(tell_alive)
        return await database.read(lambda tx: tx.value(select(ingest_watch.c.alive_since)))

    start = clock.now
    assert await since() == start
    clock.forward(30)
    assert await since() == start
    clock.forward(31)
    assert await since() == clock.now


async def test_an_ingestor_with_nothing_to_do_tells_that_it_could(api: Api, database: Database) -> None:
    # Its first sign of life comes with the first events, or soon after its start.
    await new_running(api)

    async def told() -> bool:
        found = await database.read(lambda tx: tx.value(select(ingest_watch.c.last_alive)))
        return found == utc_now()

    assert await wait_until(told, seconds=10)
