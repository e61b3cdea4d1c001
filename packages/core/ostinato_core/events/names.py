"""Filters by parts of names as filters by whole names: there are few of them, and an index has the events of each."""

from sqlalchemy import func, select

from ostinato_core.db.tables import events
from ostinato_core.events.filters import name_predicate
from ostinato_core.transaction import Transaction
from ostinato_wire.events import EventFilter, EventNameFilter

MOST_NAMES = 1000
"""Names that are looked at; where there are more, parts of names are looked for in the events."""


async def by_whole_names(tx: Transaction, wanted: EventFilter) -> EventFilter | None:
    """Return a filter that matches the same events, by whole names if it can be; None where nothing has such a name."""
    if wanted.event is None or wanted.event == EventNameFilter():
        return wanted
    stored = await stored_names(tx)
    if stored is None:
        return wanted
    names = list(filter(name_predicate(wanted.event), stored))
    return wanted.model_copy(update={"event": EventNameFilter(name=names)}) if names else None


async def stored_names(tx: Transaction) -> list[str] | None:
    """Return all names that events of the workspace have, or None where there are too many. Steps from name to name."""
    own = events.c.workspace_id == tx.workspace_id
    found = select(func.min(events.c.event).label("event")).where(own).cte("names", recursive=True)
    above = select(func.min(events.c.event)).where(own, events.c.event > found.c.event).scalar_subquery()
    found = found.union_all(select(above).where(found.c.event.is_not(None)))
    names = select(found.c.event).where(found.c.event.is_not(None)).limit(MOST_NAMES + 1)
    stored = [row["event"] for row in await tx.rows(names)]
    return stored if len(stored) <= MOST_NAMES else None
