"""Schedules as servers keep them, by the names that flows import; flows write `ostinato.schedules`."""

from ostinato_wire.schedules import (
    CronSchedule,
    IntervalSchedule,
    RRuleSchedule,
)

__all__ = [
    "CronSchedule",
    "IntervalSchedule",
    "RRuleSchedule",
]
