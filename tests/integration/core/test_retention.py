"""Retention: what is due goes wholly, what is kept stays wholly, whatever happens in the middle."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, func, select

from ostinato_core.clock import utc_now
from ostinato_core.db import tables
from ostinato_core.db.types import Json
from ostinato_core.ids import new_id
from ostinato_core.retention.deleted import Deleted
from ostinato_core.retention.policy import Policy
from ostinato_core.retention.sweep import Retention
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Transaction
from tests.integration.core.population import insert_rows
from tests.support.workspace import Workspace

DAY = timedelta(days=1)
Row = dict[str, Any]  # Any: columns are of many types


def policy(**settings: Any) -> Policy:  # Any: values of settings
    """Return the policy of settings, by their names without `retention_`."""
    return Policy.of(ServerSettings.model_validate({f"retention_{name}": value for name, value in settings.items()}))


async def sweep(workspace: Workspace, wanted: Policy) -> list[Deleted]:
    """Do a whole round; return what it told."""
    return [deleted async for deleted in Retention(workspace.database, wanted).round(whole=True)]


class History:
    """Makes runs of the past in a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.now = utc_now()

    async def insert(self, table: Table, *rows: Row) -> None:
        await self.workspace.write(insert_rows, table, list(rows))

    async def flow(self, name: str = "etl") -> UUID:
        id_ = new_id()
        row = {"id": id_, "created": self.now, "updated": self.now, "name": name, "tags": [], "labels": {}}
        await self.insert(tables.flows, row)
        return id_

    async def run(
        self, days: float, *, flow_id: UUID | None = None, tasks: int = 2, lines: int = 3, **columns: Any
    ) -> Row:
        """Insert a flow run that ended so many days ago, with task runs, states, lines, an input and an artifact."""
        ended = self.now - timedelta(days=days)
        run = run_row(ended, flow_id=flow_id or await self.flow(str(new_id())), **columns)
        await self.insert(tables.flow_runs, run)
        await self.insert(tables.flow_run_states, state_row(ended, flow_run_id=run["id"]))
        calls = [task_row(ended, flow_run_id=run["id"], dynamic_key=str(number)) for number in range(tasks)]
        if calls:
            await self.insert(tables.task_runs, *calls)
            await self.insert(tables.task_run_states, *(state_row(ended, task_run_id=call["id"]) for call in calls))
        if lines:
            await self.insert(tables.logs, *(log_row(ended, number, flow_run_id=run["id"]) for number in range(lines)))
        made = {"id": new_id(), "created": ended, "updated": ended}
        await self.insert(tables.flow_run_inputs, {**made, "flow_run_id": run["id"], "key": "k", "value": "v"})
        await self.insert(tables.artifacts, {**made, "id": new_id(), "flow_run_id": run["id"], "type": "table"})
        return {**run, "calls": calls}

    async def alone(self, days: float, **columns: Any) -> Row:
        """Insert a background task run that ended so many days ago, with a state and a line."""
        ended = self.now - timedelta(days=days)
        row = task_row(ended, **columns)
        await self.insert(tables.task_runs, row)
        await self.insert(tables.task_run_states, state_row(ended, task_run_id=row["id"]))
        await self.insert(tables.logs, log_row(ended, 0, task_run_id=row["id"]))
        return row

    async def event(self, days: float, name: str) -> None:
        occurred = self.now - timedelta(days=days)
        row = {"id": new_id(), "occurred": occurred, "received": occurred, "event": name, "resource_id": "r"}
        await self.insert(tables.events, {**row, "resource": {}, "related": [], "payload": {}})

    async def events(self) -> list[str]:
        """Return the names of the events that there are."""
        found = select(tables.events.c.event).where(tables.events.c.workspace_id == self.workspace.id)
        return sorted(row["event"] for row in await self.workspace.read(lambda tx: tx.rows(found)))

    async def ids(self, table: Table = tables.flow_runs) -> set[UUID]:
        found = select(table.c.id).where(table.c.workspace_id == self.workspace.id)
        return {row["id"] for row in await self.workspace.read(lambda tx: tx.rows(found))}

    async def counts(self) -> dict[str, int]:
        """Return how many rows the workspace has in each table that has any."""

        async def count(tx: Transaction) -> dict[str, int]:
            found: dict[str, int] = {}
            for name, table in tables.metadata.tables.items():
                if name not in ("flows", "csrf_tokens", "workspaces") and "workspace_id" in table.c:
                    own = table.c.workspace_id == tx.workspace_id
                    found[name] = await tx.value(select(func.count()).select_from(table).where(own))
            return {name: number for name, number in found.items() if number}

        return await self.workspace.read(count)


def run_row(ended: datetime, **columns: Any) -> Row:
    """Return a flow run that was completed."""
    return {
        "id": new_id(),
        "created": ended,
        "updated": ended,
        "name": "n",
        "state_id": new_id(),
        "state_type": "COMPLETED",
        "state_name": "Completed",
        "state_timestamp": ended,
        "parameters": {},
        "context": {},
        "empirical_policy": {},
        "tags": [],
        "labels": {},
        "run_count": 1,
        "expected_start_time": ended,
        "start_time": ended,
        "end_time": ended,
        "total_run_time": 0.0,
        "auto_scheduled": False,
        **columns,
    }


def task_row(ended: datetime, **columns: Any) -> Row:
    """Return a task run that was completed."""
    dropped = ("parameters", "context", "auto_scheduled")
    run = {name: value for name, value in run_row(ended).items() if name not in dropped}
    own = {"task_key": "t", "dynamic_key": "0", "task_inputs": {}, "flow_run_run_count": 1, "flow_run_id": None}
    return {**run, **own, **columns}


def state_row(moment: datetime, **owner: UUID) -> Row:
    """Return a state of a history."""
    return {
        "id": new_id(),
        "timestamp": moment,
        "type": "COMPLETED",
        "name": "Completed",
        "state_details": {},
        **owner,
    }


def log_row(moment: datetime, number: int, **owner: UUID) -> Row:
    """Return a line."""
    time = moment + timedelta(milliseconds=number)
    nobody = {"flow_run_id": None, "task_run_id": None}
    return {"id": new_id(), "timestamp": time, "name": "a", "level": 20, "message": "m" * 50, **nobody, **owner}


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
    failed = {"state_type": "FAILED", "state_name": "Failed"}
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
    made = {"id": deployment, "created": history.now, "updated": history.now, "name": "nightly", "flow_id": flow_id}
    await history.insert(tables.deployments, {**deployment_defaults(), **made})
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
    made = {"created": history.now, "updated": history.now, "name": "p", "type": "process", "is_paused": False}
    pool = {**made, "id": new_id(), "base_job_template": {}, "storage_configuration": {}, "order_version": 0}
    await history.insert(tables.work_pools, {**pool, "default_queue_id": new_id()})
    message = {"id": new_id(), "created": history.now, "updated": history.now, "work_pool_id": pool["id"], "kind": "k"}
    target = {"flow_run_id": str(run["id"])}
    unique = {"idempotency_key": str(new_id()), "target": target, "data": {}, "delivery_count": 3}
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
    ids = {}
    for key, run, days in (("both", young_run, 110), ("both", old_run, 100), ("one", old_run, 100)):
        time = history.now - timedelta(days=days)
        made = {"id": new_id(), "created": time, "updated": time, "key": key, "type": "t", "data": "d"}
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


def deployment_defaults() -> Row:
    """Return the columns of a deployment that must have a value."""
    empty: dict[str, Any] = {"TEXT": "", "BOOLEAN": False, "INTEGER": 0}  # Any: of many types
    given = ("id", "workspace_id", "created", "updated", "name", "flow_id")
    columns = [column for column in tables.deployments.c if not column.nullable and column.name not in given]
    return {column.name: {} if isinstance(column.type, Json) else empty[str(column.type)] for column in columns}
