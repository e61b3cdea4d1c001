"""Clean-ups that a worker was given and did not finish go to another one, and are given up after the third time."""

from sqlalchemy import select

from ostinato_api.deps import Services
from ostinato_core.db.tables import worker_cleanup_messages
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.cleanup_reconciler import ReconcileCleanups
from tests.integration.loops.scene import tick_all, twice
from tests.integration.sockets.test_worker_channel import answer, channel, message_of, order
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.pools import new_pool


async def test_a_clean_up_whose_worker_is_gone_is_given_out_again_and_given_up_in_the_end(
    client: Api, services: Services, other_database: Database, settings: ServerSettings, clock: DrivenClock,
    url: str,
) -> None:  # fmt: skip
    pool = await new_pool(client)
    message_id = await order(services, pool)
    loops = twice(ReconcileCleanups, [services.database, other_database], settings)
    for delivery in (1, 2, 3):
        async with channel(url, pool) as (socket, _):
            message = await message_of(socket)
            assert (message["message_id"], message["delivery_count"]) == (str(message_id), delivery)
        clock.forward(29)
        assert await tick_all(loops) == 0
        clock.forward(2)
        assert await tick_all(loops) == 1

    chosen = select(worker_cleanup_messages).where(worker_cleanup_messages.c.id == message_id)
    stored = await services.database.read(lambda tx: tx.first(chosen))
    assert stored is not None
    assert (stored["dead_letter_reason"], stored["lease_expires_at"]) == ("max_delivery_attempts_reached", None)
    assert await tick_all(loops) == 0


async def test_a_waiting_worker_gets_it_as_soon_as_it_is_taken_back(
    client: Api, services: Services, settings: ServerSettings, clock: DrivenClock, url: str
) -> None:
    pool = await new_pool(client)
    message_id = await order(services, pool)
    async with channel(url, pool) as (first, _):
        taken = await message_of(first)
    async with channel(url, pool, worker_name="second") as (second, _):
        clock.forward(31)
        await tick_all([ReconcileCleanups(services.database, settings)])
        again = await message_of(second)
        assert (again["message_id"], again["delivery_count"]) == (str(message_id), 2)
        assert (await answer(second, taken, "ack"))["status"] == "invalid_token"
        assert (await answer(second, again, "ack"))["status"] == "accepted"
