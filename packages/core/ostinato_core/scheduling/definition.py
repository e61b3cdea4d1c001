"""What makes two schedules the same: the runs that they ask for are then made once, whatever their ids are."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from ostinato_core.scheduling.rrule import earliest_phase, without_beginning
from ostinato_wire.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400 * 10**6


def key_of(slug: str | None, schedule: Schedule, parameters: object) -> str:
    """Return 32 hexadecimal digits that name a schedule within its deployment.

    They follow from the slug if there is one, else from what the schedule says and the parameters of its runs.
    """
    told = {"slug": slug} if slug else {"schedule": canonical(schedule), "parameters": parameters}
    return hashlib.blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS, default=str), digest_size=16).hexdigest()


def canonical(schedule: Schedule) -> list[Any]:  # Any: JSON
    """Return what says when the runs of a schedule are: equal for schedules of the same dates."""
    match schedule:
        case IntervalSchedule():
            interval, anchor = _microseconds(schedule.interval), _microseconds(schedule.anchor_date - _EPOCH)
            if interval < _DAY:
                return ["interval", interval, anchor % interval]
            return ["interval", interval, anchor, schedule.timezone or "UTC"]
        case CronSchedule():
            return ["cron", " ".join(schedule.cron.split()), schedule.timezone or "UTC", schedule.day_or]
        case RRuleSchedule():
            return ["rrule", earliest_phase(schedule.rrule), schedule.timezone or "UTC"]


def likeness(slug: str | None, schedule: Schedule) -> str:
    """Return what a schedule keeps when it is sent again: its slug, else what it says apart from where it begins.

    Clients let an interval begin when they send it, and the server a rule that does not say.
    """
    if slug:
        return f"slug {slug}"
    match schedule:
        case IntervalSchedule():
            return f"interval {_microseconds(schedule.interval)} {schedule.timezone or 'UTC'}"
        case CronSchedule():
            return f"cron {canonical(schedule)}"
        case RRuleSchedule():
            return f"rrule {without_beginning(schedule.rrule)} {schedule.timezone or 'UTC'}"


def _microseconds(interval: timedelta) -> int:
    return interval.days * _DAY + interval.seconds * 10**6 + interval.microseconds
