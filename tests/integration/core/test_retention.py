"""Retention: what is due goes wholly, what is kept stays wholly, whatever happens in the middle."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from ostinato_core.db import tables
from ostinato_core.ids import new_id
from ostinato_core.retention.deleted import Deleted
from ostinato_core.retention.policy import Policy
from ostinato_core.retention.preview import Preview
from ostinato_core.retention.sweep import Retention
from ostinato_core.settings import ServerSettings
from tests.integration.core.past_runs import History, deployment_defaults, log_row
from tests.integration.core.population import Row
from tests.support.workspace import Workspace

DAY = timedelta(days=1)


def policy(**settings: Any) -> Policy:  # Any: values of settings
    """Return the policy of settings, by their names without `retention_`."""
    return Policy.of(ServerSettings.model_validate({f"retention_{name}": value for name, value in settings.items()}))


async def sweep(workspace: Workspace, wanted: Policy) -> list[Deleted]:
    """Do a whole round; return what it told."""
    return [deleted async for deleted in Retention(workspace.database, wanted).round(whole=True)]


@pytest.fixture
def history(workspace: Workspace) -> History:
    """A maker of runs."""
    return History(workspace)


async def test_without_settings_no_run_is_deleted(history: History) -> None:
    await history.run(4000)
    before = await history.counts()

    await sweep(history.workspace, policy())

    assert await history.counts() == before


async def test_the_first_rule_that_matches_decides(history: History) -> None:
    rules = """[{"tags": ["audit"], "keep": "forever"}, {"state_types": ["COMPLETED"], "keep": "14d"},
                {"states": ["TimedOut"], "keep": "300d"}, {"keep": "90d"}]"""
    failed: Row = {"state_type": "FAILED", "state_name": "Failed"}
    kept = [
        await history.run(400, tags=["audit", "x"]),
        await history.run(13),
        await history.run(89, **failed),
        await history.run(200, state_type="FAILED", state_name="TimedOut"),
    ]
    await history.run(15)
    await history.run(15, tags=["x"])
    await history.run(91, **failed)
    await history.run(301, state_type="FAILED", state_name="TimedOut")

    await sweep(history.workspace, policy(flow_runs=rules))

    assert await history.ids() == {run["id"] for run in kept}
    assert await history.ids(tables.task_runs) == {call["id"] for run in kept for call in run["calls"]}
    assert (await history.counts())["logs"] == 3 * len(kept)


async def test_rules_know_flows_and_deployments(history: History) -> None:
    name = str(new_id())
    flow_id = await history.flow(name)
    deployment = new_id()
    made: Row = {
        "id": deployment,
        "created": history.now,
        "updated": history.now,
        "name": "nightly",
        "flow_id": flow_id,
    }
    await history.insert(tables.deployments, {**deployment_defaults(), **made, "name": "nightly"})
    rules = f'[{{"deployments": ["{name}/nightly"], "keep": "90d"}}, {{"flows": ["{name}"], "keep": "30d"}}]'
    of_deployment = await history.run(60, flow_id=flow_id, deployment_id=deployment)
    await history.run(91, flow_id=flow_id, deployment_id=deployment)
    await history.run(31, flow_id=flow_id)
    of_other_flow = await history.run(1000)

    await sweep(history.workspace, policy(flow_runs=rules))

    assert await history.ids() == {of_deployment["id"], of_other_flow["id"]}


async def test_a_run_goes_with_its_whole_tree(history: History) -> None:
    root = await history.run(100)
    child = await history.run(1, parent_task_run_id=root["calls"][0]["id"], tags=["audit"])
    await history.run(1, parent_task_run_id=child["calls"][0]["id"])

    await sweep(history.workspace, policy(flow_runs='[{"tags":["audit"],"keep":"forever"},{"keep":"90d"}]'))

    assert await history.counts() == {}


async def test_a_tree_in_which_a_run_lives_is_kept(history: History) -> None:
    root = await history.run(100)
    child = await history.run(100, parent_task_run_id=root["calls"][0]["id"])
    await history.run(100, parent_task_run_id=child["calls"][0]["id"], state_type="RUNNING", state_name="Running")
    before = await history.counts()

    await sweep(history.workspace, policy(flow_runs_keep="90d"))

    assert await history.counts() == before


@pytest.mark.parametrize("state", ["SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING"])
async def test_a_run_that_has_not_ended_is_not_touched(history: History, state: str) -> None:
    await history.run(4000, state_type=state, state_name=state.title())
    await history.alone(4000, state_type=state, state_name=state.title())
    before = await history.counts()

    await sweep(history.workspace, policy(flow_runs_keep="1h"))

    assert await history.counts() == before


async def test_background_task_runs_go_by_the_same_rules(history: History) -> None:
    kept = await history.alone(100, tags=["audit"])
    await history.alone(91)
    young = await history.alone(89)

    await sweep(history.workspace, policy(flow_runs='[{"tags":["audit"],"keep":"forever"},{"keep":"90d"}]'))

    assert await history.ids(tables.task_runs) == {kept["id"], young["id"]}
    assert await history.counts() == {"task_runs": 2, "task_run_states": 2, "logs": 2}


async def test_what_a_clean_up_tells_of_a_run_goes_with_it(history: History) -> None:
    run = await history.run(100)
    made: Row = {"created": history.now, "updated": history.now, "name": "p", "type": "process", "is_paused": False}
    pool: Row = {**made, "id": new_id(), "base_job_template": {}, "storage_configuration": {}, "order_version": 0}
    await history.insert(tables.work_pools, {**pool, "default_queue_id": new_id()})
    message: Row = {
        "id": new_id(),
        "created": history.now,
        "updated": history.now,
        "work_pool_id": pool["id"],
        "kind": "k",
    }
    target = {"flow_run_id": str(run["id"])}
    unique: Row = {"idempotency_key": str(new_id()), "target": target, "data": {}, "delivery_count": 3}
    await history.insert(tables.worker_cleanup_messages, {**message, **unique})

    await sweep(history.workspace, policy(flow_runs_keep="90d"))

    assert await history.counts() == {"work_pools": 1}


async def test_collections_show_what_is_left_of_their_key(history: History) -> None:
    async def latest(key: str) -> UUID | None:
        collections = tables.artifact_collections
        own = (collections.c.key == key, collections.c.workspace_id == history.workspace.id)
        return await history.workspace.read(lambda tx: tx.value(select(collections.c.latest_id).where(*own)))

    old_run = await history.run(100)
    young_run = await history.run(1)
    ids: dict[tuple[str, UUID], UUID] = {}
    for key, run, days in (("both", young_run, 110), ("both", old_run, 100), ("one", old_run, 100)):
        time = history.now - timedelta(days=days)
        made: Row = {"id": new_id(), "created": time, "updated": time, "key": key, "type": "t", "data": "d"}
        await history.insert(tables.artifacts, {**made, "flow_run_id": run["id"]})
        ids[key, run["id"]] = made["id"]
        if run is old_run:
            shown = {**made, "id": new_id(), "latest_id": made["id"], "flow_run_id": run["id"]}
            await history.insert(tables.artifact_collections, shown)

    await sweep(history.workspace, policy(flow_runs_keep="90d"))

    assert await latest("both") == ids["both", young_run["id"]]
    assert await latest("one") is None


async def test_a_huge_tree_goes_bit_by_bit(history: History) -> None:
    await sweep(history.workspace, policy(flow_runs_keep="90d"))
    root = await history.run(100, tasks=120, lines=250)
    await history.run(100, parent_task_run_id=root["calls"][7]["id"], tasks=60, lines=70)

    told = await sweep(history.workspace, policy(flow_runs_keep="90d", batch_size=50))

    assert await history.counts() == {}
    of_runs = [deleted for deleted in told if deleted.rule == "all: 90d"]
    assert sum(deleted.rows for deleted in of_runs if deleted.kind == "logs") == 320
    assert max(deleted.rows for deleted in of_runs) <= 60


@pytest.mark.parametrize("steps", [1, 3, 8])
async def test_a_round_that_is_broken_off_leaves_whole_runs(history: History, steps: int) -> None:
    for _ in range(12):
        await history.run(100, tasks=3, lines=9)
    wanted = policy(flow_runs_keep="90d", batch_size=30)

    round_ = Retention(history.workspace.database, wanted).round()
    while len(await history.ids()) > 12 - steps:
        await anext(round_)

    runs = await history.ids()
    assert len(runs) == 12 - steps
    assert await history.counts() == {
        "flow_runs": len(runs),
        "flow_run_states": len(runs),
        "flow_run_inputs": len(runs),
        "artifacts": len(runs),
        "task_runs": 3 * len(runs),
        "task_run_states": 3 * len(runs),
        "logs": 9 * len(runs),
    }


async def test_two_at_once_delete_everything_once(history: History) -> None:
    wanted = policy(flow_runs_keep="90d", logs_keep="30d", batch_size=20)
    await sweep(history.workspace, wanted)
    for _ in range(20):
        await history.run(100)

    told = await asyncio.gather(*(sweep(history.workspace, wanted) for _ in range(3)))

    assert await history.counts() == {}
    assert sum(deleted.rows for each in told for deleted in each if deleted.kind == "flow runs") == 20


async def test_events_are_kept_by_their_type(history: History) -> None:
    wanted = policy(events_keep="7d", events='{"beat": "1h", "billing.*": "forever", "billing.draft": "30d"}')
    for name in ("beat", "billing.paid", "billing.draft", "other"):
        for days in (0.01, 0.5, 6, 9.5, 20, 40):
            await history.event(days, name)

    await sweep(history.workspace, wanted)

    assert await history.events() == sorted(
        ["beat"] + ["billing.paid"] * 6 + ["billing.draft"] * 5 + ["other"] * 3,
    )


async def test_the_settings_of_the_reference_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "PREFECT_SERVER_SERVICES_DB_VACUUM"
    monkeypatch.setenv(f"{name}_ENABLED", "events,flow_runs")
    monkeypatch.setenv(f"{name}_RETENTION_PERIOD", "P30D")
    monkeypatch.setenv(f"{name}_EVENT_RETENTION_OVERRIDES", '{"a": 86400}')
    monkeypatch.setenv("PREFECT_SERVER_EVENTS_RETENTION_PERIOD", "172800")

    made = Policy.of(ServerSettings())

    assert (made.shortest_run, made.longest_run, made.events) == (30 * DAY, 30 * DAY, 2 * DAY)
    assert [(rule.event, rule.keep) for rule in made.event_rules] == [("a", DAY)]
    monkeypatch.setenv(f"{name}_ENABLED", "flow_runs")
    assert Policy.of(ServerSettings()).events is None


async def test_lines_go_by_their_age(history: History) -> None:
    await history.run(100)
    young = await history.run(1)

    await sweep(history.workspace, policy(logs_keep="30d"))

    assert (await history.counts())["flow_runs"] == 2
    runs = select(tables.logs.c.flow_run_id).where(tables.logs.c.workspace_id == history.workspace.id)
    found = await history.workspace.read(lambda tx: tx.rows(runs))
    assert {row["flow_run_id"] for row in found} == {young["id"]}


async def test_lines_of_runs_that_are_gone_go(history: History) -> None:
    run = await history.run(5)
    gone = new_id()
    old, young = history.now - 2 * DAY, history.now
    kept = [log_row(old, 0), log_row(old, 0, flow_run_id=run["id"]), log_row(young, 0, flow_run_id=gone)]
    await history.insert(tables.logs, *kept, log_row(old, 0, flow_run_id=gone), log_row(old, 0, task_run_id=new_id()))

    await sweep(history.workspace, policy())

    assert (await history.counts())["logs"] == 3 + len(kept)


async def test_artifacts_go_by_their_age_and_with_runs_that_are_gone(history: History) -> None:
    for days, owner in ((100, None), (2, None), (2, new_id()), (0, new_id())):
        time = history.now - timedelta(days=days)
        await history.insert(
            tables.artifacts, {"id": new_id(), "created": time, "updated": time, "type": "t", "flow_run_id": owner}
        )

    await sweep(history.workspace, policy(artifacts_keep="30d"))
    assert (await history.counts())["artifacts"] == 3
    await sweep(history.workspace, policy(flow_runs_keep="90d"))
    assert (await history.counts())["artifacts"] == 2


async def test_a_preview_changes_nothing_and_foretells_a_round(history: History) -> None:
    wanted = policy(
        flow_runs='[{"state_types": ["FAILED"], "keep": "200d"}, {"keep": "90d"}]',
        logs_keep="95d",
        artifacts_keep="150d",
        events_keep="7d",
        events='{"beat": "1h", "billing.*": "30d"}',
    )
    await sweep(history.workspace, wanted)
    for days in (1, 91, 92, 98, 160):
        root = await history.run(days)
        await history.run(days, parent_task_run_id=root["calls"][0]["id"])
        await history.run(days, state_type="FAILED", state_name="Failed")
        await history.alone(days)
    for days in (0.5, 8, 20, 40):
        for name in ("beat", "billing.paid", "other"):
            await history.event(days, name)
    await history.insert(tables.logs, log_row(history.now - 3 * DAY, 0, flow_run_id=new_id()))
    before = await history.counts()

    foretold = await Preview(history.workspace.database, wanted).look()

    assert await history.counts() == before
    told: Counter[tuple[str, str]] = Counter()
    for deleted in await sweep(history.workspace, wanted):
        told[deleted.kind, deleted.rule] += deleted.rows
    assert {(line.kind, line.rule): line.rows for line in foretold} == {
        what: rows for what, rows in told.items() if rows
    }
    assert all(line.is_exact and line.bytes > 0 for line in foretold)
    oldest = {(line.kind, line.rule): line.oldest for line in foretold}
    assert oldest["flow runs", "all: 90d"] == history.now - 160 * DAY
    assert await Preview(history.workspace.database, wanted).look() == []
