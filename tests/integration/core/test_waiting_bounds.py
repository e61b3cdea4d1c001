"""Bounds on runs that wait: until when those of a schedule may start, and how many of a deployment there may be."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from ostinato_core.answer_json import dumps
from ostinato_core.deployments.changing import update_deployment
from ostinato_core.deployments.making import create_deployment
from ostinato_core.deployments.operations import read_deployment
from ostinato_core.deployments.queue_bounds import find_overfull
from ostinato_core.deployments.schedules import update_schedule
from ostinato_core.deployments.waiting_runs import read_due_runs
from ostinato_core.flow_runs.explanation.operations import explain
from ostinato_core.flow_runs.transitions import create_flow_run, set_flow_run_state
from ostinato_core.flows.operations import create_flow
from ostinato_core.settings import ServerSettings
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Database
from ostinato_core.work_pools.operations import create_work_pool
from ostinato_core.work_pools.polls import take_from_pool
from ostinato_scheduler.loops.create_scheduled_runs import CreateScheduledRuns
from ostinato_wire.deployments import (
    CatchUp,
    DeploymentCreate,
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    DeploymentUpdate,
)
from ostinato_wire.flow_runs import FlowRunCreate
from ostinato_wire.flows import FlowCreate
from ostinato_wire.schedules import CronSchedule
from ostinato_wire.states import StateCreate, StateType
from ostinato_wire.work_pools import ScheduledRunsQuery, WorkPoolCreate
from tests.integration.core.scheduled import NOON, read_all_runs
from tests.support.clock import DrivenClock
from tests.support.loops import tick_to_end
from tests.support.workspace import Workspace

MINUTELY = CronSchedule(cron="* * * * *")


async def deployed(workspace: Workspace, *, name: str = "d", **members: Any) -> JsonDict:  # Any: of many types
    """Make a deployment in a work pool that is called as the deployment is."""
    flow, _ = await workspace.write(create_flow, FlowCreate(name="flow"))
    await workspace.write(create_work_pool, WorkPoolCreate(name=name, type="process"))
    body = DeploymentCreate(name=name, flow_id=flow["id"], work_pool_name=name, **members)
    made, _ = await workspace.write(create_deployment, body)
    return made


def every_minute(**members: Any) -> list[DeploymentScheduleCreate]:  # Any: members of many types
    """Return a schedule."""
    return [DeploymentScheduleCreate(schedule=MINUTELY, **members)]


async def poll(workspace: Workspace, now: datetime, name: str = "d") -> list[datetime]:
    """Return when the runs are due that a worker is given, and that a runner without a pool is given as well."""
    query = ScheduledRunsQuery(scheduled_before=now)
    given = await workspace.read(take_from_pool, name, query, 1000)
    found: list[JsonDict] = [run["flow_run"] for run in orjson.loads(dumps(given.runs))]
    deployments = sorted({UUID(run["deployment_id"]) for run in found})
    if deployments:
        served = await workspace.read(read_due_runs, deployments, now, 1000)
        assert {str(run["id"]) for run in served} == {run["id"] for run in found}
    return [datetime.fromisoformat(run["expected_start_time"]) for run in found]


async def runs_of(workspace: Workspace, state: str) -> list[JsonDict]:
    """Return the runs of the workspace in a state, the one that is due first first."""
    return [run for run in await read_all_runs(workspace) if run["state_name"] == state]


@pytest.mark.parametrize(
    ("members", "late"),
    [
        ({}, 61),
        ({"catchup": CatchUp.LATEST}, 0),
        ({"catchup": CatchUp.NONE}, 0),
        ({"max_late_seconds": 86_400 - 3600}, 31),
    ],
)
async def test_after_an_outage_a_worker_that_comes_first_is_given_what_may_start(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock, members: dict[str, Any], late: int
) -> None:
    await deployed(workspace, schedules=every_minute(**members))
    await tick_to_end(loop)
    assert await poll(workspace, clock.now + timedelta(minutes=1)) == [NOON + timedelta(seconds=30)]

    clock.forward(86_400 - 1800)
    assert len(await poll(workspace, clock.now)) == late
    await tick_to_end(loop)
    if members:
        assert len(await runs_of(workspace, "Skipped")) == 61 - late
    assert len(await poll(workspace, clock.now)) == late + (members.get("catchup") == CatchUp.LATEST)


async def test_the_latest_run_starts_until_the_next_is_due(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock
) -> None:
    await deployed(workspace, schedules=every_minute(catchup=CatchUp.LATEST))
    await tick_to_end(loop)

    for seconds in (31, 60, 89, 90, 91):
        clock.now = NOON + timedelta(seconds=seconds)
        assert await poll(workspace, clock.now) == [clock.now.replace(second=0)]


async def test_a_run_that_is_too_late_is_explained_and_starts_where_somebody_wants_it(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock, settings: ServerSettings
) -> None:
    await deployed(workspace, schedules=every_minute(catchup=CatchUp.NONE))
    await tick_to_end(loop)
    clock.forward(7200)
    first, second = (await runs_of(workspace, "Scheduled"))[:2]
    told = await workspace.read(explain, first["id"], settings)
    assert "too_late" in [cause["code"] for cause in told["causes"]]

    again = due_at(clock.now)
    await workspace.write(set_flow_run_state, second["id"], again, force=True)
    assert await poll(workspace, clock.now) == [second["expected_start_time"]]


@pytest.mark.parametrize("change", ["schedule", "deployment"])
async def test_a_schedule_that_is_to_catch_up_after_all_does(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock, change: str
) -> None:
    made = await deployed(workspace, schedules=every_minute(catchup=CatchUp.LATEST, slug="s"))
    await tick_to_end(loop)
    clock.forward(1800)
    assert len(await poll(workspace, clock.now)) == 1

    if change == "schedule":
        changed = DeploymentScheduleUpdate(catchup=CatchUp.ALL)
        await workspace.write(update_schedule, made["id"], made["schedules"][0]["id"], changed)
    else:
        changed = DeploymentScheduleUpdate(slug="s", catchup=CatchUp.ALL)
        await workspace.write(update_deployment, made["id"], DeploymentUpdate(schedules=[changed]))
    assert len(await poll(workspace, clock.now)) == 30


def due_at(due: datetime) -> StateCreate:
    """Return the state of a run that is to start at a time."""
    return StateCreate.model_validate({"type": StateType.SCHEDULED, "state_details": {"scheduled_time": due}})


async def ask_for(workspace: Workspace, deployment: JsonDict, due: datetime) -> JsonDict:
    """Make a run of a deployment by hand."""
    body = FlowRunCreate(flow_id=deployment["flow_id"], deployment_id=deployment["id"], state=due_at(due))
    run, _ = await workspace.write(create_flow_run, body)
    return run


async def test_of_more_runs_than_may_wait_the_oldest_are_skipped(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock
) -> None:
    made = await deployed(workspace, schedules=every_minute(), max_queued=5)
    await deployed(workspace, name="other", schedules=every_minute())
    await tick_to_end(loop)
    clock.forward(300)
    begun = next(run for run in await runs_of(workspace, "Scheduled") if run["deployment_id"] == made["id"])
    await workspace.write(set_flow_run_state, begun["id"], StateCreate(type=StateType.PENDING))
    await tick_to_end(loop)
    assert await runs_of(workspace, "Skipped") == []

    clock.forward(300)
    asked = await ask_for(workspace, made, clock.now)
    await tick_to_end(loop)
    skipped = await runs_of(workspace, "Skipped")
    first = NOON + timedelta(seconds=90)
    assert [run["expected_start_time"] for run in skipped] == [first + timedelta(minutes=n) for n in range(5)]
    assert {(run["state_type"], run["state"]["message"]) for run in skipped} == {
        ("CANCELLED", "More than 5 runs of its deployment were waiting.")
    }
    assert {run["deployment_id"] for run in skipped} == {made["id"]}
    left = await workspace.read(read_due_runs, [made["id"]], clock.now, 1000)
    assert len(left) == 5
    assert asked["id"] in [run["id"] for run in left]


async def test_replicas_skip_no_more_than_one_would(
    workspace: Workspace, loop: CreateScheduledRuns, clock: DrivenClock, database: Database, settings: ServerSettings
) -> None:
    made = await deployed(workspace, max_queued=3)
    for number in range(40):
        await ask_for(workspace, made, clock.now - timedelta(seconds=40 - number))
    loops = [CreateScheduledRuns(database, settings) for _ in range(4)]

    await asyncio.gather(*(each.tick() for each in loops))
    await tick_to_end(loop)
    assert len(await runs_of(workspace, "Skipped")) == 37
    left = await workspace.read(read_due_runs, [made["id"]], clock.now, 1000)
    assert [clock.now - run["expected_start_time"] for run in left] == [timedelta(seconds=n) for n in (3, 2, 1)]
    assert await workspace.read(find_overfull, 10) == []


async def test_the_bound_of_a_deployment_is_kept_by_clients_that_do_not_know_it(workspace: Workspace) -> None:
    made = await deployed(workspace, max_queued=7)
    body = DeploymentCreate(name="d", flow_id=made["flow_id"], work_pool_name="d")
    again, _ = await workspace.write(create_deployment, body)
    assert again["max_queued"] == 7
    for change, expected in (({"description": "x"}, 7), ({"max_queued": 1}, 1), ({"max_queued": None}, None)):
        await workspace.write(update_deployment, made["id"], DeploymentUpdate.model_validate(change))
        assert (await workspace.read(read_deployment, made["id"]))["max_queued"] == expected
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        DeploymentUpdate.model_validate({"max_queued": 0})
