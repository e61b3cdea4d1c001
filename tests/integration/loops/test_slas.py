"""Service level agreements: what misses its deadline is told once, and nothing else is."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.watch_slas import WatchSlas
from tests.integration.loops.scene import later, move, new_deployment, new_run, tick_all, twice
from tests.support.client import Api
from tests.support.clock import DrivenClock, driven_clock
from tests.support.json import Json
from tests.support.loops import tick_to_end


@pytest.fixture(scope="module")
def clock() -> Iterator[DrivenClock]:
    """The time of all these tests: none begins before the end of another, for no deadline is judged twice."""
    with driven_clock() as driven:
        yield driven


@pytest.fixture
def watch(database: Database, settings: ServerSettings) -> WatchSlas:
    """The loop, as one process has it."""
    return WatchSlas(database, settings)


async def agree(api: Api, owner: str, *slas: Json) -> Json:
    """Give a resource these agreements and no others."""
    answer = await api.post(f"/slas/apply-resource-slas/{owner}", list(slas))
    assert answer.status == 200, answer.body
    return answer.json


async def deployment_with(api: Api, *slas: Json) -> Json:
    """Make a deployment with agreements."""
    deployment = await new_deployment(api)
    await agree(api, owner_of(deployment), *slas)
    return deployment


def owner_of(deployment: Json) -> str:
    return f"prefect.deployment.{deployment['id']}"


async def run_of(api: Api, deployment: Json, state: str | Json = "RUNNING", **members: Json) -> Json:
    """Make a run of a deployment."""
    return await new_run(api, state, deployment_id=deployment["id"], flow_id=deployment["flow_id"], **members)


def due(seconds: float) -> Json:
    return {"type": "SCHEDULED", "state_details": {"scheduled_time": later(seconds)}}


async def violations(api: Api, resource: str) -> list[Json]:
    """Return the events of violations by a resource, the oldest first."""
    occurred = {"since": later(-86_400), "until": later(86_400)}
    wanted = {"resource": {"id": [resource]}, "event": {"name": ["prefect.sla.violation"]}, "order": "ASC"}
    found = (await api.post("/events/filter", {"filter": wanted | {"occurred": occurred}, "limit": 50})).json
    return found["events"]


async def violations_by(api: Api, run: Json) -> list[Json]:
    return await violations(api, f"prefect.flow-run.{run['id']}")


QUICK: Json = {"name": "quick", "duration": 60, "severity": "high"}
PUNCTUAL: Json = {"name": "punctual", "within": 60.0}
HOURLY: Json = {"name": "hourly", "stale_after": 3600.0}


async def test_a_run_that_takes_too_long_is_told_of_once_and_by_name(
    client: Api, watch: WatchSlas, clock: DrivenClock
) -> None:
    deployment = await deployment_with(client, QUICK)
    run = await run_of(client, deployment, tags=["nightly"])

    clock.forward(60)
    await tick_all([watch])
    assert await violations_by(client, run) == []
    clock.forward(2.1)
    for _ in range(3):
        await tick_all([watch])
        clock.forward(5)

    (event,) = await violations_by(client, run)
    assert event["resource"]["prefect.resource.name"] == run["name"]
    related = {each["prefect.resource.role"]: each for each in event["related"]}
    assert related["deployment"]["prefect.resource.id"] == owner_of(deployment)
    assert related["tag"]["prefect.resource.id"] == "prefect.tag.nightly"
    assert related["sla"]["prefect.resource.name"] == "quick"
    assert related["sla"]["prefect.sla.severity"] == "high"
    assert event["payload"]["sla"]["duration"] == 60
    deadline = datetime.fromisoformat(event["payload"]["deadline"])
    assert deadline == datetime.fromisoformat(run["start_time"]) + timedelta(seconds=60)
    assert datetime.fromisoformat(event["occurred"]) - deadline < timedelta(seconds=10)


@pytest.mark.parametrize("state", ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"])
async def test_a_run_that_ends_in_time_violates_nothing_however_it_ends(
    client: Api, watch: WatchSlas, clock: DrivenClock, state: str
) -> None:
    deployment = await deployment_with(client, QUICK)
    ended, late = [await run_of(client, deployment) for _ in range(2)]
    clock.forward(59)
    await move(client, ended, state, force=True)
    clock.forward(2)
    await move(client, late, state, force=True)
    clock.forward(30)
    await tick_all([watch])
    assert await violations_by(client, ended) == []
    assert len(await violations_by(client, late)) == 1


async def test_a_run_that_does_not_start_in_time_is_late(client: Api, watch: WatchSlas, clock: DrivenClock) -> None:
    deployment = await deployment_with(client, PUNCTUAL)
    waits, begins, begins_late, cancelled = [await run_of(client, deployment, due(10)) for _ in range(4)]
    clock.forward(65)
    for run in (begins, begins_late):
        await move(client, run, "PENDING")
    await move(client, begins, "RUNNING")
    await move(client, cancelled, "CANCELLED")
    clock.forward(6)
    await move(client, begins_late, "RUNNING")
    clock.forward(5)
    await tick_all([watch])
    found = [len(await violations_by(client, run)) for run in (waits, begins, begins_late, cancelled)]
    assert found == [1, 0, 1, 0]


async def test_a_frequency_counts_from_each_completed_run(client: Api, watch: WatchSlas, clock: DrivenClock) -> None:
    deployment = await deployment_with(client, HOURLY)
    owner = owner_of(deployment)
    completed = await run_of(client, deployment)
    clock.forward(3000)
    await move(client, completed, "COMPLETED")
    failed = await run_of(client, deployment)
    clock.forward(3000)
    await tick_to_end(watch)
    await move(client, failed, "FAILED")
    clock.forward(590)
    await tick_to_end(watch)
    assert await violations(client, owner) == []

    for _ in range(3):
        clock.forward(3600)
        await tick_to_end(watch)
    (first,) = await violations(client, owner)  # once for as long as nothing completes
    assert [each["prefect.resource.role"] for each in first["related"]] == ["flow", "sla"]

    again = await run_of(client, deployment)
    await move(client, again, "COMPLETED")
    clock.forward(3590)
    await tick_to_end(watch)
    assert len(await violations(client, owner)) == 1
    clock.forward(20)
    await tick_to_end(watch)
    assert len(await violations(client, owner)) == 2


async def test_what_was_missed_while_nobody_watched_is_told_afterwards(
    client: Api, watch: WatchSlas, clock: DrivenClock
) -> None:
    deployment = await deployment_with(client, QUICK, HOURLY)
    await tick_to_end(watch)
    late = await run_of(client, deployment)
    clock.forward(61)
    await move(client, late, "COMPLETED")  # 61 s: too late for one, in time for the other
    in_time = await run_of(client, deployment)
    clock.forward(3800)  # longer than a transaction judges at once
    await move(client, in_time, "COMPLETED")
    clock.forward(5)
    await tick_to_end(watch)
    assert [len(await violations_by(client, run)) for run in (late, in_time)] == [1, 1]
    assert len(await violations(client, owner_of(deployment))) == 1


async def test_replicas_tell_of_it_once(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    deployment = await deployment_with(client, QUICK)
    runs = [await run_of(client, deployment) for _ in range(20)]
    clock.forward(63)
    await asyncio.gather(*(tick_all(twice(WatchSlas, [database, other_database], settings)) for _ in range(3)))
    assert [len(await violations_by(client, run)) for run in runs] == [1] * 20


async def test_agreements_of_a_tag_are_about_all_runs_that_have_it(
    client: Api, watch: WatchSlas, clock: DrivenClock
) -> None:
    tag = f"team-{uuid4()}"
    await agree(client, f"prefect.tag.{tag}", QUICK, HOURLY)
    tagged = [await new_run(client, tags=["x", tag]), await new_run(client, tags=[tag])]
    other = await new_run(client, tags=["x"])
    clock.forward(63)
    await tick_to_end(watch)
    assert [len(await violations_by(client, run)) for run in (*tagged, other)] == [1, 1, 0]
    await move(client, tagged[0], "COMPLETED")
    clock.forward(3605)
    await tick_to_end(watch)
    (event,) = await violations(client, f"prefect.tag.{tag}")
    assert event["resource"]["prefect.resource.name"] == tag


async def test_a_disabled_agreement_judges_nothing_and_begins_anew(
    client: Api, watch: WatchSlas, clock: DrivenClock
) -> None:
    deployment = await deployment_with(client, QUICK)
    (sla,) = (await client.post("/slas/filter", {"owner_resource": owner_of(deployment)})).json
    run = await run_of(client, deployment)
    assert (await client.request("PATCH", f"/slas/{sla['id']}", {"enabled": False})).status == 204
    clock.forward(70)
    await tick_to_end(watch)
    assert (await client.request("PATCH", f"/slas/{sla['id']}", {"enabled": True})).status == 204
    counted = await run_of(client, deployment)
    clock.forward(70)
    await tick_to_end(watch)
    assert [len(await violations_by(client, each)) for each in (run, counted)] == [0, 1]


async def test_agreements_are_merged_by_their_names(client: Api, clock: DrivenClock) -> None:
    deployment = await new_deployment(client)
    owner = owner_of(deployment)
    assert await agree(client, owner, QUICK, HOURLY) == {"created": ["quick", "hourly"], "updated": [], "deleted": []}
    clock.forward(10)
    assert await agree(client, owner, QUICK, HOURLY) == {"created": [], "updated": [], "deleted": []}
    changed = await agree(client, owner, QUICK | {"duration": 5}, PUNCTUAL | {"enabled": None})
    assert changed == {"created": ["punctual"], "updated": ["quick"], "deleted": ["hourly"]}
    found = (await client.post("/slas/filter", {"owner_resource": owner})).json
    assert [(sla["name"], sla["kind"], sla["duration"], sla["within"], sla["enabled"]) for sla in found] == [
        ("punctual", "lateness", None, 60.0, True),
        ("quick", "time-to-completion", 5.0, None, True),
    ]
    kept = await client.post("/slas/", QUICK | {"owner_resource": owner, "severity": "critical"})
    assert (kept.json["id"], kept.json["severity"], kept.json["duration"]) == (found[1]["id"], "critical", 60.0)
    assert (await client.get(f"/slas/{kept.json['id']}")).json == kept.json
    assert (await client.delete(f"/slas/{kept.json['id']}")).status == 204
    assert (await client.get(f"/slas/{kept.json['id']}")).status == 404


async def test_agreements_go_with_their_deployment(client: Api, watch: WatchSlas, clock: DrivenClock) -> None:
    deployment = await deployment_with(client, QUICK, HOURLY)
    run = await run_of(client, deployment)
    assert (await client.delete(f"/deployments/{deployment['id']}")).status == 204
    assert (await client.post("/slas/filter", {"owner_resource": owner_of(deployment)})).json == []
    clock.forward(4000)
    await tick_to_end(watch)
    assert await violations_by(client, run) == []


@pytest.mark.parametrize(
    ("owner", "slas", "status", "words"),
    [
        ("prefect.flow.1", [QUICK], 422, "prefect.tag.<tag>"),
        ("prefect.deployment.nonsense", [QUICK], 422, "prefect.deployment.<id>"),
        ("prefect.deployment.00000000-0000-0000-0000-000000000001", [QUICK], 404, "not found"),
        ("prefect.tag.x", [QUICK, QUICK], 422, "quick"),
        ("prefect.tag.x", [{"name": "fresh", "expected_event": "x"}], 422, "stale_after"),
        ("prefect.tag.x", [QUICK | {"within": 5}], 422, "exactly one"),
        ("prefect.tag.x", [QUICK | {"duration": 0}], 422, "duration"),
        ("prefect.tag.x", [QUICK | {"severity": "grave"}], 422, "critical"),
    ],
)
async def test_what_cannot_be_agreed_is_said(
    client: Api, owner: str, slas: list[Json], status: int, words: str
) -> None:
    answer = await client.post(f"/slas/apply-resource-slas/{owner}", slas)
    assert answer.status == status
    assert words in str(answer.json)


async def test_a_list_tells_when_each_was_last_violated_and_finds_them_by_it(
    client: Api, watch: WatchSlas, clock: DrivenClock
) -> None:
    deployment = await deployment_with(client, QUICK, PUNCTUAL, {"name": "rare", "stale_after": 86_400.0})
    runs = [await run_of(client, deployment)]
    clock.forward(10)
    runs.append(await run_of(client, deployment))
    clock.forward(75)
    await tick_to_end(watch)

    async def asked(**where: Json) -> list[Json]:
        body = {"owner_resource": owner_of(deployment), **where}
        found = (await client.post("/slas/filter", body)).json
        assert (await client.post("/slas/count", body)).json == len(found)
        return found

    rare = (await asked(slas={"kind": {"any_": ["frequency"]}}))[0]
    assert (rare["last_violated"], rare["due"] is None) == (None, False)
    (quick,) = await asked(slas={"last_violated": {"is_null_": False}})
    last = datetime.fromisoformat(runs[1]["start_time"]) + timedelta(seconds=60)
    assert (quick["name"], datetime.fromisoformat(quick["last_violated"])) == ("quick", last)
    assert [sla["name"] for sla in await asked(sort="LAST_VIOLATED_DESC")] == ["quick", "punctual", "rare"]
    assert [sla["name"] for sla in await asked(slas={"name": {"like_": "UN"}})] == ["punctual"]
    assert [sla["name"] for sla in await asked(slas={"severity": {"any_": ["high"]}})] == ["quick"]
    (event, *_) = await violations_by(client, runs[0])
    assert not {"due", "last_violated"} & set(event["payload"]["sla"])
