"""One transaction of the evaluation: a page of events, the firings that come of it, and how far the log is read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from ostinato_core.automations import repository
from ostinato_core.automations.firings import fire_all
from ostinato_core.automations.triggers import cursors, store
from ostinato_core.automations.triggers.buckets import Bucket, watched_from
from ostinato_core.automations.triggers.cursors import LogCursor
from ostinato_core.automations.triggers.evaluation import AutomationFired, BucketKey, Evaluation, Memory
from ostinato_core.automations.triggers.index import Interest, TriggerIndex
from ostinato_core.automations.triggers.lineage import Lineage, as_resource, lineage_of
from ostinato_core.automations.triggers.order import Order
from ostinato_core.automations.triggers.watches import Key, Watch
from ostinato_core.events.stored import StoredEvent
from ostinato_core.liveness.ingest_watch import alive_since
from ostinato_core.maintenance.listening import heard_since
from ostinato_core.transaction import Transaction

DUE: Final = 100
"""Buckets of proactive triggers that one transaction looks at, at most."""
HEARD_FOR: Final = timedelta(seconds=60)
"""What was not sent for so long since the server can hear again, or for as long as a trigger waits, is absent."""
MOST_STEPS: Final = 20
"""So many actions may bring about one another; what comes of a longer chain makes nothing fire."""

Interests = Sequence[tuple[Interest, Key]]


class PageEvaluation:
    """An operation: evaluates the events that follow a cursor, and lets time pass until `until` by their clock.

    `index` is what is known of the workspace's triggers, at which revision; `known` is what is known afterwards.
    """

    def __init__(
        self,
        cursor: LogCursor,
        page: Sequence[StoredEvent],
        until: datetime,
        index: tuple[int, TriggerIndex] | None,
    ) -> None:
        self.known = index
        self._index = index
        self._cursor = cursor
        self._page = page
        self._until = until

    async def __call__(self, tx: Transaction) -> int | None:
        """Return how many automations fired; None where another process evaluates, or has done so."""
        locked = await cursors.lock(tx)
        if locked is None or locked.place != self._cursor.place:
            return None
        # An operation may be run again: it begins with what it was given, not with what it has learnt.
        is_new = self._index is None or self._index[0] != locked.revision
        if self._index is None or is_new:
            self.known = locked.revision, TriggerIndex(await repository.select_enabled(tx))
        else:
            self.known = self._index
        index = self.known[1]
        if not index.watches:
            await store.forget_parked(tx)
            await cursors.rest(tx)
            return 0
        fired = await self._evaluate(tx, index, is_new=is_new)
        now = [(index.automations[each.automation_id], replace(each.firing, triggered=tx.now)) for each in fired]
        await fire_all(tx, now)
        if self._page:
            await cursors.move(tx, self._page[-1].cursor)
        return len(fired)

    async def _evaluate(self, tx: Transaction, index: TriggerIndex, *, is_new: bool) -> list[AutomationFired]:
        arranged = await self._arranged(tx, index)
        concerned = [(event, await _of_others(tx, event, interests)) for event, interests in arranged]
        due = await self._due(tx, index)
        before = await _load(tx, index, concerned, due, is_new=is_new)
        after = before.of(index.watches)
        if is_new:
            self._watch_absences(index.watches.values(), after)
        evaluation = Evaluation(after)
        fired = [
            evaluation.take_event(event, interest, key) for event, interests in concerned for interest, key in interests
        ]
        fired += [
            evaluation.take_time(index.watches[key[0]], key[1], self._until) for key in due if key in after.buckets
        ]
        await store.save(tx, before, after, index)
        if self._cursor.has_old_buckets(self._until):
            await store.sweep(tx, self._until)
        return [each for each in fired if each is not None]

    async def _arranged(self, tx: Transaction, index: TriggerIndex) -> list[tuple[StoredEvent, Interests]]:
        """Return the events that concern triggers, those that follow others after them, and keep those that wait."""
        concerned = {event.id: found for event in self._page if (found := index.interested(event))}
        here = {event.id: event.follows for event in self._page}
        leaders = {leader for each in concerned if (leader := here[each]) is not None and leader not in here}
        seen = await store.find_evaluated(tx, leaders, self._cursor.place) if leaders else set[UUID]()
        parked: Mapping[UUID, StoredEvent] = {}
        if self._cursor.waiting is not None:
            parked = await store.load_parked(tx, here, tx.now)
            concerned |= {event.id: index.interested(event) for event in parked.values()}
        elif not concerned:
            return []
        order = Order(tx.now, seen, parked)
        patient = [event if event.id in concerned else replace(event, follows=None) for event in self._page]
        arranged = list(order.arrange(patient))
        await store.save_parked(tx, parked, order.parked)
        return [(event, concerned[event.id]) for event in arranged if event.id in concerned]

    async def _due(self, tx: Transaction, index: TriggerIndex) -> dict[BucketKey, Bucket]:
        """Return the buckets of proactive triggers that have ended, if what they wait for could have been heard."""
        if self._cursor.due is None or self._cursor.due > self._until:
            return {}
        since = await _heard_since(tx)
        due = await store.load_due(tx, self._until, DUE)
        return {
            key: bucket
            for key, bucket in due.items()
            if key[0] not in index.watches
            or bucket.start >= since
            or self._until - since >= min(index.watches[key[0]].terms.within, HEARD_FOR)
        }

    def _watch_absences(self, watches: Iterable[Watch], memory: Memory) -> None:
        """Give proactive triggers that wait for no first event what tells them that there was none."""
        for watch in watches:
            bucket = watched_from(watch.terms, self._until)
            if bucket is not None:
                memory.buckets.setdefault((watch.id, ()), bucket)


async def _heard_since(tx: Transaction) -> datetime:
    """Return since when all who send events could be heard; the present where they cannot be."""
    alive = await alive_since(tx)
    return tx.now if alive is None else max(alive, await heard_since(tx))


async def _of_others(tx: Transaction, event: StoredEvent, interests: Interests) -> Interests:
    """Return the triggers but those of automations of which the event has come; none after a long chain of firings."""
    lineage = lineage_of(event)
    sources, steps = lineage.sources, 0
    while lineage.before is not None and steps < MOST_STEPS:
        before = await store.find_event(tx, lineage.before)
        lineage = Lineage() if before is None else lineage_of(before)
        sources, steps = sources | lineage.sources, steps + 1
    if lineage.before is not None:
        return ()
    return (
        [each for each in interests if as_resource(each[0].watch.automation_id) not in sources]
        if sources
        else interests
    )


async def _load(
    tx: Transaction,
    index: TriggerIndex,
    concerned: Sequence[tuple[StoredEvent, Interests]],
    due: Mapping[BucketKey, Bucket],
    *,
    is_new: bool,
) -> Memory:
    keys = {(interest.watch.id, key) for _, interests in concerned for interest, key in interests}
    if is_new:
        keys |= {(watch.id, ()) for watch in index.watches.values() if not watch.terms.is_reactive}
    composites = {
        composite.id
        for trigger_id in {key[0] for key in (*keys, *due)} & index.watches.keys()
        for composite in index.watches[trigger_id].ancestors()
    }
    buckets = await store.load_buckets(tx, keys - due.keys())
    return Memory({**buckets, **due}, await store.load_firings(tx, composites))
