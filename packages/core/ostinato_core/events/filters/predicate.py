"""The filter as a function of one event: what follows the log asks it of each event, so it is compiled once."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, cast

from ostinato_core.events.filters.labels import LabelPattern, Labels, read_labels
from ostinato_core.events.stored import StoredEvent, without_separating_blanks
from ostinato_core.filters.text_search import TextQuery, parse
from ostinato_wire.events import (
    RESOURCE_ID,
    RESOURCE_ROLE,
    EventAnyResourceFilter,
    EventFilter,
    EventNameFilter,
    EventRelatedFilter,
    EventResourceFilter,
)

T = TypeVar("T")
EventTest = Callable[[StoredEvent], bool]
LabelsTest = Callable[[Mapping[str, str]], bool]


def predicate(wanted: EventFilter) -> EventTest:
    """Return the filter as a function. `order` and `resource.distinct` say nothing of a single event."""
    tests: list[EventTest] = [_occurred(wanted)]
    if wanted.event is not None:
        is_named = name_predicate(wanted.event)
        tests.append(lambda event: is_named(event.event))
    if wanted.id.id:
        ids = frozenset(wanted.id.id)
        tests.append(lambda event: event.id in ids)
    if wanted.resource is not None:
        primary = _resource(wanted.resource)
        tests.append(lambda event: primary(event.resource))
    tests.extend(map(_any_related, as_list(wanted.related)))
    tests.extend(map(_any_resource, as_list(wanted.any_resource)))
    if wanted.text is not None:
        words = parse_text(wanted.text.query)
        tests.append(lambda event: words.matches(event.text))
    return lambda event: all(test(event) for test in tests)


def parse_text(query: str) -> TextQuery:
    """Return what a text search asks for, in the spelling of `StoredEvent.text`."""
    words = parse(query)
    any_, none, all_ = (tuple(map(without_separating_blanks, terms)) for terms in (words.any, words.none, words.all))
    return TextQuery(any_, none, all_)


def as_list(value: T | list[T] | None) -> list[T]:
    """Return a member that may be absent, one or many, as a list."""
    if value is None:
        return []
    # A list of T cannot be told from a T that is a list; no T here is one.
    return cast(list[T], value) if isinstance(value, list) else [value]


def _occurred(wanted: EventFilter) -> EventTest:
    since, until = wanted.occurred.since, wanted.occurred.until
    return lambda event: since <= event.occurred <= until


def name_predicate(wanted: EventNameFilter) -> Callable[[str], bool]:
    """Return the filter of names as a function of a name."""
    tests: list[Callable[[str], bool]] = []
    if wanted.prefix:
        prefixes = tuple(wanted.prefix)
        tests.append(lambda name: name.startswith(prefixes))
    if wanted.exclude_prefix:
        excluded_prefixes = tuple(wanted.exclude_prefix)
        tests.append(lambda name: not name.startswith(excluded_prefixes))
    if wanted.name:
        names = frozenset(wanted.name)
        tests.append(lambda name: name in names)
    if wanted.exclude_name:
        excluded_names = frozenset(wanted.exclude_name)
        tests.append(lambda name: name not in excluded_names)
    return lambda name: all(test(name) for test in tests)


def _resource(wanted: EventResourceFilter | EventAnyResourceFilter) -> LabelsTest:
    tests: list[LabelsTest] = []
    if wanted.id:
        tests.append(_label_in(RESOURCE_ID, wanted.id))
    if wanted.id_prefix:
        prefixes = tuple(wanted.id_prefix)
        tests.append(lambda labels: labels[RESOURCE_ID].startswith(prefixes))
    if wanted.labels:
        tests.append(labels_test(read_labels(wanted.labels)))
    return lambda labels: all(test(labels) for test in tests)


def _any_resource(wanted: EventAnyResourceFilter) -> EventTest:
    test = _resource(wanted)
    return lambda event: test(event.resource) or any(map(test, event.related))


def _any_related(wanted: EventRelatedFilter) -> EventTest:
    tests: list[LabelsTest] = []
    if wanted.id:
        tests.append(_label_in(RESOURCE_ID, wanted.id))
    if wanted.role:
        tests.append(_label_in(RESOURCE_ROLE, wanted.role))
    if wanted.resources_in_roles:
        pairs = frozenset(wanted.resources_in_roles)
        tests.append(lambda labels: (labels[RESOURCE_ID], labels[RESOURCE_ROLE]) in pairs)
    if wanted.labels:
        tests.append(labels_test(read_labels(wanted.labels, exact=RESOURCE_ROLE)))
        if RESOURCE_ROLE in wanted.labels:
            tests.append(_label_in(RESOURCE_ROLE, as_list(wanted.labels[RESOURCE_ROLE])))
    if not tests:
        return lambda event: True
    return lambda event: any(all(test(labels) for test in tests) for labels in event.related)


def _label_in(label: str, values: Sequence[str]) -> LabelsTest:
    allowed = frozenset(values)
    return lambda labels: labels[label] in allowed


def labels_test(wanted: Labels) -> LabelsTest:
    """Return whether the labels of a resource satisfy all that is wanted of them, as a function."""
    tests = [(label, _values_test(patterns)) for label, patterns in wanted.items()]

    def test(labels: Mapping[str, str]) -> bool:
        for label, is_satisfied in tests:
            value = labels.get(label)
            if value is None or not is_satisfied(value):
                return False
        return True

    return test


def _values_test(patterns: Sequence[LabelPattern]) -> Callable[[str], bool]:
    if all(pattern.is_literal and not pattern.is_negated for pattern in patterns):
        return frozenset(pattern.pattern for pattern in patterns).__contains__
    if len(patterns) == 1:
        return patterns[0].test
    tests = [pattern.test for pattern in patterns]
    return lambda value: any(test(value) for test in tests)
