"""Runs of schedules are made once, whoever makes them at the same time, and never for a schedule that is gone."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from ostinato_core.deployments.making import create_deployment
from ostinato_core.deployments.readiness import mark_not_ready, mark_ready
from ostinato_core.deployments.scheduled_runs import Window, schedule_runs
from ostinato_core.flow_runs.operations import count_flow_runs, read_flow_runs
from ostinato_core.flows.operations import create_flow
from ostinato_wire.deployments import DeploymentCreate, DeploymentScheduleCreate
from ostinato_wire.flows import FlowCreate
from ostinato_wire.queries import FlowRunsQuery, FlowRunsWhere
from ostinato_wire.schedules import IntervalSchedule
from tests.support.workspace import Workspace

ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)


async def request(workspace: Workspace) -> DeploymentCreate:
    """Return a request for a deployment with an hourly schedule, of a flow that exists."""
    flow, _ = await workspace.write(create_flow, FlowCreate(name="flow"))
    schedule = IntervalSchedule(interval=timedelta(hours=1), anchor_date=ANCHOR)
    schedules = [DeploymentScheduleCreate(schedule=schedule, slug="hourly")]
    return DeploymentCreate(name="deployment", flow_id=flow["id"], schedules=schedules)


def window() -> Window:
    """Return a window from an hour before now, so that future runs and past ones are in it."""
    start = datetime.now(UTC) - timedelta(hours=1)
    return Window(start, start + timedelta(days=1), min_time=timedelta(hours=5))


async def test_many_schedulers_make_each_run_once(workspace: Workspace) -> None:
    made, _ = await workspace.write(create_deployment, await request(workspace))
    span = window()

    counts = await asyncio.gather(*(workspace.write(schedule_runs, made["id"], span) for _ in range(6)))

    runs = await workspace.read(read_flow_runs, FlowRunsQuery(), 200)
    assert len(runs) == sum(counts) == 6
    assert len({run["expected_start_time"] for run in runs}) == 6
    assert all(run["state"]["state_details"]["scheduled_time"] for run in runs)


async def test_redeploying_while_schedulers_work_leaves_one_run_a_date(workspace: Workspace) -> None:
    body = await request(workspace)
    made, _ = await workspace.write(create_deployment, body)
    span = window()
    deployment_id: UUID = made["id"]

    async def redeploy() -> None:
        await workspace.write(create_deployment, body)

    async def schedule() -> None:
        await workspace.write(schedule_runs, deployment_id, span)

    for _ in range(8):
        await asyncio.gather(schedule(), redeploy(), schedule())
    await redeploy()
    await schedule()

    runs = await workspace.read(read_flow_runs, FlowRunsQuery(), 200)
    future = [run for run in runs if run["expected_start_time"] > datetime.now(UTC)]
    assert len({run["expected_start_time"] for run in future}) == len(future) == 5
    assert len({run["created_by"]["id"] for run in future}) == 1


async def test_an_unknown_deployment_has_no_runs(workspace: Workspace) -> None:
    body = await request(workspace)

    assert await workspace.write(schedule_runs, body.flow_id, window()) == 0
    assert await workspace.read(count_flow_runs, FlowRunsWhere()) == 0


async def test_readiness_ends_when_nobody_asks_any_more(workspace: Workspace) -> None:
    made, _ = await workspace.write(create_deployment, await request(workspace))

    assert await workspace.write(mark_not_ready, [made["id"]], timedelta(seconds=60)) == 0
    await workspace.write(mark_ready, [made["id"]])
    assert await workspace.write(mark_not_ready, [made["id"]], timedelta(seconds=60)) == 0
    assert await workspace.write(mark_not_ready, [made["id"]], timedelta(seconds=0)) == 1
    assert await workspace.write(mark_not_ready, [made["id"]], timedelta(seconds=0)) == 0
