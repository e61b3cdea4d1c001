"""The triggers of an automation, made ready to be asked about events. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from ostinato_core.automations.triggers.buckets import Role, Terms
from ostinato_core.automations.triggers.composites import Composite
from ostinato_core.automations.triggers.patterns import NameTest, name_test
from ostinato_core.events.filters.labels import Labels, ShellPattern, read_labels
from ostinato_core.events.filters.predicate import LabelsTest, labels_test
from ostinato_core.events.stored import StoredEvent
from ostinato_core.states.rows import Row
from ostinato_wire.events import RESOURCE_ROLE
from ostinato_wire.metric_triggers import MetricTrigger
from ostinato_wire.triggers import CompoundTrigger, EventTrigger, Posture, SequenceTrigger, Trigger

_TRIGGER: Final[TypeAdapter[Trigger]] = TypeAdapter(Trigger)
_RELATED: Final = "related:"

Key = tuple[str, ...]
"""The values of `for_each` that an event has, in the order of `Watch.for_each`."""


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """An event trigger: `match` and `related` are the labels that it asks for, `for_each` where its keys come from."""

    id: UUID
    automation_id: UUID
    terms: Terms
    match: Labels
    related: Sequence[Labels]
    for_each: Sequence[str]
    expect: Sequence[str]
    after: Sequence[str]
    is_expected: NameTest
    is_start: NameTest
    parent: Composite | None
    matches_primary: LabelsTest
    related_tests: Sequence[LabelsTest]

    def role(self, name: str) -> Role:
        """Return what events of a name are to the trigger."""
        return Role(not self.expect or self.is_expected(name), self.is_start(name))

    def matches(self, event: StoredEvent) -> bool:
        """Whether the event's resources are those that the trigger asks for."""
        return self.matches_primary(event.resource) and self.matches_related(event)

    def matches_related(self, event: StoredEvent) -> bool:
        """Whether the related resources are."""
        return all(any(map(test, event.related)) for test in self.related_tests)

    def key(self, event: StoredEvent) -> Key:
        """Return the values by which events of several things are counted apart; missing ones are empty."""
        return tuple([_value(event, label) for label in self.for_each]) if self.for_each else ()

    def labels(self, key: Key) -> Mapping[str, str]:
        """Return a key as the labels that a firing carries."""
        return dict(zip(self.for_each, key, strict=True))

    def ancestors(self) -> Iterator[Composite]:
        """Return the composite triggers that this one is in, the nearest first."""
        composite = self.parent
        while composite is not None:
            yield composite
            composite = composite.parent


def watches_of(automation: Row) -> list[Watch]:
    """Return the event triggers of a stored automation; none where its trigger is of another kind."""
    return _watches(_TRIGGER.validate_python(automation["trigger"]), automation["id"], None)


def _watches(trigger: Trigger, automation_id: UUID, parent: Composite | None) -> list[Watch]:
    match trigger:
        case EventTrigger():
            return [_watch(trigger, automation_id, parent)]
        case CompoundTrigger() | SequenceTrigger():
            composite = _composite(trigger, automation_id, parent)
            return [watch for each in trigger.triggers for watch in _watches(each, automation_id, composite)]
        case MetricTrigger():
            return []


def _composite(trigger: CompoundTrigger | SequenceTrigger, automation_id: UUID, parent: Composite | None) -> Composite:
    children = [each.id for each in trigger.triggers]
    in_order = isinstance(trigger, SequenceTrigger)
    needed = len(children)
    if isinstance(trigger, CompoundTrigger) and trigger.require != "all":
        needed = 1 if trigger.require == "any" else trigger.require
    return Composite(trigger.id, automation_id, children, needed, trigger.within, in_order, parent)


def _watch(trigger: EventTrigger, automation_id: UUID, parent: Composite | None) -> Watch:
    match = read_labels(trigger.match, kind=ShellPattern)
    related = [read_labels(labels, kind=ShellPattern) for labels in trigger.related() if labels]
    return Watch(
        id=trigger.id,
        automation_id=automation_id,
        terms=Terms(
            is_reactive=trigger.posture is Posture.REACTIVE,
            threshold=trigger.threshold,
            within=trigger.within,
            has_start=bool(trigger.after),
            has_keys=bool(trigger.for_each),
        ),
        match=match,
        related=related,
        for_each=sorted(trigger.for_each),
        expect=trigger.expect,
        after=trigger.after,
        is_expected=name_test(trigger.expect),
        is_start=name_test(trigger.after),
        parent=parent,
        matches_primary=labels_test(match),
        related_tests=[labels_test(labels) for labels in related],
    )


def _value(event: StoredEvent, label: str) -> str:
    if not label.startswith(_RELATED):
        return event.resource.get(label, "")
    role, _, name = label.removeprefix(_RELATED).partition(":")
    for resource in event.related:
        if resource.get(RESOURCE_ROLE) == role:
            return resource.get(name, "")
    return ""
