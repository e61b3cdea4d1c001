"""Runs whose process is gone are ended, and no others: not when heartbeats cannot be taken in, nor when they end."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select

from ostinato_core.clock import utc_now
from ostinato_core.db.tables import flow_run_heartbeats, flow_runs
from ostinato_core.liveness.dead_runs import UNRESPONSIVE, Patience, end_silent_run, find_silent
from ostinato_core.liveness.heartbeats import Heartbeat, record_heartbeats
from ostinato_core.liveness.ingest_watch import tell_alive
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database, Transaction
from ostinato_scheduler.loops.detect_dead_runs import DetectDeadRuns
from tests.integration.liveness.worker import Process, new_deployment, new_run, read_run
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.events import iso
from tests.support.json import Json
from tests.support.json_log import logged

INTERVAL = 180.0
PATIENCE = 2 * INTERVAL + 15


@pytest.fixture
def loop(database: Database, settings: ServerSettings) -> DetectDeadRuns:
    return DetectDeadRuns(database, settings)


async def beat(database: Database, run_ids: Sequence[str]) -> None:
    """Let runs send a heartbeat now."""
    beats = [Heartbeat(UUID(id_), utc_now()) for id_ in run_ids]
    await database.write(lambda tx: record_heartbeats(tx, beats))


async def ingest_for(database: Database, clock: DrivenClock, seconds: float) -> None:
    """Let time pass in which events can be taken in."""
    end = clock.now + timedelta(seconds=seconds)
    while clock.now < end:
        clock.forward(min(20.0, (end - clock.now).total_seconds()))
        await database.write(tell_alive)


async def running(api: Api, number: int = 1, **members: str) -> list[str]:
    """Make runs, without a deployment, that run."""
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    runs = [await api.created("/flow_runs/", {"flow_id": flow["id"], **members}) for _ in range(number)]
    for run in runs:
        await Process(api).propose(run["id"], "RUNNING")
    return [run["id"] for run in runs]


async def last_events(api: Api, run_id: str, number: int) -> list[Json]:
    """Return the last events of a run, by name."""
    occurred = {"since": iso(utc_now() - timedelta(days=1)), "until": iso(utc_now())}
    wanted = {"resource": {"id": [f"prefect.flow-run.{run_id}"]}, "occurred": occurred, "order": "DESC"}
    found = (await api.post("/events/filter", {"filter": wanted, "limit": number})).json["events"]
    return sorted(found, key=lambda event: event["event"])


async def announced(api: Api, heartbeat: str, worker: str | None = None) -> str:
    """Make a run whose process has said how often it will beat, and that runs."""
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    labels = {"prefect.worker.name": worker} if worker else {}
    run = await api.created("/flow_runs/", {"flow_id": flow["id"], "labels": labels})
    assert await Process(api, heartbeat=heartbeat).propose(run["id"], "RUNNING") == "ACCEPT"
    return run["id"]


async def test_a_run_that_was_killed_with_its_worker_before_its_first_heartbeat_was_heard_has_crashed(
    api: Api, database: Database, loop: DetectDeadRuns, clock: DrivenClock
) -> None:
    await ingest_for(database, clock, 1)
    pool = (await api.created("/work_pools/", {"name": f"pool-{uuid4()}", "type": "process"}))["name"]
    gone, well = f"worker-{uuid4()}", f"worker-{uuid4()}"
    for name in (gone, well):
        await worker_beats(api, pool, name)
    run_id = await announced(api, "180", gone)
    left_alone = [
        *await running(api),
        await announced(api, "180"),
        await announced(api, "180", well),
        await announced(api, "often", gone),
        await announced(api, "-1", gone),
    ]
    await ingest_for(database, clock, PATIENCE - 5)
    assert (await loop.tick()).done == 0
    await worker_beats(api, pool, well)
    await ingest_for(database, clock, 10)
    assert (await loop.tick()).done == 1
    assert (await read_run(api, run_id))["state"]["type"] == "CRASHED"
    assert {(await read_run(api, each))["state"]["type"] for each in left_alone} == {"RUNNING"}


async def worker_beats(api: Api, pool: str, name: str) -> None:
    """Let a worker tell that it is there."""
    answer = await api.request("POST", f"/work_pools/{pool}/workers/heartbeat", {"name": name})
    assert answer.status == 204, answer.body


async def test_the_gap_before_the_first_heartbeat_is_not_taken_for_the_interval(
    api: Api, database: Database, loop: DetectDeadRuns, clock: DrivenClock
) -> None:
    await ingest_for(database, clock, 1)
    run_id = await announced(api, "180")
    clock.forward(0.1)
    for _ in range(3):
        await beat(database, [run_id])
        await ingest_for(database, clock, 180)
        assert (await loop.tick()).done == 0
    await ingest_for(database, clock, 180 + 20)
    assert (await loop.tick()).done == 1


async def test_a_run_that_falls_silent_has_crashed_within_two_intervals_and_half_a_minute(
    api: Api, database: Database, loop: DetectDeadRuns, clock: DrivenClock
) -> None:
    await ingest_for(database, clock, 1)
    run_id, well = await running(api, 2)
    task = {"flow_run_id": run_id, "task_key": "t", "dynamic_key": "0", "state": {"type": "RUNNING"}}
    task_run = await api.created("/task_runs/", task)
    last_heard = clock.now
    for _ in range(3):
        await beat(database, [run_id, well])
        last_heard = clock.now
        await ingest_for(database, clock, 60)
    await ingest_for(database, clock, 2 * 60 - 60 + 10)
    await beat(database, [well])
    assert (await loop.tick()).done == 0

    clock.forward(10)
    await database.write(tell_alive)
    with logged() as lines:
        assert (await loop.tick()).done == 1
    assert [line["flow_run_id"] for line in lines] == [run_id]

    run = await read_run(api, run_id)
    assert clock.now - last_heard <= timedelta(seconds=2 * 60 + 30)
    assert run["state_type"] == "CRASHED"
    assert f"{last_heard:%Y-%m-%d %H:%M:%S} UTC" in run["state"]["message"]
    assert (await api.get(f"/task_runs/{task_run['id']}")).json["state_type"] == "CRASHED"
    crashed, unresponsive = await last_events(api, run_id, 2)
    assert (crashed["event"], unresponsive["event"]) == ("prefect.flow-run.Crashed", UNRESPONSIVE)
    assert crashed["resource"]["prefect.state-message"] == run["state"]["message"]
    assert unresponsive["payload"] == {"last_heartbeat": last_heard.isoformat(), "interval_seconds": 60.0}
    assert [each["prefect.resource.role"] for each in unresponsive["related"]] == ["flow"]
    assert (await read_run(api, well))["state_type"] == "RUNNING"


async def test_a_thousand_healthy_runs_outlive_ten_minutes_in_which_nothing_could_be_taken_in(
    api: Api, database: Database, loop: DetectDeadRuns, clock: DrivenClock
) -> None:
    (first,) = await running(api)

    async def multiply(tx: Transaction) -> list[str]:
        row = await tx.first(select(flow_runs).where(flow_runs.c.id == UUID(first)))
        assert row is not None
        copies = [{**row, "id": uuid4()} for _ in range(999)]
        for copy in copies:
            await tx.run(insert(flow_runs).values(**copy))
        return [str(copy["id"]) for copy in copies]

    runs = [first, *await database.write(multiply)]
    await ingest_for(database, clock, 1)
    for _ in range(3):
        await beat(database, runs)
        await ingest_for(database, clock, INTERVAL)
    clock.forward(600)
    assert (await loop.tick()).done == 0
    await ingest_for(database, clock, 60)
    assert (await loop.tick()).done == 0

    dead, alive = runs[0], runs[1:]
    await beat(database, alive)
    await ingest_for(database, clock, PATIENCE - 60 - 30)
    await beat(database, alive)
    assert (await loop.tick()).done == 0
    await ingest_for(database, clock, 20 + 32)  # the first sign of ingestion came 20 seconds after the break
    assert (await loop.tick()).done == 1

    assert (await read_run(api, dead))["state_type"] == "CRASHED"
    crashed = select(func.count()).where(flow_runs.c.state_type == "CRASHED", flow_runs.c.id.in_(map(UUID, alive)))
    assert await database.read(lambda tx: tx.value(crashed)) == 0


async def test_a_heartbeat_that_comes_while_a_run_is_about_to_be_ended_wins(
    api: Api, database: Database, clock: DrivenClock
) -> None:
    await ingest_for(database, clock, 1)
    run_id, ended = await running(api, 2)
    await beat(database, [run_id, ended])
    await ingest_for(database, clock, PATIENCE + 20)
    found = await database.read(lambda tx: find_silent(tx, Patience(), 1000))
    silent = {str(row["flow_run_id"]): row for row in found}
    await beat(database, [run_id])
    await Process(api).propose(ended, "COMPLETED")

    for id_ in (run_id, ended):
        assert not await database.write(lambda tx, row=silent[id_]: end_silent_run(tx, row))

    assert (await read_run(api, run_id))["state_type"] == "RUNNING"
    assert (await read_run(api, ended))["state_type"] == "COMPLETED"


async def test_a_run_that_never_sent_a_heartbeat_is_left_alone(
    api: Api, database: Database, loop: DetectDeadRuns, clock: DrivenClock
) -> None:
    (run_id,) = await running(api)
    await ingest_for(database, clock, 10_000)
    await loop.tick()
    assert (await read_run(api, run_id))["state_type"] == "RUNNING"


async def test_heartbeats_after_the_end_change_nothing_and_are_forgotten(
    api: Api, database: Database, loop: DetectDeadRuns, clock: DrivenClock
) -> None:
    (run_id,) = await running(api)
    await ingest_for(database, clock, 1)
    await beat(database, [run_id])
    await Process(api).propose(run_id, "COMPLETED")
    before = await read_run(api, run_id)
    await beat(database, [run_id])
    await ingest_for(database, clock, PATIENCE + 20)

    await loop.tick()
    await beat(database, [run_id])

    assert await read_run(api, run_id) == {**before, "last_heartbeat": None}
    rows = select(func.count()).where(flow_run_heartbeats.c.flow_run_id == UUID(run_id))
    assert await database.read(lambda tx: tx.value(rows)) == 0


async def test_a_run_that_was_to_be_cancelled_and_whose_process_is_gone_is_cancelled(
    api: Api, database: Database, loop: DetectDeadRuns, clock: DrivenClock
) -> None:
    (run_id,) = await running(api)
    await ingest_for(database, clock, 1)
    await beat(database, [run_id])
    await Process(api).propose(run_id, "CANCELLING")
    await ingest_for(database, clock, PATIENCE + 20)
    await loop.tick()
    assert (await read_run(api, run_id))["state_type"] == "CANCELLED"


async def test_the_slot_of_a_dead_run_is_free_and_a_run_started_again_is_judged_by_its_own_heartbeats(
    api: Api, database: Database, loop: DetectDeadRuns, clock: DrivenClock
) -> None:
    deployment = await new_deployment(api, concurrency_limit=1)
    first, second = await new_run(api, deployment), await new_run(api, deployment)
    worker = Process(api, "A")
    for type_ in ("PENDING", "RUNNING"):
        assert await worker.propose(first, type_) == "ACCEPT"
    await ingest_for(database, clock, 1)
    await beat(database, [first])
    assert await worker.propose(second, "PENDING") == "REJECT"
    await ingest_for(database, clock, PATIENCE + 20)

    await loop.tick()

    assert (await read_run(api, first))["state_type"] == "CRASHED"
    assert await worker.propose(second, "PENDING") == "ACCEPT"
    await worker.propose(second, "CANCELLED", force=True)
    # Run again by hand; the heartbeats of the first start say nothing of the second, which sends none.
    assert await worker.propose(first, "RUNNING") == "ACCEPT"
    await ingest_for(database, clock, PATIENCE + 20)
    await loop.tick()
    assert (await read_run(api, first))["state_type"] == "RUNNING"
