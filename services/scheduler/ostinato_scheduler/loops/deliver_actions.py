"""Does what automations ask for that have fired: changes what is the server's own, and sends what goes out.

What goes out is sent between ticks, a bounded number at once, so that a slow receiver holds up nobody.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from functools import cached_property, partial
from itertools import groupby
from typing import Final, TypeVar
from uuid import UUID

from ostinato_core.automations.actions.errors import ActionFailed
from ostinato_core.automations.deliveries import doing
from ostinato_core.automations.deliveries.backoff import Backoff
from ostinato_core.automations.deliveries.repository import find_due
from ostinato_core.clock import utc_now
from ostinato_core.coordination import ACTIONS
from ostinato_core.encryption.key_ring import KeyRing
from ostinato_core.encryption.source import load_key_ring
from ostinato_core.errors import LostRace, Unavailable
from ostinato_core.json_log import log_fields
from ostinato_core.outbound import Outbound, Outcome
from ostinato_core.settings import ServerSettings
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Database, Transaction
from ostinato_scheduler.loop import Work

logger = logging.getLogger("ostinato.server.loops")
T = TypeVar("T")

BATCH: Final = 100
TOGETHER: Final = 20
"""Actions of one transaction, at most; where one fails, the others wait for being done again."""
FIRINGS_AT_ONCE: Final = 8
"""Firings whose actions are done at the same time: on SQLite they are committed together."""
PART_OF_CLAIM: Final = 0.75
"""Part of the life of a claim that the attempt may take; the rest is for noting what became of it."""
PUT_OFF: Final = 1.0
"""Seconds until an action is looked at again for which the database had no room, or an object was changed meanwhile."""
ROOM_WITHIN: Final = 1.0
"""Seconds for which a tick waits for room to send more."""
ENDS_WITHIN: Final = 3.0
"""Seconds that what is being sent gets when the process ends."""


class DeliverActions:
    """Each action of each firing is done once, in the order of the actions where they are the server's own."""

    name = "deliver-actions"
    setting = "actions"
    description = "Does what automations ask for that have fired."
    wakes_on = ACTIONS

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database
        self._settings = settings
        self._backoff = Backoff(settings.actions_attempts, settings.actions_retry_after)
        self._lifetime = timedelta(seconds=settings.actions_lost_after)
        self._sending: dict[asyncio.Task[None], Row] = {}

    async def tick(self) -> Work:
        """Do a batch of the server's own actions, and begin to send as much as may be sent at once."""
        await self._collect()
        own = await self._database.read(partial(find_due, outbound=False, limit=BATCH))
        done = await self._do_all(own)
        begun, waiting = await self._send()
        lag = (utc_now() - own[0]["due"]).total_seconds() if own else 0.0
        return Work(done + begun, more=waiting or (len(own) == BATCH and done > 0), lag=lag)

    async def close(self) -> None:
        """Let what is being sent arrive; what takes longer is given up when its claim ends."""
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=ENDS_WITHIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._sending, return_exceptions=True)

    async def _do_all(self, due: Sequence[Row]) -> int:
        """Do the actions of each firing one after the other, and those of several firings at once."""
        in_order = sorted(due, key=lambda row: (row["firing_id"], row["action_index"]))
        firings = [list(rows) for _, rows in groupby(in_order, _firing_of)]
        room, under_way = asyncio.Semaphore(FIRINGS_AT_ONCE), dict[object, Row]()
        together, done_together = await self._do_together([rows[0] for rows in firings])

        async def do(rows: Iterable[Row]) -> int:
            done = 0
            async with room:
                for row in rows:
                    if row["id"] in together:
                        continue
                    under_way[row["id"]] = row
                    done += await self._do(row)
                    del under_way[row["id"]]
            return done

        results = await asyncio.gather(*[do(rows) for rows in firings], return_exceptions=True)
        for row in under_way.values():
            await self._postpone(row)
        return done_together + sum(_settled(results))

    async def _do_together(self, due: Sequence[Row]) -> tuple[set[object], int]:
        """Do actions of different firings in transactions of several; return the ids of those, and how many were done.

        Where one of them fails none of its transaction is done, and each is to be done alone.
        """
        ids_of_done, done = set[object](), 0
        for _, found in groupby(sorted(due, key=_workspace_of), _workspace_of):
            rows = list(found)
            for start in range(0, len(rows), TOGETHER):
                part = rows[start : start + TOGETHER]
                ids = [row["id"] for row in part]
                try:
                    done += await self._write(part[0], doing.do_together, ids, self._settings.api_max_parameter_size)
                except Exception as error:  # noqa: BLE001 - who is at fault is found out by doing each alone
                    logger.debug("Actions are done one by one, since they cannot be done together: %s", error)
                else:
                    ids_of_done.update(ids)
        return ids_of_done, done

    async def _do(self, due: Row) -> bool:
        most = self._settings.api_max_parameter_size
        with log_fields(delivery_id=due["id"]):
            try:
                return await self._write(due, doing.do_own, due["id"], most)
            except ActionFailed as failure:
                logger.info("An action of an automation failed: %s", failure.reason)
                await self._write(due, doing.fail, due["id"], failure)
                return True
            except (Unavailable, LostRace) as error:
                logger.warning("An action of an automation cannot be done now: %s", error)
                await self._put_off(due)
                return False

    async def _put_off(self, due: Row) -> None:
        try:
            await self._write(due, doing.put_off, due["id"], PUT_OFF)
        except (Unavailable, LostRace) as error:
            logger.debug("It stays where it is: %s", error)

    async def _send(self) -> tuple[int, bool]:
        """Begin to send what is due; return how much that is, and whether there is more."""
        room = self._settings.actions_at_once - len(self._sending)
        found = await self._database.read(partial(find_due, outbound=True, limit=self._settings.actions_at_once + 1))
        begun = {row["id"] for row in self._sending.values()}
        due = [row for row in found if row["id"] not in begun]
        for row in due[:room]:
            self._sending[asyncio.create_task(self._send_one(row), name=f"delivery {row['id']}")] = row
        waiting = len(due) > room
        if waiting:
            await asyncio.wait(self._sending, timeout=ROOM_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        return len(due[:room]), waiting

    async def _send_one(self, due: Row) -> None:
        outbound = self._outbound
        with log_fields(delivery_id=due["id"]):
            try:
                if due["claimed_until"] is not None:
                    await self._write(due, doing.give_up_lapsed, due["id"])
                    return
                claimed = await self._write(due, doing.claim, due["id"], self._lifetime, lambda: self._keys)
                if claimed is not None:
                    outcome = await self._attempt(outbound, claimed)
                    await self._write(due, doing.note, claimed, outcome, self._backoff)
            except (Unavailable, LostRace) as error:
                logger.warning("What became of a delivery cannot be noted now: %s", error)

    async def _attempt(self, outbound: Outbound, claimed: doing.Claimed) -> Outcome:
        try:
            async with asyncio.timeout(self._lifetime.total_seconds() * PART_OF_CLAIM):
                outcome = await claimed.letter.send(outbound, claimed.delivery["id"])
        except TimeoutError:
            outcome = Outcome(delivered=False, is_final=True, reason="It took too long, and may have arrived.")
        if not outcome.delivered:
            logger.info("A delivery of an automation failed: %s", outcome.reason)
        return outcome

    async def _collect(self) -> None:
        """Look at what has been sent; what could not be tried because of a fault is tried later."""
        ended = [(task, row) for task, row in self._sending.items() if task.done()]
        results: list[BaseException | None] = []
        for task, row in ended:
            del self._sending[task]
            results.append(task.exception())
            if results[-1] is not None:
                await self._postpone(row)
        _settled(results)

    async def _postpone(self, due: Row) -> None:
        await self._write(due, doing.postpone, due["id"], self._backoff)

    async def _write(self, due: Row, operation: Callable[..., Awaitable[T]], *arguments: object) -> T:
        async def run(tx: Transaction) -> T:
            return await operation(tx, *arguments)

        return await self._database.write(run, workspace_id=due["workspace_id"])

    @cached_property
    def _keys(self) -> KeyRing:
        return load_key_ring(self._settings)

    @cached_property
    def _outbound(self) -> Outbound:
        return Outbound(self._settings)


def _firing_of(row: Row) -> object:
    return row["firing_id"]


def _workspace_of(row: Row) -> UUID:
    return row["workspace_id"]


def _settled(results: Iterable[T | BaseException]) -> list[T]:
    """Return the results; the first fault among them is the loop's, the others are logged."""
    faults = [result for result in results if isinstance(result, BaseException)]
    for fault in faults[1:]:
        logger.error("A delivery failed by a fault of the server.", exc_info=fault)
    if faults:
        raise faults[0]
    return [result for result in results if not isinstance(result, BaseException)]
