"""Metric triggers: what they measure, and that they fire and resolve once each, whoever looks and however often."""

import asyncio
from uuid import uuid4

import pytest

from ostinato_core.metric_triggers.measuring import measure
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.evaluate_metrics import EvaluateMetrics
from ostinato_scheduler.loops.late_runs import MarkLateRuns
from ostinato_wire.metric_triggers import MetricTrigger
from tests.integration.loops.scene import events_of, later, move, new_run, tick_all
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.json import Json
from tests.support.pools import new_flow

LATE_AFTER = 15.0


@pytest.fixture
def loop(database: Database, settings: ServerSettings) -> EvaluateMetrics:
    """The loop, as one process has it."""
    return EvaluateMetrics(database, settings)


@pytest.fixture
async def flow(client: Api) -> str:
    """The id of a flow whose runs are measured."""
    return await new_flow(client)


def trigger_on(
    name: str, flow: str | None = None, operator: str = "<", threshold: float = 0.5, **members: Json
) -> Json:
    related = {"prefect.resource.id": f"prefect.flow.{flow}"} if flow else {}
    metric = {"name": name, "operator": operator, "threshold": threshold, "range": 3600}
    given: Json = {"type": "metric", "match": {"prefect.resource.id": "prefect.flow-run.*"}, "match_related": related}
    return given | {"metric": metric} | members


async def value_of(database: Database, trigger: Json) -> float | None:
    return await database.read(lambda tx: measure(tx, MetricTrigger.model_validate(trigger), LATE_AFTER))


async def automation_on(api: Api, trigger: Json, **members: Json) -> Json:
    body: Json = {"name": f"watch-{uuid4()}", "trigger": trigger, "actions": [{"type": "do-nothing"}]}
    return await api.created("/automations/", body | members)


async def ended(api: Api, flow: str, state: str) -> Json:
    """Make a run that has begun and ended by now."""
    run = await new_run(api, flow_id=flow)
    await move(api, run, state, force=True)
    return run


async def look_for(loop: EvaluateMetrics, clock: DrivenClock, seconds: int) -> None:
    """Let the loop look for a while, as often as it does."""
    for _ in range(seconds // 30):
        clock.forward(30)
        await tick_all([loop])


async def firings(api: Api, automation: Json) -> list[str]:
    return [name for name in await events_of(api, "automation", automation) if name in ("triggered", "resolved")]


async def test_successes_are_the_share_of_runs_whose_last_state_is_no_failure(
    client: Api, database: Database, flow: str, clock: DrivenClock
) -> None:
    assert await value_of(database, trigger_on("successes", flow)) is None
    for state in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
        await ended(client, flow, state)
    await new_run(client, "RUNNING", flow_id=flow)
    assert await value_of(database, trigger_on("successes", flow)) == pytest.approx(3 / 5)
    crashed_early = await new_run(client, "PENDING", flow_id=flow)
    await move(client, crashed_early, "CRASHED", force=True)
    for state in ("PENDING", {"type": "SCHEDULED", "state_details": {"scheduled_time": later(-5)}}):
        await new_run(client, state, flow_id=flow)  # has not left Pending
    assert await value_of(database, trigger_on("successes", flow)) == pytest.approx(3 / 6)
    clock.forward(3700)
    assert await value_of(database, trigger_on("successes", flow)) is None


async def test_a_run_that_began_before_the_range_counts_by_its_end(
    client: Api, database: Database, flow: str, clock: DrivenClock
) -> None:
    run = await new_run(client, flow_id=flow)
    clock.forward(5000)
    assert await value_of(database, trigger_on("successes", flow)) is None
    await move(client, run, "FAILED", force=True)
    assert await value_of(database, trigger_on("successes", flow)) == 0
    assert await value_of(database, trigger_on("duration", flow)) == pytest.approx(5000)


async def test_duration_is_the_mean_time_in_running(
    client: Api, database: Database, flow: str, clock: DrivenClock
) -> None:
    runs = [await new_run(client, flow_id=flow) for _ in range(3)]
    clock.forward(10)
    await move(client, runs[0], "COMPLETED")
    clock.forward(20)
    await move(client, runs[1], "FAILED", force=True)
    assert await value_of(database, trigger_on("duration", flow)) == pytest.approx((10 + 30) / 2)


async def test_lateness_is_the_mean_time_in_late(
    client: Api, database: Database, settings: ServerSettings, flow: str, clock: DrivenClock
) -> None:
    due: Json = {"type": "SCHEDULED", "state_details": {"scheduled_time": later(0)}}
    punctual, begins_late, _, cancelled = [await new_run(client, due, flow_id=flow) for _ in range(4)]
    clock.forward(10)
    for state in ("PENDING", "RUNNING"):
        await move(client, punctual, state)
    clock.forward(35)
    await tick_all([MarkLateRuns(database, settings)])
    for state in ("PENDING", "RUNNING"):
        await move(client, begins_late, state)
    await move(client, cancelled, "CANCELLED")
    clock.forward(30)
    assert await value_of(database, trigger_on("lateness", flow)) == pytest.approx((0 + 30 + 60) / 3)
    clock.forward(7200)  # beyond the range: only what is late still counts
    assert await value_of(database, trigger_on("lateness", flow)) == pytest.approx(7260)


async def test_whose_runs_are_measured_is_said_as_for_events(
    client: Api, database: Database, flow: str, clock: DrivenClock
) -> None:
    name, tag = (await client.get(f"/flows/{flow}")).json["name"], f"tag-{uuid4()}"
    deployment = await client.created("/deployments/", {"name": "d", "flow_id": flow, "tags": ["of-deployment"]})
    run = await new_run(client, flow_id=flow, deployment_id=deployment["id"], tags=[tag])
    await move(client, run, "FAILED", force=True)
    await ended(client, flow, "COMPLETED")
    of_flow = {"prefect.resource.id": f"prefect.flow.{flow}"}
    of_deployment = {"prefect.resource.id": f"prefect.deployment.{deployment['id']}"}
    cases: list[tuple[Json, Json, float | None]] = [
        ({}, of_flow, 0.5),
        (of_flow, {}, 0.5),
        ({"prefect.resource.id": ["prefect.flow-run.*"]}, of_flow, 0.5),
        (of_deployment, {}, 0),
        ({}, [of_flow, of_deployment], 0),
        ({}, {"prefect.resource.role": "flow", "prefect.resource.name": name}, 0.5),
        ({}, {"prefect.resource.role": "flow", "prefect.resource.name": f"{name[:-2]}*"}, 0.5),
        ({}, {"prefect.resource.id": f"prefect.tag.{tag}"}, 0),
        ({}, {"prefect.resource.id": f"prefect.tag.{tag[:-3]}*", "prefect.resource.role": "tag"}, 0),
        ({}, [of_flow, {"prefect.resource.id": "prefect.tag.of-deployment"}], 0),
        ({}, [of_flow, {"prefect.resource.role": "work-pool"}], None),
        ({}, {"prefect.resource.id": f"prefect.flow.{uuid4()}"}, None),
    ]
    for match, related, wanted in cases:
        trigger = trigger_on("successes", match=match, match_related=related)
        assert await value_of(database, trigger) == wanted, (match, related)


async def test_it_fires_and_resolves_once_each_however_many_look(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, flow: str, clock: DrivenClock
) -> None:
    automation = await automation_on(client, trigger_on("successes", flow))
    both = [EvaluateMetrics(each, settings) for each in (database, other_database)]
    await ended(client, flow, "FAILED")
    for _ in range(9):
        await asyncio.gather(*map(tick_all, ([loop] for loop in both)))
        clock.forward(30)
    assert await firings(client, automation) == []
    for _ in range(5):
        await asyncio.gather(*map(tick_all, ([loop] for loop in both)))
        clock.forward(30)
    assert await firings(client, automation) == ["triggered"]
    for _ in range(3):
        await ended(client, flow, "COMPLETED")
    for _ in range(15):
        await asyncio.gather(*map(tick_all, ([loop] for loop in both)))
        clock.forward(30)
    assert await firings(client, automation) == ["triggered", "resolved"]


async def test_actions_are_done_when_it_fires_and_others_when_it_resolves(
    client: Api, loop: EvaluateMetrics, flow: str, clock: DrivenClock
) -> None:
    nothing: Json = {"type": "do-nothing"}
    automation = await automation_on(
        client, trigger_on("successes", flow), actions_on_trigger=[nothing], actions_on_resolve=[nothing]
    )

    async def asked_for() -> list[int]:
        wanted = {"deliveries": {"automation_id": {"any_": [automation["id"]]}}}
        answer = await client.post("/automations/deliveries/filter", wanted)
        return sorted(each["action_index"] for each in answer.json)

    await ended(client, flow, "FAILED")
    await look_for(loop, clock, 330)
    assert await asked_for() == [0, 1]
    for _ in range(3):
        await ended(client, flow, "COMPLETED")
    await look_for(loop, clock, 330)
    assert await asked_for() == [0, 1, 2]
    occurred = {"since": later(-86_400), "until": later(86_400)}
    names = {"name": ["prefect.automation.triggered", "prefect.automation.resolved"]}
    wanted = {"resource": {"id": [f"prefect.automation.{automation['id']}"]}, "event": names, "occurred": occurred}
    triggered, resolved = (await client.post("/events/filter", {"filter": wanted | {"order": "ASC"}})).json["events"]
    assert (triggered["resource"]["prefect.posture"], triggered["payload"]["triggering_value"]) == ("Metric", 0)
    assert resolved["payload"]["triggering_value"] == pytest.approx(3 / 4)


async def test_a_restart_forgets_nothing(
    client: Api, database: Database, settings: ServerSettings, flow: str, clock: DrivenClock
) -> None:
    automation = await automation_on(client, trigger_on("successes", flow))
    await ended(client, flow, "FAILED")
    await look_for(EvaluateMetrics(database, settings), clock, 180)
    clock.forward(60)
    await look_for(EvaluateMetrics(database, settings), clock, 90)
    assert await firings(client, automation) == ["triggered"]
    await look_for(EvaluateMetrics(database, settings), clock, 600)
    assert await firings(client, automation) == ["triggered"]


async def test_what_is_changed_or_paused_is_watched_anew_or_not_at_all(
    client: Api, loop: EvaluateMetrics, flow: str, clock: DrivenClock
) -> None:
    automation = await automation_on(client, trigger_on("successes", flow), enabled=False)
    await ended(client, flow, "FAILED")
    await look_for(loop, clock, 600)
    assert await firings(client, automation) == []

    await client.request("PATCH", f"/automations/{automation['id']}", {"enabled": True})
    await look_for(loop, clock, 240)
    body = {name: automation[name] for name in ("name", "trigger", "actions")}
    assert (await client.request("PUT", f"/automations/{automation['id']}", body)).status == 204
    await look_for(loop, clock, 300)
    assert await firings(client, automation) == []
    await look_for(loop, clock, 60)
    assert await firings(client, automation) == ["triggered"]
    assert (await client.delete(f"/automations/{automation['id']}")).status == 204
    await look_for(loop, clock, 60)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"metric": {"name": "successes", "operator": "<", "threshold": 1, "range": 299}}, "5 minutes"),
        ({"metric": {"name": "successes", "operator": "<", "threshold": 1, "firing_for": 10}}, "5 minutes"),
        ({"metric": {"name": "cost", "operator": "<", "threshold": 1}}, "lateness"),
        ({"metric": {"name": "successes", "operator": "=", "threshold": 1}}, ">="),
        ({"match": {"prefect.state-type": "FAILED"}}, "prefect.state-type"),
    ],
)
async def test_what_cannot_be_watched_is_said(client: Api, change: Json, words: str) -> None:
    body = {"name": "x", "trigger": trigger_on("successes") | change, "actions": [{"type": "do-nothing"}]}
    answer = await client.post("/automations/", body)
    assert answer.status == 422
    assert words in str(answer.json)


async def test_a_metric_is_not_combined_with_events_but_its_automation_is(client: Api) -> None:
    for kind in ({"type": "compound", "require": "any", "within": None}, {"type": "sequence", "within": None}):
        trigger = kind | {"triggers": [trigger_on("successes")]}
        body = {"name": "x", "trigger": trigger, "actions": [{"type": "do-nothing"}]}
        answer = await client.post("/automations/", body)
        assert answer.status == 422
        assert "prefect.automation.triggered" in str(answer.json)
