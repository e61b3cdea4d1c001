"""Trying an automation out on the events that are stored: by what evaluates new ones, in memory, and within bounds."""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from ostinato_core.automations.errors import EventToExplainNotFound, NotTestable
from ostinato_core.automations.firing import Firing
from ostinato_core.automations.preview import draft_row, preview
from ostinato_core.automations.triggers import explain, store
from ostinato_core.automations.triggers.buckets import BEFORE, on_event
from ostinato_core.automations.triggers.evaluation import AutomationFired
from ostinato_core.automations.triggers.index import TriggerIndex
from ostinato_core.automations.triggers.replay import Replay
from ostinato_core.clock import later
from ostinato_core.events.names import stored_names
from ostinato_core.events.queries import Place, read_page
from ostinato_core.events.stored import StoredEvent
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.backtests import BacktestRequest
from ostinato_wire.events import EventFilter, EventNameFilter, EventOccurredFilter, EventOrder

MOST_EVENTS: Final = 50_000
"""Events that one back-test evaluates."""
MOST_FIRINGS: Final = 10_000
"""Firings after which it ends."""
SHOWN: Final = 50
"""Firings of which it tells what the actions would have done."""
MOST_SECONDS: Final = 20.0
"""How long one takes, about."""
PAGE: Final = 500
LAST: Final = timedelta(days=1)
"""Time that is looked at unless the request says otherwise."""


async def backtest(tx: Transaction, request: BacktestRequest) -> JsonDict:
    """Return what a draft would have done (`Backtest`). Errors: NotTestable, EventToExplainNotFound."""
    draft = draft_row(tx, request.automation)
    index = TriggerIndex([draft])
    if not index.watches:
        raise NotTestable
    wanted = None if request.event_id is None else await store.find_event(tx, request.event_id)
    if wanted is None and request.event_id is not None:
        raise EventToExplainNotFound(request.event_id)
    since, until = _times(tx, request, wanted)
    run = _Run(index, since, until, wanted)
    async for page in _pages(tx, request, index, since, until):
        if not run.evaluate(page):
            break
    else:
        run.end()
    return {
        "since": since,
        "until": run.until,
        "events": run.events,
        "fired": run.fired,
        "is_complete": run.until == until,
        "firings": [await _shown(tx, draft, firing) for firing in run.firings],
        "explanation": run.explanation or (_explained(index, wanted, Replay(index, since)) if wanted else None),
    }


class _Run:
    """One back-test: what it has found until `until`."""

    def __init__(self, index: TriggerIndex, since: datetime, until: datetime, wanted: StoredEvent | None) -> None:
        self.until = until
        self.events = 0
        self.fired = 0
        self.firings: list[Firing] = []
        self.explanation: JsonDict | None = None
        self._index = index
        self._wanted = wanted
        self._replay = Replay(index, since)
        self._deadline = time.monotonic() + MOST_SECONDS

    def evaluate(self, page: list[StoredEvent]) -> bool:
        """Evaluate the next events; return whether there may be more."""
        for event in page:
            self._note(self._replay.pass_time(event.occurred))
            if self._wanted is None or event.id != self._wanted.id:
                self._note(self._replay.take(event))
            else:
                self.explanation = _explained(self._index, event, self._replay)
                before = self.fired
                self._note(self._replay.take(event))
                self.explanation["fired"] = self.fired > before
            self.events += 1
            if self.events >= MOST_EVENTS or self.fired >= MOST_FIRINGS or time.monotonic() > self._deadline:
                self.until = event.occurred
                return False
        return True

    def end(self) -> None:
        """Let the rest of the time pass."""
        self._note(self._replay.pass_time(self.until))

    def _note(self, fired: Iterator[AutomationFired]) -> None:
        for each in fired:
            self.fired += 1
            if len(self.firings) < SHOWN:
                self.firings.append(each.firing)
            if self.fired >= MOST_FIRINGS:
                self.until = min(self.until, each.firing.triggered)
                return


def _explained(index: TriggerIndex, event: StoredEvent, replay: Replay) -> JsonDict:
    """Return why each trigger fires by an event that comes next, or does not."""
    keys = replay.keys(event)
    triggers: list[JsonDict] = []
    for watch in index.watches.values():
        reasons, fired = explain.mismatches(watch, event), False
        if watch.id in keys:
            before = replay.bucket(keys[watch.id])
            outcome = on_event(watch.terms, before, event, watch.role(event.event))
            reasons, fired = [explain.what_counted(watch, event, before, outcome)], outcome.fired
        triggers.append({"trigger_id": watch.id, "fired": fired, "reasons": reasons})
    return {"event": event.content(), "fired": False, "triggers": triggers}


async def _pages(
    tx: Transaction, request: BacktestRequest, index: TriggerIndex, since: datetime, until: datetime
) -> AsyncIterator[list[StoredEvent]]:
    """Return the events that the draft's triggers expect, in the order of their times."""
    wanted = (request.events or EventFilter()).model_copy(
        update={"occurred": EventOccurredFilter(since=since, until=until), "order": EventOrder.ASC}
    )
    if wanted.event is None:
        names = await stored_names(tx)
        if names is not None:
            wanted = wanted.model_copy(update={"event": EventNameFilter(name=_expected(index, names) or [""])})
    place: Place | None = None
    while True:
        page = await read_page(tx, wanted, PAGE, after=place)
        yield page
        if len(page) < PAGE:
            return
        place = Place(page[-1].occurred, page[-1].id)


def _expected(index: TriggerIndex, names: list[str]) -> list[str]:
    roles = {name: [watch.role(name) for watch in index.watches.values()] for name in names}
    return [name for name in names if any(role.expected or role.starts for role in roles[name])]


async def _shown(tx: Transaction, draft: Row, firing: Firing) -> JsonDict:
    event = firing.triggering_event
    return {
        "triggered": firing.triggered,
        "triggering_labels": dict(firing.triggering_labels),
        "triggering_event": None if event is None else event.content(),
        "actions": [asdict(each) for each in await preview(tx, draft, firing)],
    }


def _times(tx: Transaction, request: BacktestRequest, wanted: StoredEvent | None) -> tuple[datetime, datetime]:
    until = request.until or tx.now
    since = request.since or later(until, -LAST)
    if wanted is not None:
        since, until = min(since, later(wanted.occurred, -BEFORE)), max(until, wanted.occurred)
    return since, until
