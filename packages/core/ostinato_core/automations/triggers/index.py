"""Which triggers an event may concern, found without asking all of them. Pure.

Triggers are found by the names that they expect, and among those by one value that they ask of a label. What is known
of a name is kept, so that an event costs two look-ups and the few triggers that are left.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from ostinato_core.automations.triggers.buckets import Role
from ostinato_core.automations.triggers.composites import Composite
from ostinato_core.automations.triggers.watches import Key, Watch, watches_of
from ostinato_core.events.filters.labels import Labels
from ostinato_core.events.stored import StoredEvent
from ostinato_core.states.rows import Row
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

logger = logging.getLogger("ostinato.server.automations")

MOST_NAMES: Final = 10_000
"""Names of events of which it is kept whom they concern."""
SKIPPED: Final = frozenset({"prefect.log.write"})
"""Names of events that no trigger sees."""

Value = tuple[str, str]
"""A label and what it has to be."""


@dataclass(frozen=True, slots=True)
class Interest:
    """A trigger that covers events of a name, and what they are to it; `number` gives the order of triggers."""

    number: int
    watch: Watch
    role: Role


@dataclass(slots=True)
class _OfName:
    """The triggers that cover a name: by a value of the primary resource, of a related one, or in any case; these by
    what they ask of the primary resource, which is then looked at once for all of them.
    """

    primary: dict[Value, list[Interest]] = field(default_factory=dict[Value, list[Interest]])
    related: dict[Value, list[Interest]] = field(default_factory=dict[Value, list[Interest]])
    others: dict[str, list[Interest]] = field(default_factory=dict[str, list[Interest]])
    labels: tuple[Sequence[str], Sequence[str]] = ((), ())
    """The labels that occur in the values of `primary` and `related`."""


class TriggerIndex:
    """The event triggers of automations, which are rows."""

    def __init__(self, automations: Iterable[Row]) -> None:
        self.automations: dict[UUID, Row] = {row["id"]: row for row in automations}
        self.watches: dict[UUID, Watch] = {
            watch.id: watch for row in self.automations.values() for watch in _readable(row)
        }
        self.composites: dict[UUID, Composite] = {
            composite.id: composite for watch in self.watches.values() for composite in watch.ancestors()
        }
        self._names: dict[str, _OfName] = {}

    def interested(self, event: StoredEvent) -> list[tuple[Interest, Key]]:
        """Return the triggers that an event concerns, in their order, and the keys under which they count it."""
        if event.event in SKIPPED:
            return []
        found = {interest.number: interest for interest in self._candidates(event)}
        return [(interest, interest.watch.key(event)) for _, interest in sorted(found.items())]

    def _candidates(self, event: StoredEvent) -> Iterator[Interest]:
        known = self._names.get(event.event)
        if known is None:
            if len(self._names) >= MOST_NAMES:
                self._names.clear()
            known = self._names[event.event] = _of_name(event.event, self.watches.values())
        for interests in known.others.values():
            if interests[0].watch.matches_primary(event.resource):
                yield from (each for each in interests if each.watch.matches_related(event))
        for label in known.labels[0]:
            if label in event.resource:
                yield from _matching(known.primary.get((label, event.resource[label]), ()), event)
        for label in known.labels[1]:
            for resource in event.related:
                if label in resource:
                    yield from _matching(known.related.get((label, resource[label]), ()), event)


def _matching(interests: Iterable[Interest], event: StoredEvent) -> Iterator[Interest]:
    return (each for each in interests if each.watch.matches(event))


def _readable(automation: Row) -> list[Watch]:
    try:
        return watches_of(automation)
    except ValidationError:
        # One automation that a later version has stored must not keep all others from firing.
        logger.exception("The trigger of the automation %s cannot be read; it does not fire.", automation["id"])
        return []


def _of_name(name: str, watches: Iterable[Watch]) -> _OfName:
    found = _OfName()
    for number, watch in enumerate(watches):
        interest = Interest(number, watch, watch.role(name))
        if not (interest.role.expected or interest.role.starts):
            continue
        if values := _telling(watch.match):
            _put(found.primary, values, interest)
        elif values := _telling_of_any(watch.related):
            _put(found.related, values, interest)
        else:
            found.others.setdefault(repr(watch.match), []).append(interest)
    found.labels = _labels(found.primary), _labels(found.related)
    return found


def _put(places: dict[Value, list[Interest]], values: Sequence[Value], interest: Interest) -> None:
    for value in values:
        places.setdefault(value, []).append(interest)


def _labels(places: Iterable[Value]) -> Sequence[str]:
    return sorted({label for label, _ in places})


def _telling_of_any(related: Sequence[Labels]) -> list[Value]:
    for labels in related:
        if values := _telling(labels):
            return values
    return []


def _telling(labels: Labels) -> list[Value]:
    """Return values of which a resource must have one, of the label that tells resources apart best; none if it may
    be many.
    """
    order = {RESOURCE_ID: 0, RESOURCE_NAME: 1, RESOURCE_ROLE: 3}
    for label in sorted(labels, key=lambda each: order.get(each, 2)):
        patterns = labels[label]
        if all(pattern.is_literal and not pattern.is_negated for pattern in patterns):
            return [(label, pattern.pattern) for pattern in patterns]
    return []
