"""Where requests for slots come: what comes while others are being written is written together, in one transaction.

All who take slots of a limit change its row, one transaction after the other, and each waits for the disk: so many
who come alone would stand in a long line. The order in which they came is kept.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from ostinato_core.concurrency import operations
from ostinato_core.concurrency.operations import Granted
from ostinato_core.concurrency.slots import Waits
from ostinato_core.errors import Fact
from ostinato_core.gathering import Gathering
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Database
from ostinato_wire.concurrency import SlotsIncrement, SlotsIncrementWithLease

Increment = SlotsIncrement | SlotsIncrementWithLease


class SlotDesk:
    """Takes slots and gives them back, for all requests of a process. `waits`: how long callers are told to wait."""

    def __init__(self, database: Database, waits: Waits) -> None:
        self._database = database
        self.waits = waits
        self._taking = Gathering[tuple[str, ...], Increment, Granted](self._take)
        self._releasing = Gathering[None, UUID, None](self._release)

    async def take(self, body: SlotsIncrement) -> list[JsonDict]:
        """Take slots of all of the limits that there are, and return these.

        Errors: SlotsTaken, SlotsExceedLimit, LimitsWithoutDecay.
        """
        return (await self._taking.ask(tuple(body.names), body)).limits

    async def lease(self, body: SlotsIncrementWithLease) -> JsonDict:
        """Take slots as `take` does, with a lease on them."""
        granted = await self._taking.ask(tuple(body.names), body)
        return {"lease_id": granted.lease_id, "limits": granted.limits}

    async def release(self, lease_id: UUID) -> None:
        """Give back the slots of a lease; one that is gone needs nothing."""
        await self._releasing.ask(None, lease_id)

    async def _take(self, names: tuple[str, ...], bodies: Sequence[Increment]) -> Sequence[Granted | Fact]:
        return await self._database.write(partial(operations.take_slots, names=names, bodies=bodies, waits=self.waits))

    async def _release(self, _key: None, lease_ids: Sequence[UUID]) -> Sequence[None]:
        await self._database.write(partial(operations.release_leases, lease_ids=lease_ids))
        return [None] * len(lease_ids)
