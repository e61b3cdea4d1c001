"""Deployments made from code, and runs of them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from ostinato import flow, get_client
from ostinato.deployments import ConcurrencyLimitConfig, arun_deployment, run_deployment
from ostinato.exceptions import DeploymentApplyError, ObjectNotFound
from ostinato.flows import Flow
from ostinato.schedules import Cron, Interval
from ostinato.utilities.annotations import freeze
from ostinato_wire.deployments import DeploymentScheduleUpdate
from ostinato_wire.filters import AnyOrNotId
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.schedules import CronSchedule, IntervalSchedule
from ostinato_wire.work_pools import WorkPoolCreate
from tests.integration.sdk.conftest import Project


def new_name() -> str:
    return f"d-{uuid4().hex[:8]}"


async def test_a_deployment_tells_the_server_all_that_it_says(project: Project) -> None:
    loaded = await Flow.afrom_source(project.folder, "flows.py:add")
    name = new_name()
    deployment = loaded.to_deployment(
        name,
        schedules=[
            Cron("0 2 * * *", timezone="Europe/Berlin", slug="nightly", parameters={"a": 5}),
            Interval(timedelta(hours=1), active=False),
        ],
        parameters={"a": 1, "b": freeze(7)},
        tags=["x"],
        version="v1",
        concurrency_limit=ConcurrencyLimitConfig(2, "CANCEL_NEW"),
    )
    made = await deployment.aapply()
    async with get_client() as client:
        found = await client.read_deployment_by_name(f"add/{name}")
    assert found.id == made
    assert (found.entrypoint, found.description, found.version) == ("flows.py:add", "Add two numbers.", "v1")
    assert found.parameters == {"a": 1, "b": 7}
    schema = found.parameter_openapi_schema
    assert schema is not None
    assert schema["properties"]["a"] == {"title": "a", "type": "integer", "position": 0}
    assert schema["properties"]["b"]["enum"] == [7]
    assert schema["required"] == ["a"]
    assert found.pull_steps == [
        {"prefect.deployments.steps.set_working_directory": {"directory": str(project.folder.resolve())}}
    ]
    assert found.global_concurrency_limit is not None
    assert found.global_concurrency_limit.limit == 2
    assert found.concurrency_options is not None
    assert found.concurrency_options.collision_strategy == "CANCEL_NEW"
    nightly = next(item for item in found.schedules if item.slug == "nightly")
    assert isinstance(nightly.schedule, CronSchedule)
    assert (nightly.schedule.timezone, nightly.parameters) == ("Europe/Berlin", {"a": 5})
    hourly = next(item for item in found.schedules if isinstance(item.schedule, IntervalSchedule))
    assert not hourly.active


async def test_deploying_again_changes_it_and_leaves_schedules_that_are_not_given(project: Project) -> None:
    loaded, name = await Flow.afrom_source(".", "flows.py:add"), new_name()
    first = await loaded.to_deployment(name, cron="0 2 * * *", tags=["old"]).aapply()
    second = await loaded.to_deployment(name, tags=["new"]).aapply()
    async with get_client() as client:
        found = await client.read_deployment(first)
    assert first == second
    assert found.tags == ["new"]
    assert len(found.schedules) == 1


async def test_deploying_again_puts_given_schedules_in_the_place_of_the_former(project: Project) -> None:
    loaded = await Flow.afrom_source(project.folder, "flows.py:add")
    name = new_name()
    for hours in (1, 2):
        await loaded.to_deployment(name, schedules=[Interval(timedelta(hours=hours))], parameters={"a": 1}).aapply()
    async with get_client() as client:
        found = await client.read_deployment_by_name(f"add/{name}")
    (schedule,) = found.schedules
    assert isinstance(schedule.schedule, IntervalSchedule)
    assert schedule.schedule.interval == timedelta(hours=2)


async def test_what_the_server_refuses_is_told_with_its_reason(project: Project) -> None:
    loaded = await Flow.afrom_source(".", "flows.py:add")
    with pytest.raises(DeploymentApplyError, match="cron"):
        await loaded.to_deployment(new_name(), cron="no cron at all").aapply()


def test_run_deployment_returns_the_run_when_the_time_is_over(project: Project) -> None:
    name = new_name()
    Flow.from_source(".", "flows.py:add").to_deployment(name).apply()
    run = run_deployment(f"add/{name}", {"a": 2}, timeout=0, tags=["now"], flow_run_name="mine")
    assert (run.state_name, run.parameters, run.name) == ("Scheduled", {"a": 2}, "mine")
    assert run.tags == ["now"]
    with pytest.raises(ObjectNotFound):
        run_deployment("add/nothing", timeout=0)


async def test_a_run_made_inside_a_flow_is_its_sub_flow(project: Project) -> None:
    name = new_name()
    made = await (await Flow.afrom_source(".", "flows.py:add")).to_deployment(name).aapply()

    @flow
    async def parent():
        run = await arun_deployment(made, {"a": 2}, timeout=0)
        other = await run_deployment(f"add/{name}", {"a": 3}, timeout=0, as_subflow=False)
        return run.id, other.id

    child_id, other_id = await parent()
    async with get_client() as client:
        child = await client.read_flow_run(child_id)
        other = await client.read_flow_run(other_id)
        assert child.parent_task_run_id is not None
        tracking = await client.read_task_run(child.parent_task_run_id)
        wanted = FlowRunFilter(id=AnyOrNotId(any_=[tracking.flow_run_id] if tracking.flow_run_id else []))
        (above,) = await client.read_flow_runs(flow_run_filter=wanted)
    assert (above.state_name, tracking.name) == ("Completed", f"{name}-0")
    assert other.parent_task_run_id is None


async def test_a_flow_is_deployed_to_a_pool_whose_workers_can_find_it(project: Project) -> None:
    pool, name = f"pool-{uuid4().hex[:8]}", new_name()
    loaded = await Flow.afrom_source(".", "flows.py:add")
    with pytest.raises(ValueError, match="no work pool"):
        await loaded.adeploy(name, pool)
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        made = await loaded.deploy(name, pool, job_variables={"env": {"A": "b"}}, print_next_steps=False)
        found = await client.read_deployment(made)
        assert (found.work_pool_name, found.job_variables) == (pool, {"env": {"A": "b"}})
        with pytest.raises(ValueError, match="image"):
            await loaded.adeploy(name, pool, image="x")


def test_runs_are_made_by_the_client_that_is_given(project: Project) -> None:
    name = new_name()
    Flow.from_source(".", "flows.py:add").to_deployment(name).apply()
    with get_client(sync_client=True) as client:
        run = run_deployment(f"add/{name}", {"a": 2}, timeout=0, client=client)
        assert run.parameters == {"a": 2}
        with pytest.raises(ObjectNotFound):
            run_deployment("add/nothing", timeout=0, client=client)


async def test_deploying_again_leaves_paused_schedules_paused_and_intervals_where_they_were(project: Project) -> None:
    loaded, name = await Flow.afrom_source(".", "flows.py:add"), new_name()
    schedules = [Interval(600), Cron("0 2 * * *", slug="nightly"), Cron("0 3 * * *", active=True)]
    deployment_id = await loaded.to_deployment(name, schedules=schedules[:1]).aapply()
    async with get_client() as client:
        (first,) = (await client.read_deployment(deployment_id)).schedules
        await client.update_deployment_schedule(deployment_id, first.id, DeploymentScheduleUpdate(active=False))
        await loaded.to_deployment(name, schedules=schedules).aapply()
        found = (await client.read_deployment(deployment_id)).schedules
        for schedule in found:
            await client.update_deployment_schedule(deployment_id, schedule.id, DeploymentScheduleUpdate(active=False))
        await loaded.to_deployment(name, schedules=schedules).aapply()
        again = (await client.read_deployment(deployment_id)).schedules
    assert sorted(str(each.schedule) for each in again if each.active) == [
        str(each.schedule) for each in again if isinstance(each.schedule, CronSchedule) and "3" in each.schedule.cron
    ]
    assert len(again) == 3
    (interval,) = [each.schedule for each in again if isinstance(each.schedule, IntervalSchedule)]
    assert isinstance(first.schedule, IntervalSchedule)
    assert interval.anchor_date == first.schedule.anchor_date
