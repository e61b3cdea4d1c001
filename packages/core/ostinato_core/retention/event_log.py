"""Retention of the log of events: by type, longer or shorter than the default."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, literal, select

from ostinato_core.clock import utc_now
from ostinato_core.db.partitions import Partition, day
from ostinato_core.db.tables import events
from ostinato_core.db.types import Timestamp
from ostinato_core.retention.aged import Stretch, delete_stretch, next_stretch
from ostinato_core.retention.deleted import Deleted
from ostinato_core.retention.durations import format_duration
from ostinato_core.retention.matching import is_of, longer_rules
from ostinato_core.retention.partitions import drop_partition, past_partitions, rows_and_bytes
from ostinato_core.retention.policy import Policy, before
from ostinato_core.retention.rules import EventRule
from ostinato_core.retention.workspaces import workspaces_in
from ostinato_core.transaction import Database, Transaction

ALL_AGAIN: Final = timedelta(days=1)
"""After this long, all of the log is looked at again, for what came late."""
LOOKED_AT: Final = 10_000
"""Events that are looked at in one statement."""


class EventLog:
    """Deletes events by a policy; remembers up to which time it has looked for each rule."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy
        self._done: dict[tuple[UUID, str], datetime] = {}
        self._began: datetime | None = None

    async def round(self) -> AsyncIterator[Deleted]:
        """Delete what is due, and yield after each transaction."""
        now = utc_now()
        if self._began is None or now - self._began > ALL_AGAIN or now < self._began:
            self._began = now
            self._done.clear()
        if self._database.dialect.name == "postgresql":
            async for deleted in self._partitions(now):
                yield deleted
        for rule in (*self._policy.event_rules, None):
            keep = self._policy.events if rule is None else rule.keep
            if keep is not None:
                async for deleted in self._rows(rule, self.until(rule, before(now, keep))):
                    yield deleted

    async def droppable(self, now: datetime) -> list[Partition]:
        """Return the partitions without an event that is still kept."""
        if self._policy.events is None:
            return []
        found = await past_partitions(self._database, "events", before(now, self._policy.events))
        return [partition for partition in found if not await self._has_kept(partition, now)]

    def rule_label(self, rule: EventRule | None) -> str:
        """Return a rule in a few words; None is the default."""
        return default_label(self._policy) if rule is None else rule.label

    def until(self, rule: EventRule | None, end: datetime) -> datetime:
        """Return before which time the rows of a rule are deleted one by one, where `end` is when they are due."""
        # Those of the day that is partly due go with their partition when all of it is.
        return day(end)[1] if rule is None and self._database.dialect.name == "postgresql" else end

    async def _partitions(self, now: datetime) -> AsyncIterator[Deleted]:
        for partition in await self.droppable(now):
            rows, size, _ = await rows_and_bytes(self._database, partition.name)
            if await drop_partition(self._database, partition):
                yield Deleted("events", default_label(self._policy), rows, size)

    async def _has_kept(self, partition: Partition, now: datetime) -> bool:
        """Whether a partition has an event of a type that is kept longer, and still is."""
        for rule in longer_rules(self._policy):
            if rule.keep is not None and partition.end <= before(now, rule.keep):
                continue
            for workspace in await self._database.read(lambda tx: workspaces_in(tx, events)):
                if await self._has_of(rule, workspace, (partition.start, partition.end)):
                    return True
        return False

    async def _has_of(self, rule: EventRule, workspace: UUID, within: Stretch) -> bool:
        start, end = within
        while stretch := await self._next(workspace, (start, end)):
            if await self._database.read(
                lambda tx, stretch=stretch: _has(tx, self._policy, rule, stretch), workspace_id=workspace
            ):
                return True
            start = stretch[1]
        return False

    async def _rows(self, rule: EventRule | None, end: datetime) -> AsyncIterator[Deleted]:
        label = self.rule_label(rule)
        for workspace in await self._database.read(lambda tx: workspaces_in(tx, events)):
            start = self._done.get((workspace, label))
            while stretch := await self._next(workspace, (start, end)):
                rows = await self._database.write(
                    lambda tx, stretch=stretch: delete_stretch(tx, events, stretch, is_of(self._policy, rule)),
                    workspace_id=workspace,
                )
                if rows is None:
                    return
                yield Deleted("events", label, rows)
                start = stretch[1]
            self._done[workspace, label] = end

    async def _next(self, workspace: UUID, stretch: Stretch) -> Stretch | None:
        rows = LOOKED_AT if self._database.dialect.name == "postgresql" else self._policy.batch
        return await self._database.read(lambda tx: next_stretch(tx, events, stretch, rows), workspace_id=workspace)


def default_label(policy: Policy) -> str:
    """Return the default of events in a few words."""
    return f"all: {format_duration(policy.events)}"


async def _has(tx: Transaction, policy: Policy, rule: EventRule, stretch: Stretch) -> bool:
    start, end = stretch
    time = events.c.occurred
    assert start is not None
    within = and_(time >= literal(start, Timestamp()), time < literal(end, Timestamp()))
    own = events.c.workspace_id == tx.workspace_id
    return await tx.first(select(events.c.position).where(own, within, is_of(policy, rule)).limit(1)) is not None
