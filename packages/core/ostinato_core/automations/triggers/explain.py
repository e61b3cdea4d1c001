"""Why an event trigger fires by an event, or does not, in words. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ostinato_core.automations.triggers.buckets import Bucket, Outcome
from ostinato_core.automations.triggers.watches import Watch
from ostinato_core.events.filters.labels import LabelPattern, Labels
from ostinato_core.events.stored import StoredEvent
from ostinato_wire.events import RESOURCE_ID, RESOURCE_ROLE


def mismatches(watch: Watch, event: StoredEvent) -> list[str]:
    """Return all for which an event does not concern a trigger; nothing where it does."""
    found: list[str] = []
    role = watch.role(event.event)
    if not role.expected and not role.starts:
        found.append(f"The name {event.event!r} is none that is expected: {_listed([*watch.expect, *watch.after])}.")
    found += _of_labels(watch.match, event.resource)
    for labels, is_met in zip(watch.related, watch.related_tests, strict=True):
        if not any(map(is_met, event.related)):
            asked = " and ".join(f"{label} = {_spelled(patterns)}" for label, patterns in labels.items())
            found.append(f"No related resource has {asked}; there are {_related(event)}.")
    return found


def what_counted(watch: Watch, event: StoredEvent, before: Bucket | None, outcome: Outcome) -> str:
    """Return what an event that concerns a trigger has made of its bucket."""
    terms, role, bucket = watch.terms, watch.role(event.event), outcome.bucket
    key = f" of {', '.join(watch.key(event))}" if watch.for_each else ""
    if outcome.fired:
        return (
            f"It fires: enough{key} came in time." if terms.is_reactive else f"It fires: too little{key} came in time."
        )
    if bucket is None and not role.expected:
        return "It neither counts nor begins to count."
    if bucket is None:
        nothing_began = before is None and not role.starts
        why = f"no event of {_listed(watch.after)} came before it" if nothing_began else "it came too late"
        return f"It does not count{key}: {why}."
    if before is None and role.starts:
        return f"It begins to count{key}, until {_moment(bucket.end)}."
    if event.occurred < bucket.start:
        return f"It does not count{key}: it occurred before {_moment(bucket.start)}, from when on events count."
    so_far = f"count {bucket.count} of {terms.threshold}{key}"
    bound = "" if terms.is_immediate else f" until {_moment(bucket.end)}"
    if terms.is_reactive:
        return f"It counts, which is not enough yet: {so_far}{bound}."
    return f"It does not fire: {so_far}{bound}; a proactive trigger fires where less has come by then."


def _of_labels(wanted: Labels, labels: Mapping[str, str]) -> Iterator[str]:
    for label, patterns in wanted.items():
        value = labels.get(label)
        if value is None:
            yield f"The resource has no label {label}; wanted is {_spelled(patterns)}."
        elif not any(pattern.matches(value) for pattern in patterns):
            yield f"The label {label} of the resource is {value!r}; wanted is {_spelled(patterns)}."


def _spelled(patterns: Sequence[LabelPattern]) -> str:
    return " or ".join(f"{'not ' if each.is_negated else ''}{each.pattern!r}" for each in patterns) or "nothing"


def _related(event: StoredEvent) -> str:
    return _listed([f"{each.get(RESOURCE_ID)} ({each.get(RESOURCE_ROLE)})" for each in event.related])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
