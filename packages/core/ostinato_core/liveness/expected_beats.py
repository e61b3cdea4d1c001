"""Heartbeats that are kept as events after all: where an automation asks for them by name, to watch over runs.

Only those of runs that run: what a process still sends after the end of its run must not begin a watch that nothing
will end.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from ostinato_core.db.tables import automations, flow_runs
from ostinato_core.events.filters.labels import LabelPattern
from ostinato_core.liveness.heartbeats import HEARTBEAT
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction

LOOK_EVERY: Final = timedelta(seconds=10)
"""How long what automations ask for is taken to stay as it is."""

_RUN = flow_runs.c


class ExpectedBeats:
    """What one process knows of automations that ask for heartbeats."""

    def __init__(self) -> None:
        self._are_expected = False
        self._looked_at: datetime | None = None

    async def of(self, tx: Transaction, run_ids: Iterable[UUID]) -> set[UUID]:
        """Return those of the runs whose heartbeats are to be kept as events."""
        wanted = set(run_ids)
        if not wanted or not await self._any_expected(tx):
            return set()
        own = _RUN.workspace_id == tx.workspace_id, _RUN.state_type.in_(("RUNNING", "CANCELLING"))
        running = select(_RUN.id).where(tx.dialect.is_one_of(_RUN.id, sorted(wanted)), *own)
        return {row["id"] for row in await tx.rows(running)}

    async def _any_expected(self, tx: Transaction) -> bool:
        if self._looked_at is None or not timedelta(0) <= tx.now - self._looked_at < LOOK_EVERY:
            own = automations.c.workspace_id == tx.workspace_id, automations.c.enabled
            rows = await tx.rows(select(automations.c.trigger).where(*own))
            self._are_expected, self._looked_at = any(asks_for_beats(row["trigger"]) for row in rows), tx.now
        return self._are_expected


def asks_for_beats(trigger: JsonDict) -> bool:
    """Whether a trigger, or one within it, names heartbeats; one that expects anything at all does not."""
    if "triggers" in trigger:
        return any(map(asks_for_beats, trigger["triggers"]))
    names: list[str] = [*trigger.get("expect", ()), *trigger.get("after", ())]
    return any(LabelPattern(name, is_negated=False).matches(HEARTBEAT) for name in names)
