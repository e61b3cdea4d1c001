"""While clients are told to wait nothing is held against them, and afterwards every deadline counts anew."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import uuid4

import pytest

from ostinato_api.deps import Services
from ostinato_core.liveness.ingest_watch import tell_alive
from ostinato_core.maintenance.operations import end_maintenance
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Loop
from ostinato_scheduler.loops.cancellation_cleanup import FinishCancellations
from ostinato_scheduler.loops.detect_dead_runs import DetectDeadRuns
from ostinato_scheduler.loops.foreman import Foreman
from ostinato_scheduler.loops.late_runs import MarkLateRuns
from ostinato_scheduler.loops.pause_expirations import ExpirePauses
from ostinato_scheduler.loops.repossessor import ReleaseExpiredLeases
from ostinato_scheduler.loops.reschedule_stranded_runs import RescheduleStrandedRuns
from tests.integration.liveness.test_dead_runs import beat, running
from tests.integration.liveness.worker import Process, new_deployment, new_run, read_run
from tests.support.client import Api
from tests.support.clock import DrivenClock

HOURS = 2 * 3600
LOOPS: Sequence[type[Loop]] = (
    DetectDeadRuns,
    RescheduleStrandedRuns,
    FinishCancellations,
    MarkLateRuns,
    ExpirePauses,
    ReleaseExpiredLeases,
    Foreman,
)


@pytest.fixture
async def maintenance(services: Services) -> AsyncIterator[None]:
    """No maintenance is left behind, nor what is known of an earlier one."""
    yield
    await services.database.write(end_maintenance)


async def pass_time(database: Database, clock: DrivenClock, loops: Sequence[Loop], seconds: float) -> int:
    """Let time pass in which the processes of the server are well, while loops tick; return what they did."""
    done, end = 0, clock.now + timedelta(seconds=seconds)
    while clock.now < end:
        clock.forward(min(20.0, (end - clock.now).total_seconds()))
        await database.write(tell_alive)
        for loop in loops:
            done += (await loop.tick()).done
    return done


@pytest.mark.usefixtures("maintenance")
async def test_what_clients_could_not_do_is_not_held_against_them(
    api: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    loops = [each(database, settings) for each in LOOPS]
    await pass_time(database, clock, loops, 3600)
    deployment = await new_deployment(api)
    pool = deployment["work_pool_name"]
    worker = Process(api, "A")
    stranded, cancelling, paused = [await new_run(api, deployment) for _ in range(3)]
    await worker.propose(stranded, "PENDING")
    for state in ("PENDING", "RUNNING", "CANCELLING"):
        await worker.propose(cancelling, state)
    for state in ("PENDING", "RUNNING"):
        await worker.propose(paused, state)
    until = (clock.now + timedelta(seconds=600)).isoformat()
    await worker.propose(paused, "PAUSED", state_details={"pause_timeout": until})
    waiting = await new_run(api, deployment)
    (silent,) = await running(api)
    await beat(database, [silent])
    assert (await api.post(f"/work_pools/{pool}/workers/heartbeat", {"name": "A"})).status == 204
    limit = await api.created("/v2/concurrency_limits/", {"name": f"limit-{uuid4()}", "limit": 1})
    taken = {"names": [limit["name"]], "slots": 1, "lease_duration": 60}
    lease = (await api.post("/v2/concurrency_limits/increment-with-lease", taken)).json["lease_id"]

    async def states() -> list[str]:
        runs = [await read_run(api, each) for each in (stranded, cancelling, paused, waiting, silent)]
        return [run["state_name"] for run in runs]

    async def worker_status() -> str:
        return (await api.post(f"/work_pools/{pool}/workers/filter", {})).json[0]["status"]

    before = await states()
    assert before == ["Pending", "Cancelling", "Paused", "Scheduled", "Running"]
    assert (await api.put("/admin/maintenance", {"message": "Wait.", "retry_after": 10})).status == 200
    assert await pass_time(database, clock, loops, HOURS) == 0
    assert (await api.get(f"/flow_runs/{silent}")).status == 503
    assert (await api.delete("/admin/maintenance")).status == 204

    # Those who wait come back within seconds, and renew what they hold.
    assert await pass_time(database, clock, loops[:-1], 10) == 0
    assert await states() == before
    renewed = await api.post(f"/v2/concurrency_limits/leases/{lease}/renew", {"lease_duration": 60})
    assert renewed.status in (200, 204), renewed.body

    # Who does not come back is judged as always.
    assert await pass_time(database, clock, loops, 3600) > 0
    after = await states()
    assert after == ["AwaitingRetry", "Cancelled", "Failed", "Late", "Crashed"]
    assert await worker_status() == "OFFLINE"
    assert (await api.get(f"/v2/concurrency_limits/{limit['name']}")).json["active_slots"] == 0


@pytest.mark.usefixtures("maintenance")
async def test_ending_what_is_not_on_moves_no_deadline(
    api: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    loop = RescheduleStrandedRuns(database, settings)
    run = await new_run(api, await new_deployment(api))
    await Process(api, "A").propose(run, "PENDING")
    clock.forward(890)
    await database.write(end_maintenance)
    clock.forward(11)
    await loop.tick()
    assert (await read_run(api, run))["state_name"] == "AwaitingRetry"
