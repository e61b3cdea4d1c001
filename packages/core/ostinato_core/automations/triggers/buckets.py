"""Buckets: what an event trigger has counted of one thing within a time (behaviour.md, section 19.4). Pure.

Time is that of the events; `Terms` say what a trigger asks for.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ostinato_core.clock import later
from ostinato_core.events.stored import StoredEvent

BEFORE: Final = timedelta(minutes=15)
"""So long before the first event that is seen others still count, which come late."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an event trigger asks for: `threshold` events within a time, or fewer than that where it is proactive.

    `has_start`: only some events begin to count. `has_keys`: there are buckets of several things, found by events.
    """

    is_reactive: bool
    threshold: int
    within: timedelta
    has_start: bool = False
    has_keys: bool = False

    @property
    def is_immediate(self) -> bool:
        """Whether time does not bound what is counted."""
        return self.is_reactive and not self.within


@dataclass(frozen=True, slots=True)
class Bucket:
    """Events counted from `start` until before `end`; `last_event` is kept for proactive triggers."""

    start: datetime
    end: datetime
    count: int = 0
    last_event: StoredEvent | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The bucket that there is afterwards, if any, and whether the trigger fired, and by which event."""

    bucket: Bucket | None
    fired: bool = False
    event: StoredEvent | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """What an event is to a trigger: whether it counts, and whether it begins to count."""

    expected: bool
    starts: bool


def on_event(terms: Terms, bucket: Bucket | None, event: StoredEvent, role: Role) -> Outcome:
    """Return what an event that the trigger covers makes of its bucket."""
    if bucket is None:
        bucket = _first(terms, event, role)
    elif role.starts:
        bucket = replace(bucket, last_event=event)
    if bucket is None or not role.expected:
        return Outcome(bucket)
    return _evaluate(terms, bucket, event, role)


def on_time(terms: Terms, bucket: Bucket, now: datetime) -> Outcome:
    """Return what the passing of time makes of the bucket of a proactive trigger."""
    if now < bucket.end:
        return Outcome(bucket)
    if bucket.count < terms.threshold:
        return Outcome(_next(terms, bucket, now), True, bucket.last_event)
    if terms.has_start or terms.has_keys:
        return Outcome(None)
    if terms.threshold != 1 or bucket.last_event is None:
        return Outcome(_next(terms, bucket, now))
    # The absence of any event is measured from the last one.
    since = bucket.last_event.occurred
    rolled = Bucket(since, later(since, terms.within), 0, bucket.last_event)
    return Outcome(rolled) if now < rolled.end else Outcome(_next(terms, rolled, now), True, rolled.last_event)


def watched_from(terms: Terms, now: datetime) -> Bucket | None:
    """Return the bucket that a proactive trigger has though there was no event; None where there must be one."""
    if terms.is_reactive or terms.has_start or terms.has_keys:
        return None
    return Bucket(now, later(now, terms.within))


def _first(terms: Terms, event: StoredEvent, role: Role) -> Bucket | None:
    now = event.occurred
    if terms.has_start:
        # An event that is also expected is counted below, but it does not answer itself.
        return Bucket(now, later(now, terms.within), -1 if role.expected else 0, event) if role.starts else None
    return Bucket(later(now, -BEFORE), later(now, terms.within)) if role.expected else None


def _evaluate(terms: Terms, bucket: Bucket, event: StoredEvent, role: Role) -> Outcome:
    now = event.occurred
    if now < bucket.start:
        return Outcome(bucket)
    is_counted = terms.is_immediate or now < bucket.end
    if is_counted:
        bucket = replace(bucket, count=bucket.count + 1, last_event=event)
    is_met = bucket.count >= terms.threshold if terms.is_reactive else bucket.count < terms.threshold
    fired = is_met and (terms.is_reactive or bucket.end <= now)
    if not fired and now < bucket.end:
        if not terms.is_reactive and not is_met and role.starts:
            bucket = Bucket(now, later(now, terms.within), 0, event)
        return Outcome(bucket)
    if terms.has_start:
        return Outcome(None, fired, event if fired else None)
    if not terms.within:
        return Outcome(None, True, event) if fired else Outcome(bucket)
    following = _next(terms, bucket, now)
    if is_counted or following is None or now >= following.end:  # the last only at the end of time
        return Outcome(following, fired, event if fired else None)
    if terms.is_reactive:
        again = _evaluate(terms, following, event, role)
        return Outcome(again.bucket, fired or again.fired, event if fired or again.fired else None)
    return Outcome(replace(following, count=1, last_event=event), fired, event if fired else None)


def _next(terms: Terms, bucket: Bucket, now: datetime) -> Bucket | None:
    """Return the bucket after one that has fired or ended."""
    if terms.has_start:
        return None
    start = max(bucket.end, now)
    return Bucket(start, later(start, terms.within))
