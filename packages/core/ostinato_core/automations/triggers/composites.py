"""Compound and sequence triggers: what the firings of their children amount to (behaviour.md, section 19.5). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from ostinato_core.automations.firings import Firing
from ostinato_core.clock import later

_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Composite:
    """A trigger that fires when so many of its `children`, which are ids of triggers, have fired.

    `within`: they all fire within that time, None for whenever. `in_order`: in the order of `children`.
    """

    id: UUID
    automation_id: UUID
    children: Sequence[UUID]
    needed: int
    within: timedelta | None
    in_order: bool
    parent: "Composite | None" = None


Stored = Mapping[UUID, Firing]
"""The last firing of each child that has fired, by the child's id."""


def on_firing(composite: Composite, stored: Stored, firing: Firing) -> tuple[Stored, Sequence[Firing] | None]:
    """Return what is stored after a child's firing, and the firings by which the composite fires, None if it does not.

    A firing is later than those before it, though events of one request were taken in at the same time.
    """
    if composite.needed == 1:
        return stored, (firing,)
    if stored:
        latest = max(each.triggered for each in stored.values())
        firing = replace(firing, triggered=max(firing.triggered, latest + _TICK))
    kept = {child: each for child, each in stored.items() if not _is_over(composite, each, firing)}
    kept[firing.trigger_id] = firing
    ordered = sorted(kept.values(), key=lambda each: each.triggered)
    if composite.in_order:
        is_complete = [each.trigger_id for each in ordered] == list(composite.children)
    else:
        is_complete = len(ordered) >= composite.needed
    return ({}, ordered) if is_complete else (kept, None)


def _is_over(composite: Composite, earlier: Firing, firing: Firing) -> bool:
    return composite.within is not None and earlier.triggered < later(firing.triggered, -composite.within)
