"""Schedules of deployments, as they stand in code: `Cron("0 2 * * *")`, `Interval(600)`, `RRule("FREQ=DAILY")`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

if TYPE_CHECKING:
    from ostinato_wire.deployments import DeploymentScheduleCreate

__all__ = ["Cron", "Interval", "RRule", "Schedule", "ScheduleOptions"]


class ScheduleOptions(TypedDict, total=False):
    """Keywords that every kind of schedule takes.

    `active` of None leaves it as the server has it, where a new schedule is active. `parameters` win over the
    deployment's; `slug` names the schedule, so that deploying again changes it. `catchup` and
    `max_late_seconds` say which runs still start after a time without a server; servers of the reference ignore them.
    """

    timezone: str | None
    active: bool | None
    parameters: dict[str, Any]  # Any: JSON values
    slug: str | None
    replaces: str | None
    max_scheduled_runs: int | None
    catchup: Literal["all", "latest", "none"] | None
    max_late_seconds: float | None


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When runs are made; exactly one of `cron`, `interval` and `rrule` is set. Made by the functions below."""

    cron: str | None = None
    day_or: bool = True
    interval: timedelta | None = None
    anchor_date: datetime | None = None
    rrule: str | None = None
    timezone: str | None = None
    active: bool | None = None
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])  # Any: JSON values
    slug: str | None = None
    replaces: str | None = None
    max_scheduled_runs: int | None = None
    catchup: Literal["all", "latest", "none"] | None = None
    max_late_seconds: float | None = None

    def __post_init__(self) -> None:
        if sum(value is not None for value in (self.cron, self.interval, self.rrule)) != 1:
            raise ValueError("A schedule needs exactly one of `cron`, `interval` and `rrule`.")
        if self.interval is not None and self.interval <= timedelta(0):
            raise ValueError(f"The interval of a schedule must be longer than 0 seconds, got {self.interval}.")
        if self.timezone is not None:
            _check_zone(self.timezone)

    def to_wire(self) -> DeploymentScheduleCreate:
        """Return the schedule as the server takes it. Raises ValueError for values that it would refuse."""
        from ostinato_wire.deployments import CatchUp, DeploymentScheduleCreate

        return DeploymentScheduleCreate(
            schedule=self._wire_schedule(),
            active=self.active is not False,
            parameters=self.parameters,
            slug=self.slug,
            replaces=self.replaces,
            max_scheduled_runs=self.max_scheduled_runs,
            catchup=None if self.catchup is None else CatchUp(self.catchup),
            max_late_seconds=self.max_late_seconds,
        )

    def _wire_schedule(self) -> Any:  # Any: one of the three kinds
        from ostinato_wire.schedules import CronSchedule, IntervalSchedule, RRuleSchedule

        if self.cron is not None:
            return CronSchedule(cron=self.cron, timezone=self.timezone, day_or=self.day_or)
        if self.interval is not None:
            anchor = self.anchor_date or datetime.now(UTC)
            return IntervalSchedule(interval=self.interval, anchor_date=anchor, timezone=self.timezone)
        return RRuleSchedule(rrule=self.rrule or "", timezone=self.timezone or "UTC")


def _check_zone(name: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"Unknown time zone {name!r}: use an IANA name such as Europe/Berlin.") from None


def Cron(cron: str, /, *, day_or: bool = True, **options: Unpack[ScheduleOptions]) -> Schedule:  # noqa: N802 - reads as a kind
    """Return a schedule of the times that a cron expression names, on the wall clock of `timezone` (default UTC)."""
    return Schedule(cron=cron, day_or=day_or, **options)


def Interval(  # noqa: N802 - reads as a kind
    interval: timedelta | float, /, *, anchor_date: datetime | None = None, **options: Unpack[ScheduleOptions]
) -> Schedule:
    """Return a schedule of every `interval` (seconds, or a timedelta) before and after `anchor_date` (default now)."""
    span = interval if isinstance(interval, timedelta) else timedelta(seconds=interval)
    return Schedule(interval=span, anchor_date=anchor_date, **options)


def RRule(rrule: str, /, **options: Unpack[ScheduleOptions]) -> Schedule:  # noqa: N802 - reads as a kind
    """Return a schedule of an iCalendar recurrence (RFC 5545), on the wall clock of `timezone` (default UTC)."""
    return Schedule(rrule=rrule, **options)
