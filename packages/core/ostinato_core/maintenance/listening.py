"""Since when clients can be heard: who judges them by their silence begins to count then.

While there is maintenance they are told to wait, and they need time to come back when it is over. So nothing that they
have left undone is held against them before their deadline has passed anew.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from ostinato_core.concurrency.leases import extend_all
from ostinato_core.configuration import MAINTENANCE, MAINTENANCE_ENDED, read_value, write_value
from ostinato_core.transaction import Database, Transaction

ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TO_COME_BACK: Final = timedelta(seconds=60)
"""What holders of leases get to renew them, besides the time for which they were told to wait."""


async def heard_since(tx: Transaction) -> datetime:
    """Return since when clients have been heard without a break: the present while there is maintenance."""
    if await read_value(tx, MAINTENANCE) is not None:
        return tx.now
    ended: str | None = await read_value(tx, MAINTENANCE_ENDED)
    return ALWAYS if ended is None else datetime.fromisoformat(ended)


async def heard_for(database: Database, time: timedelta) -> bool:
    """Whether clients have been heard for longer than a time by now, without a break."""
    return await database.read(lambda tx: _heard_for(tx, time))


async def _heard_for(tx: Transaction, time: timedelta) -> bool:
    return tx.now - await heard_since(tx) > time


async def hear_again(tx: Transaction, since: datetime, retry_after: float) -> None:
    """Let all deadlines count anew from now on, and leases last that could not be renewed since a time."""
    await write_value(tx, MAINTENANCE_ENDED, tx.now.isoformat())
    await extend_all(tx, since, tx.now + timedelta(seconds=retry_after) + _TO_COME_BACK)
