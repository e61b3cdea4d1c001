"""What waits for the workers of a pool is told to who watches."""

from ostinato_core.clock import utc_now
from ostinato_core.transaction import Database
from ostinato_core.work_pools.load import load_of_pools
from ostinato_scheduler.metrics import exposition
from tests.support.client import Api
from tests.support.pools import move, new_flow, new_pool, new_queue, new_run


async def test_runs_that_are_due_and_workers_that_are_there_are_counted(client: Api, database: Database) -> None:
    api = client
    pool, idle = await new_pool(api), await new_pool(api)
    await new_queue(api, pool, "other")
    flow = await new_flow(api)
    for number, queue in enumerate((None, "other", "other")):
        await new_run(api, flow, pool, f"due-{number}", due=-60 * (number + 1), queue=queue)
    await new_run(api, flow, pool, "later", due=3600)
    await move(api, await new_run(api, flow, pool, "taken", due=-600), "PENDING")
    assert (await api.post(f"/work_pools/{pool['name']}/workers/heartbeat", {"name": "A"})).status == 204

    pools = {row["name"]: row for row in await database.lookup(load_of_pools)}
    found = pools[pool["name"]]
    assert (found["online"], found["waiting"]) == (1, 3)
    assert 180 <= (utc_now() - found["since"]).total_seconds() < 240
    assert (pools[idle["name"]]["online"], pools[idle["name"]]["waiting"], pools[idle["name"]]["since"]) == (0, 0, None)
    lines = exposition([], list(pools.values())).decode().splitlines()
    assert f'ostinato_work_pool_waiting_runs{{pool="{pool["name"]}"}} 3.0' in lines
    assert f'ostinato_work_pool_online_workers{{pool="{pool["name"]}"}} 1.0' in lines
    assert f'ostinato_work_pool_oldest_wait_seconds{{pool="{idle["name"]}"}} 0.0' in lines
