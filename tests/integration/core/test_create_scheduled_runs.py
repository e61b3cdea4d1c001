"""The loop that makes the runs of schedules: on time, once, whoever else is at it, and whatever a schedule holds."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from ostinato_core.db.open import open_database
from ostinato_core.db.tables import deployment_schedules, events
from ostinato_core.deployments import looking
from ostinato_core.deployments.changing import update_deployment
from ostinato_core.deployments.making import create_deployment
from ostinato_core.deployments.operations import read_deployment, set_paused
from ostinato_core.deployments.scheduled_runs import Window, schedule_runs
from ostinato_core.deployments.schedules import create_schedules, delete_schedule, update_schedule
from ostinato_core.errors import Invalid
from ostinato_core.flow_runs.operations import delete_flow_run
from ostinato_core.flow_runs.transitions import set_flow_run_state
from ostinato_core.flows.operations import create_flow
from ostinato_core.scheduling.looks import SPREAD
from ostinato_core.settings import ServerSettings
from ostinato_core.states.operations import read_flow_run_states
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction
from ostinato_scheduler.loops.create_scheduled_runs import CreateScheduledRuns
from ostinato_wire.deployments import (
    CatchUp,
    DeploymentCreate,
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    DeploymentUpdate,
)
from ostinato_wire.flows import FlowCreate
from ostinato_wire.schedules import CronSchedule, IntervalSchedule, Schedule
from ostinato_wire.states import StateCreate, StateType
from tests.integration.core.scheduled import NOON, read_all_runs
from tests.support.clock import DrivenClock, driven_clock
from tests.support.loops import tick_to_end
from tests.support.workspace import Workspace

ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)
MINUTELY = CronSchedule(cron="* * * * *")
HOURLY = IntervalSchedule(interval=timedelta(hours=1), anchor_date=ANCHOR)
HOUR = timedelta(hours=1)


def given(schedule: Schedule, **members: Any) -> DeploymentScheduleCreate:  # Any: members of many types
    """Return a schedule to be made."""
    return DeploymentScheduleCreate(schedule=schedule, **members)


async def deployed(workspace: Workspace, *schedules: DeploymentScheduleCreate, name: str = "d") -> JsonDict:
    """Make a deployment, or the same one again."""
    flow, _ = await workspace.write(create_flow, FlowCreate(name="flow"))
    body = DeploymentCreate(name=name, flow_id=flow["id"], schedules=list(schedules))
    made, _ = await workspace.write(create_deployment, body)
    return made


def times(runs: Sequence[JsonDict], state: str = "Scheduled") -> list[datetime]:
    """Return when the runs in a state are due."""
    return [run["expected_start_time"] for run in runs if run["state_name"] == state]


async def stored(workspace: Workspace) -> list[Any]:  # Any: rows
    """Return the rows of the workspace's schedules."""
    statement = select(deployment_schedules).where(deployment_schedules.c.workspace_id == workspace.id)

    async def read(tx: Transaction) -> Any:  # Any: as above
        return await tx.rows(statement)

    return list(await workspace.read(read))


@pytest.mark.parametrize(
    ("schedule", "members", "number"),
    [
        (HOURLY, {}, 3),
        (MINUTELY, {}, 61),
        (CronSchedule(cron="*/5 * * * *"), {}, 13),
        (IntervalSchedule(interval=timedelta(seconds=1), anchor_date=ANCHOR), {}, 100),
        (CronSchedule(cron="0 0 1 1 *"), {}, 0),
        (HOURLY, {"max_scheduled_runs": 1}, 1),
        (MINUTELY, {"max_scheduled_runs": 20}, 20),
        (HOURLY, {"active": False}, 0),
    ],
)
async def test_runs_are_made_as_far_ahead_as_is_asked_for(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock, schedule: Schedule, members: Any, number: int
) -> None:
    await deployed(workspace, given(schedule, **members))

    await tick_to_end(loop)
    runs = await read_all_runs(workspace)
    assert len(runs) == number
    assert all(run["auto_scheduled"] and run["expected_start_time"] >= clock.now for run in runs)
    assert await tick_to_end(loop) == 0


@pytest.mark.parametrize("schedule", [MINUTELY, HOURLY, CronSchedule(cron="*/7 * * * *"), CronSchedule(cron="@daily")])
async def test_a_schedule_stays_ahead_and_is_not_looked_at_more_often_than_it_needs(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock, schedule: Schedule
) -> None:
    await deployed(workspace, given(schedule))
    looks = 0
    for _ in range(200):
        looks += await tick_to_end(loop) > 0
        ahead = [time for time in times(await read_all_runs(workspace)) if time >= clock.now]
        # Looks are spread over half a minute.
        assert len(ahead) >= (3 if ahead[0] - clock.now < HOUR - SPREAD else 2)
        assert ahead[-1] - clock.now >= HOUR - SPREAD
        clock.forward(71)
    assert len(set(times(await read_all_runs(workspace)))) == len(await read_all_runs(workspace))
    assert looks <= 50


async def test_a_schedule_without_runs_within_the_horizon_waits_for_it(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock
) -> None:
    await deployed(workspace, given(CronSchedule(cron="0 0 1 1 *")), given(CronSchedule(cron="0 0 30 2 *")))
    await tick_to_end(loop)
    soon, never = sorted((row["next_look"] for row in await stored(workspace)), key=lambda time: time is None)
    assert (soon, never) == (datetime(2027, 1, 1, tzinfo=UTC) - timedelta(days=100), None)

    clock.now = soon
    await tick_to_end(loop)
    assert times(await read_all_runs(workspace)) == [datetime(2027, 1, 1, tzinfo=UTC)]


async def test_every_change_is_followed_at_once(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock
) -> None:
    made = await deployed(workspace, given(HOURLY, slug="a"))
    id_, schedule_id = made["id"], made["schedules"][0]["id"]
    await tick_to_end(loop)
    at_hours = times(await read_all_runs(workspace))

    change = DeploymentScheduleUpdate(schedule=HOURLY.model_copy(update={"anchor_date": ANCHOR + HOUR / 2}))
    await workspace.write(update_schedule, id_, schedule_id, change)
    assert await read_all_runs(workspace) == []
    await tick_to_end(loop)
    assert times(await read_all_runs(workspace)) == [at_hours[0] - HOUR / 2 + number * HOUR for number in range(3)]

    await workspace.write(set_paused, id_, paused=True)
    assert await tick_to_end(loop) == 0
    assert await read_all_runs(workspace) == []
    await workspace.write(update_deployment, id_, DeploymentUpdate(description="still paused"))
    assert await tick_to_end(loop) == 0
    await workspace.write(set_paused, id_, paused=False)
    assert await tick_to_end(loop) == 3

    await workspace.write(create_schedules, id_, [given(MINUTELY)])
    assert await tick_to_end(loop) == 61
    await workspace.write(delete_schedule, id_, schedule_id)
    assert len(await read_all_runs(workspace)) == 61
    await workspace.write(update_deployment, id_, DeploymentUpdate(paused=True))
    assert await tick_to_end(loop) == 0
    await workspace.write(update_deployment, id_, DeploymentUpdate(paused=False))
    assert await tick_to_end(loop) == 61
    await deployed(workspace)
    assert await tick_to_end(loop) == 0
    assert await read_all_runs(workspace) == []


async def test_a_run_that_is_deleted_before_its_time_is_made_again(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock
) -> None:
    await deployed(workspace, given(HOURLY))
    await tick_to_end(loop)
    before = await read_all_runs(workspace)

    await workspace.write(delete_flow_run, before[0]["id"])
    await tick_to_end(loop)
    assert times(await read_all_runs(workspace)) == times(before)


@pytest.mark.parametrize("slug", [None, "s"])
async def test_redeploying_while_replicas_schedule_makes_each_run_once(
    workspace: Workspace, settings: ServerSettings, slug: str | None
) -> None:
    """Time goes on: runs begin, so they are not taken back, while the schedule's row is another one each time."""
    every = IntervalSchedule(interval=timedelta(seconds=1), anchor_date=ANCHOR)
    databases = [open_database(settings) for _ in range(3)]
    loops = [CreateScheduledRuns(database, settings) for database in databases]
    over = asyncio.Event()

    async def schedule(loop: CreateScheduledRuns) -> None:
        while not over.is_set():
            await loop.tick()
            await asyncio.sleep(0)

    with driven_clock(NOON) as clock:
        replicas = [asyncio.create_task(schedule(loop)) for loop in loops]
        for _ in range(200):
            await deployed(workspace, given(every, slug=slug))
            clock.forward(0.137)
        over.set()
        await asyncio.gather(*replicas)
        await tick_to_end(loops[0])
        found = times(await read_all_runs(workspace))
    for database in databases:
        await database.close()
    assert len(set(found)) == len(found)
    assert len([time for time in found if time >= clock.now]) == 100


async def test_a_schedule_that_means_nothing_any_more_holds_up_no_other(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock, caplog: pytest.LogCaptureFixture
) -> None:
    await deployed(workspace, given(HOURLY, slug="broken"), given(HOURLY, slug="lost"), given(HOURLY, slug="good"))
    for slug, what in (("broken", {"nonsense": 1}), ("lost", {"cron": "@daily", "timezone": "Mars/Olympus"})):
        await corrupt(workspace, slug, what)

    assert await tick_to_end(loop) == 3
    assert await tick_to_end(loop) == 0
    waiting = {row["slug"]: row["next_look"] - clock.now for row in await stored(workspace)}
    assert (waiting["broken"], waiting["lost"]) == (HOUR, HOUR)
    assert caplog.text.count("makes no runs") == 2

    # What replaces it mends it.
    await deployed(workspace, given(HOURLY, slug="broken"))
    assert await tick_to_end(loop) == 3


async def corrupt(workspace: Workspace, slug: str, schedule: JsonDict) -> None:
    """Put a definition in the database that nobody could have sent."""
    mine = (deployment_schedules.c.workspace_id == workspace.id, deployment_schedules.c.slug == slug)
    statement = update(deployment_schedules).where(*mine).values(schedule=schedule)

    async def write(tx: Transaction) -> None:
        await tx.run(statement)

    await workspace.write(write)


async def test_runs_that_the_database_refuses_hold_up_no_other(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = await deployed(workspace, given(HOURLY, slug="x"), name="bad")
    for number in range(5):
        await deployed(workspace, given(HOURLY), name=f"good-{number}")
    insert = looking.insert_runs

    async def refuse(tx: Transaction, rows: Sequence[JsonDict]) -> int:
        if any(row["deployment_id"] == bad["id"] for row in rows):
            raise Invalid("A value cannot be stored.")
        return await insert(tx, rows)

    monkeypatch.setattr(looking, "insert_runs", refuse)
    assert await tick_to_end(loop) == 15
    monkeypatch.undo()
    assert await tick_to_end(loop) == 0
    clock.forward(3700)
    await tick_to_end(loop)
    assert len([run for run in await read_all_runs(workspace) if run["deployment_id"] == bad["id"]]) == 3


async def test_of_an_outage_of_workers_only_the_latest_run_starts(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock
) -> None:
    made = await deployed(workspace, given(MINUTELY, catchup=CatchUp.LATEST))
    begin = clock.now - timedelta(days=3)
    for number in range(5):
        start = begin + number * timedelta(minutes=1000)
        window = Window(start, min(start + timedelta(minutes=1000), clock.now), timedelta(days=9), 1000, 1000)
        await workspace.write(schedule_runs, made["id"], window)
    assert len(await read_all_runs(workspace)) == 4320

    clock.forward(1)
    await tick_to_end(loop)
    runs = await read_all_runs(workspace)
    latest = clock.now.replace(second=0)
    assert [time for time in times(runs) if time <= clock.now] == [latest]
    skipped = [run for run in runs if run["state_name"] == "Skipped"]
    assert len(skipped) == 4319
    assert {(run["state_type"], run["end_time"], run["next_scheduled_start_time"]) for run in skipped} == {
        ("CANCELLED", clock.now, None)
    }
    states = await workspace.read(read_flow_run_states, skipped[0]["id"])
    assert [(state["name"], state["message"]) for state in states] == [
        ("Scheduled", "Flow run scheduled"),
        ("Skipped", "A later run of its schedule is due."),
    ]
    assert await count_events(workspace, "prefect.flow-run.Skipped") == 4319


async def count_events(workspace: Workspace, name: str) -> int:
    """Return how many events of a name the workspace's log holds."""

    async def read(tx: Transaction) -> int:
        own = (events.c.workspace_id == workspace.id, events.c.event == name)
        return len(await tx.rows(select(events.c.id).where(*own)))

    return await workspace.read(read)


async def test_of_an_outage_of_the_scheduler_only_the_latest_run_starts(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock
) -> None:
    await deployed(workspace, given(MINUTELY, catchup=CatchUp.LATEST))
    await tick_to_end(loop)
    clock.forward(3 * 86_400)
    await tick_to_end(loop)

    runs = await read_all_runs(workspace)
    latest = clock.now.replace(second=0)
    assert [time for time in times(runs) if time <= clock.now] == [latest]
    assert len(times(runs, "Skipped")) == 61
    (run,) = (run for run in runs if run["expected_start_time"] == latest)
    assert "no scheduler was running" in run["state"]["message"]


async def test_all_late_runs_start_unless_it_is_said_otherwise(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock
) -> None:
    await deployed(workspace, given(MINUTELY))
    await tick_to_end(loop)
    clock.forward(86_400)
    await tick_to_end(loop)

    runs = await read_all_runs(workspace)
    assert times(runs, "Skipped") == []
    assert len([time for time in times(runs) if time <= clock.now]) == 61


async def test_late_runs_are_skipped_each_when_its_time_is_over(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock
) -> None:
    await deployed(workspace, given(HOURLY, catchup=CatchUp.NONE), name="default")
    await deployed(workspace, given(HOURLY, max_late_seconds=600, slug="patient"), name="patient")
    await tick_to_end(loop)
    first = NOON.replace(second=0) + HOUR

    async def skipped(seconds: float) -> int:
        clock.now = first + timedelta(seconds=seconds)
        await tick_to_end(loop)
        return len(times(await read_all_runs(workspace), "Skipped"))

    assert [await skipped(seconds) for seconds in (1, 59, 61, 599, 601, 3601)] == [0, 0, 1, 1, 2, 2]


async def test_runs_that_have_begun_are_not_skipped(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock
) -> None:
    await deployed(workspace, given(MINUTELY, catchup=CatchUp.LATEST))
    await tick_to_end(loop)
    clock.forward(600)
    begun = (await read_all_runs(workspace))[0]
    await workspace.write(set_flow_run_state, begun["id"], StateCreate(type=StateType.PENDING))
    await tick_to_end(loop)

    runs = await read_all_runs(workspace)
    assert len(times(runs, "Skipped")) == 8
    assert times(runs, "Pending") == [begun["expected_start_time"]]


async def test_lag_tells_how_long_the_oldest_look_was_due(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock
) -> None:
    await tick_to_end(loop)
    await deployed(workspace, given(HOURLY))
    clock.forward(42)
    assert (await loop.tick()).lag == 42.0
    deployment = await deployed(workspace)
    assert (await workspace.read(read_deployment, deployment["id"]))["schedules"] == []
