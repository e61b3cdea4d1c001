"""Tells those who were told of failures that a run has completed again."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from ostinato_core.alerting.groups import delete_old, find_resolved
from ostinato_core.automations.deliveries.resolved import KEPT, tell_resolved
from ostinato_core.clock import utc_now
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.batches import act_on
from ostinato_scheduler.loop import Work

BATCH: Final = 200
BACKLOG: Final = timedelta(minutes=15)
"""How late a run may be known to have completed: clocks differ, and what SDKs send may wait."""

CLEAN_EVERY: Final = timedelta(hours=1)


class TellResolved:
    """Whoever asked for it is told once when what they were told of is over."""

    name = "tell-resolved"
    setting = "resolved_alerts"
    description = "Tells those who were told of failures that a run has completed again."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database
        self._seen_until = self._cleaned = datetime.min.replace(tzinfo=UTC)

    async def tick(self) -> Work:
        """Tell of a batch, and forget what was told long ago."""
        now = utc_now()
        found = await self._database.read(partial(find_resolved, since=self._seen_until, most=BATCH))
        told = await act_on(self._database, found, tell_resolved, log_field="alert_group_id")
        more = len(found) == BATCH and told > 0
        if not more:
            self._seen_until = now - BACKLOG
        if now - self._cleaned >= CLEAN_EVERY:
            more = await self._clean(now) or more
        return Work(told, more=more)

    async def _clean(self, now: datetime) -> bool:
        """Forget a batch of what was told long ago; return whether there may be more."""
        forgotten = await self._database.write(partial(delete_old, before=now - KEPT, most=BATCH))
        if forgotten < BATCH:
            self._cleaned = now
        return forgotten == BATCH
