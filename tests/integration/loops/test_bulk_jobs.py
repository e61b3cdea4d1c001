"""Bulk jobs: what is asked for is done to each flow run that matches, once, by the rules that hold for one alone."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest

from ostinato_core.bulk_jobs import repository, working
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.enforce_retention import EnforceRetention
from ostinato_scheduler.loops.work_bulk_jobs import WorkBulkJobs
from tests.integration.loops.scene import (
    events_of,
    new_child,
    new_deployment,
    new_run,
    state_of,
    tick_all,
    twice,
    type_of,
)
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.json import Json
from tests.support.loops import tick_to_end
from tests.support.pools import new_flow


@pytest.fixture
def loop(database: Database, settings: ServerSettings) -> WorkBulkJobs:
    return WorkBulkJobs(database, settings)


def of_tag(tag: str) -> Json:
    """Return the filter of the runs with a tag."""
    return {"flow_runs": {"tags": {"all_": [tag]}}}


async def new_job(api: Api, action: str, where: Json, **members: Json) -> Json:
    """Ask for a bulk job."""
    return await api.created("/bulk_jobs/", {"action": action, **where, **members})


async def job_of(api: Api, job: Json) -> Json:
    """Return a job as it is now."""
    return (await api.get(f"/bulk_jobs/{job['id']}")).json


async def told_of(api: Api, job: Json) -> list[str]:
    """Return what the server has told of a job, the first first, without its progress."""
    wanted = {"resource": {"id": [f"ostinato.bulk-job.{job['id']}"]}, "order": "ASC"}
    found = (await api.post("/events/filter", {"filter": wanted})).json["events"]
    names = [event["event"].removeprefix("ostinato.bulk-job.") for event in found]
    return [name for name in names if name != "progressed"]


async def test_a_preview_counts_by_state_and_changes_nothing(client: Api) -> None:
    tag = uuid4().hex
    for state in ("RUNNING", "FAILED", "FAILED"):
        await new_run(client, state, tags=[tag])
    preview = (await client.post("/bulk_jobs/preview", of_tag(tag))).json
    states = [{"state_type": "FAILED", "count": 2}, {"state_type": "RUNNING", "count": 1}]
    assert preview == {"matched": 3, "by_state": states, "delete_delay": 30.0}


@pytest.mark.parametrize("where", [{}, {"flow_runs": {}}, {"flow_runs": {"sate": {"type": {"any_": ["FAILED"]}}}}])
async def test_all_runs_are_meant_only_where_that_is_said(client: Api, where: Json) -> None:
    answer = await client.post("/bulk_jobs/", {"action": "delete", **where})
    assert answer.status == 422
    assert "everything" in answer.body.decode()
    assert (await client.post("/bulk_jobs/preview", {**where, "everything": True})).status == 200


@pytest.mark.parametrize("body", [{"action": "set-state"}, {"action": "cancel", "state": {"type": "FAILED"}}])
async def test_a_state_belongs_to_the_setting_of_states(client: Api, body: Json) -> None:
    assert (await client.post("/bulk_jobs/", {**body, **of_tag("any")})).status == 422


async def test_what_runs_is_cancelled_with_its_sub_flows_and_what_has_ended_is_told(
    client: Api, loop: WorkBulkJobs
) -> None:
    tag = uuid4().hex
    waits = await new_run(client, "SCHEDULED", tags=[tag])
    runs = await new_run(client, "RUNNING", tags=[tag])
    child = await new_child(client, runs)
    ended = [await new_run(client, "COMPLETED", tags=[tag]) for _ in range(2)]
    other = await new_run(client, "RUNNING")
    job = await new_job(client, "cancel", of_tag(tag))
    assert (job["status"], job["matched"], job["looked_at"]) == ("pending", 4, 0)

    await tick_to_end(loop)

    after = await job_of(client, job)
    assert (after["status"], after["looked_at"], after["done"], after["refused"]) == ("completed", 4, 2, 2)
    (refusal,) = after["refusals"]
    assert (refusal["reason"], refusal["count"]) == ("The run has ended already.", 2)
    assert refusal["flow_run_id"] in {run["id"] for run in ended}
    assert [await type_of(client, run) for run in (waits, runs, child, other)] == [
        "CANCELLED",
        "CANCELLING",
        "CANCELLED",
        "RUNNING",
    ]
    assert (await events_of(client, "flow-run", runs))[-1] == "Cancelling"
    assert await told_of(client, job) == ["created", "started", "completed"]


async def test_what_has_ended_is_retried_by_its_deployment(client: Api, loop: WorkBulkJobs) -> None:
    tag = uuid4().hex
    deployment = await new_deployment(client)
    mine: Json = {"deployment_id": deployment["id"], "flow_id": deployment["flow_id"], "tags": [tag]}
    failed, running = await new_run(client, "FAILED", **mine), await new_run(client, "RUNNING", **mine)
    alone = await new_run(client, "FAILED", tags=[tag])
    job = await new_job(client, "retry", of_tag(tag))
    await tick_to_end(loop)
    after = await job_of(client, job)
    assert (after["done"], after["refused"]) == (1, 2)
    assert {each["reason"] for each in after["refusals"]} == {
        "The run has not ended.",
        "The run belongs to no deployment whose workers would run it again.",
    }
    assert (await state_of(client, failed))["name"] == "AwaitingRetry"
    assert [await type_of(client, run) for run in (running, alone)] == ["RUNNING", "FAILED"]


async def test_a_state_is_set_by_the_rules_or_by_force(client: Api, loop: WorkBulkJobs) -> None:
    tag = uuid4().hex
    run = await new_run(client, "RUNNING", tags=[tag])
    state = {"type": "PENDING", "name": "Again", "message": "by hand"}
    ruled = await new_job(client, "set-state", of_tag(tag), state=state)
    await tick_to_end(loop)
    refused = await job_of(client, ruled)
    assert (refused["done"], refused["refused"]) == (0, 1)
    alone = (await client.post(f"/flow_runs/{run['id']}/set_state", {"state": state})).json
    assert refused["refusals"][0]["reason"] == alone["details"]["reason"]

    forced = await new_job(client, "set-state", of_tag(tag), state=state, force=True)
    await tick_to_end(loop)
    assert (await job_of(client, forced))["done"] == 1
    after = await state_of(client, run)
    assert (after["type"], after["name"], after["message"]) == ("PENDING", "Again", "by hand")


async def test_a_deletion_begins_later_and_can_be_stopped_until_then(
    client: Api, loop: WorkBulkJobs, clock: DrivenClock
) -> None:
    tag = uuid4().hex
    runs = [await new_run(client, "COMPLETED", tags=[tag]) for _ in range(3)]
    stopped = await new_job(client, "delete", of_tag(tag))
    await tick_to_end(loop)
    assert (await job_of(client, stopped))["status"] == "pending"
    answer = await client.post(f"/bulk_jobs/{stopped['id']}/stop")
    assert (answer.status, answer.json["status"]) == (200, "stopped")
    assert (await client.post(f"/bulk_jobs/{stopped['id']}/stop")).status == 409

    job = await new_job(client, "delete", of_tag(tag))
    later = await new_run(client, "COMPLETED", tags=[tag])
    clock.forward(31)
    await tick_to_end(loop)
    after = await job_of(client, job)
    assert (after["status"], after["done"]) == ("completed", 3)
    assert {(await client.get(f"/flow_runs/{run['id']}")).status for run in runs} == {404}
    assert (await client.get(f"/flow_runs/{later['id']}")).status == 200, "it was made after the job"
    assert await told_of(client, stopped) == ["created", "stopped"]


async def test_a_run_that_no_longer_matches_is_left_alone(client: Api, loop: WorkBulkJobs, database: Database) -> None:
    tag = uuid4().hex
    run = await new_run(client, "FAILED", tags=[tag])
    where = {"flow_runs": {"tags": {"all_": [tag]}, "state": {"type": {"any_": ["FAILED"]}}}}
    job = await new_job(client, "delete", where, delay=0)
    due = await database.read(lambda tx: repository.find_due(tx, 100))
    (found,) = [row for row in due if str(row["id"]) == job["id"]]
    claimed = await database.write(lambda tx: working.claim(tx, found["id"], uuid4()))
    assert claimed is not None
    portion = await database.read(lambda tx: working.next_portion(tx, claimed, 10))
    assert [str(each) for each in portion.run_ids] == [run["id"]]
    await client.post(f"/flow_runs/{run['id']}/set_state", {"state": {"type": "RUNNING"}, "force": True})
    after = await database.write(lambda tx: working.work_off(tx, claimed, portion))
    assert after is not None
    assert (after["status"], after["looked_at"], after["done"], after["refused"]) == ("completed", 1, 0, 0)
    assert await type_of(client, run) == "RUNNING"
    again = await database.write(lambda tx: working.work_off(tx, claimed, portion))
    assert again is None, "nobody gets on with a job that has ended"


async def test_what_a_lost_process_had_claimed_goes_on(
    client: Api, loop: WorkBulkJobs, database: Database, clock: DrivenClock
) -> None:
    tag = uuid4().hex
    await new_run(client, "RUNNING", tags=[tag])
    job = await new_job(client, "cancel", of_tag(tag))
    due = await database.read(lambda tx: repository.find_due(tx, 100))
    (found,) = [row for row in due if str(row["id"]) == job["id"]]
    lost = await database.write(lambda tx: working.claim(tx, found["id"], uuid4()))
    assert lost is not None
    await tick_to_end(loop)
    assert (await job_of(client, job))["status"] == "running", "somebody is at it"
    clock.forward(working.CLAIMED_FOR.total_seconds() + 1)
    await tick_to_end(loop)
    assert (await job_of(client, job))["done"] == 1
    portion = working.Portion([], is_last=True)
    assert await database.write(lambda tx: working.work_off(tx, lost, portion)) is None, "it is no longer his"


async def test_a_job_that_never_gets_on_fails(
    client: Api, loop: WorkBulkJobs, database: Database, clock: DrivenClock
) -> None:
    await new_run(client, "RUNNING", tags=[tag := uuid4().hex])
    job = await new_job(client, "cancel", of_tag(tag))
    due = await database.read(lambda tx: repository.find_due(tx, 100))
    (found,) = [row for row in due if str(row["id"]) == job["id"]]
    for _ in range(working.MOST_ATTEMPTS):
        assert await database.write(lambda tx: working.claim(tx, found["id"], uuid4())) is not None
        clock.forward(working.CLAIMED_FOR.total_seconds() + 1)
    await tick_to_end(loop)
    after = await job_of(client, job)
    assert (after["status"], after["reason"]) == ("failed", working.STUCK)


@pytest.mark.timeout(600)
async def test_replicas_share_ten_thousand_runs_and_change_each_once(
    client: Api, database: Database, other_database: Database, settings: ServerSettings
) -> None:
    tag, count = uuid4().hex, 10_000
    flow_id = await new_flow(client)
    body = {"flow_id": flow_id, "tags": [tag], "state": {"type": "SCHEDULED"}}

    async def make(number: int) -> None:
        for _ in range(number):
            await client.created("/flow_runs/", body)

    await asyncio.gather(*(make(count // 16) for _ in range(16)))
    where = {"flow_runs": {"tags": {"all_": [tag]}, "state": {"type": {"any_": ["SCHEDULED"]}}}}
    job = await new_job(client, "cancel", where)
    assert job["matched"] == count
    await tick_all(twice(WorkBulkJobs, (database, other_database), settings))
    after = await job_of(client, job)
    assert (after["status"], after["looked_at"], after["done"], after["refused"]) == ("completed", count, count, 0)
    assert (await client.post("/flow_runs/count", where)).json == 0
    wanted = {"event": {"name": ["prefect.flow-run.Cancelled"]}, "related": {"id": [f"prefect.flow.{flow_id}"]}}
    assert (await client.post("/events/count-by/event", {"filter": wanted})).json[0]["count"] == count


async def test_jobs_take_turns_and_a_stop_comes_between_portions(
    client: Api, loop: WorkBulkJobs, database: Database
) -> None:
    tag = uuid4().hex
    flow_id = await new_flow(client)
    for _ in range(30):
        await new_run(client, "SCHEDULED", flow_id=flow_id, tags=[tag])
    job = await new_job(client, "cancel", of_tag(tag))
    due = await database.read(lambda tx: repository.find_due(tx, 100))
    (found,) = [row for row in due if str(row["id"]) == job["id"]]
    claimed = await database.write(lambda tx: working.claim(tx, found["id"], uuid4()))
    assert claimed is not None
    portion = await database.read(lambda tx: working.next_portion(tx, claimed, 10))
    after = await database.write(lambda tx: working.work_off(tx, claimed, portion))
    assert after is not None
    await client.post(f"/bulk_jobs/{job['id']}/stop")
    portion = await database.read(lambda tx: working.next_portion(tx, after, 10))
    assert await database.write(lambda tx: working.work_off(tx, after, portion)) is None
    counted = Counter([run["state_type"] for run in (await client.post("/flow_runs/filter", of_tag(tag))).json])
    assert counted == {"CANCELLED": 10, "SCHEDULED": 20}
    assert (await job_of(client, job))["done"] == 10


async def test_what_has_ended_long_ago_is_forgotten(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock, loop: WorkBulkJobs
) -> None:
    job = await new_job(client, "cancel", of_tag(uuid4().hex))
    await tick_to_end(loop)
    listed = (await client.post("/bulk_jobs/filter", {"bulk_jobs": {"id": {"any_": [job["id"]]}}})).json
    assert [each["status"] for each in listed] == ["completed"]
    clock.forward(timedelta(days=31).total_seconds())
    await tick_to_end(EnforceRetention(database, settings))
    assert (await client.get(f"/bulk_jobs/{job['id']}")).status == 404
