"""Slots whose holder is gone are free once the lease has expired, whoever notices first; the lease is then removed."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from ostinato_core.db.tables import concurrency_leases, concurrency_limits
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.repossessor import ReleaseExpiredLeases
from tests.integration.loops.scene import tick_all, twice
from tests.support.client import Answer, Api
from tests.support.clock import DrivenClock
from tests.support.json import Json

V2 = "/v2/concurrency_limits"


async def new_limit(api: Api, limit: int = 1, **members: Json) -> Json:
    """Make a limit with a name of its own."""
    return await api.created(f"{V2}/", {"name": f"limit-{uuid4()}", "limit": limit, **members})


async def lease(api: Api, limit: Json, seconds: int = 60, slots: int = 1) -> Answer:
    """Ask for slots for so many seconds, as a holder that is then never heard of again."""
    body = {"names": [limit["name"]], "slots": slots, "lease_duration": seconds}
    return await api.post(f"{V2}/increment-with-lease", body)


async def read(api: Api, limit: Json) -> Json:
    """Return the limit as it is now."""
    return (await api.get(f"{V2}/{limit['id']}")).json


async def leases_of(database: Database, limit: Json) -> int:
    """Return how many leases on a limit are stored."""
    counted = select(func.count()).where(concurrency_leases.c.limit_id == UUID(limit["id"]))
    return int(await database.read(lambda tx: tx.value(counted)))


async def occupancy(database: Database, limit: Json) -> float:
    """Return for how long a slot of a limit is held on average, as it is stored."""
    columns = concurrency_limits.c
    chosen = select(columns.avg_slot_occupancy_seconds).where(columns.id == UUID(limit["id"]))
    return float(await database.read(lambda tx: tx.value(chosen)))


async def test_the_slot_of_a_holder_that_is_gone_is_free_before_the_loop_comes(client: Api, clock: DrivenClock) -> None:
    limit = await new_limit(client)
    assert (await lease(client, limit)).status == 200
    clock.forward(59)
    assert (await lease(client, limit)).status == 423
    clock.forward(2)
    assert (await read(client, limit))["active_slots"] == 0
    assert (await lease(client, limit)).status == 200
    assert (await lease(client, limit)).status == 423


async def test_expired_leases_are_removed_and_their_age_is_averaged(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    limit = await new_limit(client, 4)
    before = await occupancy(database, limit)
    for seconds in (60, 60, 600):
        await lease(client, limit, seconds)
    loops = twice(ReleaseExpiredLeases, [database, other_database], settings)

    await tick_all(loops)
    assert (await leases_of(database, limit), (await read(client, limit))["active_slots"]) == (3, 3)
    clock.forward(100)
    await tick_all(loops)

    assert (await leases_of(database, limit), (await read(client, limit))["active_slots"]) == (1, 1)
    # Once for both, as they were given back together: by (age - known) / (2 * limit).
    average = await occupancy(database, limit)
    assert average == pytest.approx(before + (100 - before) / 8)
    await tick_all(loops)
    assert await occupancy(database, limit) == average


async def test_a_lease_that_was_renewed_in_time_stays(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    limit = await new_limit(client)
    lease_id = (await lease(client, limit)).json["lease_id"]
    clock.forward(50)
    assert (await client.post(f"{V2}/leases/{lease_id}/renew", {"lease_duration": 60})).status == 204
    clock.forward(50)
    await tick_all([ReleaseExpiredLeases(database, settings)])
    assert (await read(client, limit))["active_slots"] == 1


async def test_replicas_take_in_hundreds_of_leases_while_others_take_slots(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    limit = await new_limit(client, 350)
    for _ in range(350):
        assert (await lease(client, limit)).status == 200
    clock.forward(61)
    loops = twice(ReleaseExpiredLeases, [database, other_database], settings)

    done = await tick_all(loops)
    taken = [(await lease(client, limit)).status for _ in range(20)]

    assert done >= 350
    assert taken == [200] * 20
    assert (await read(client, limit))["active_slots"] == await leases_of(database, limit) == 20


async def test_slots_that_drain_are_given_back_with_their_lease(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    limit = await new_limit(client, 10, slot_decay_per_second=0.01)
    await lease(client, limit, slots=5)
    clock.forward(61)
    assert (await read(client, limit))["active_slots"] == 5
    await tick_all([ReleaseExpiredLeases(database, settings)])
    assert (await read(client, limit))["active_slots"] == 0
