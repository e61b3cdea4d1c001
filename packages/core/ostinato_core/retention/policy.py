"""The policy of retention: the settings, read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ostinato_core.clock import later
from ostinato_core.retention.durations import parse_duration
from ostinato_core.retention.rules import EventRule, RunRule, parse_event_rules, parse_keep_of_runs, parse_run_rules
from ostinato_core.retention.settings import parse_kinds

if TYPE_CHECKING:
    from ostinato_core.settings import ServerSettings


@dataclass(frozen=True, slots=True)
class Policy:
    """What is kept for how long. A length of None is for ever."""

    runs: tuple[RunRule, ...] = ()
    """The first that matches decides; a run that none matches is kept for ever."""
    events: timedelta | None = None
    event_rules: tuple[EventRule, ...] = ()
    """In order: the first that matches decides; `events` decides for all others."""
    logs: timedelta | None = None
    artifacts: timedelta | None = None
    deliveries: timedelta | None = None
    """Of those that have ended."""
    bulk_jobs: timedelta | None = None
    """Of those that have ended."""
    batch: int = 2000
    """Rows a transaction."""

    @classmethod
    def of(cls, settings: "ServerSettings") -> "Policy":
        """Return the policy of the server's settings."""
        kinds = parse_kinds(settings.retention_vacuum_enabled or "events")
        events = parse_duration(settings.retention_events_keep or settings.events_retention)
        rules = parse_event_rules(settings.retention_events or "{}")
        return cls(
            runs=_run_rules(settings, kinds),
            events=events if "events" in kinds or settings.retention_events_keep else None,
            event_rules=rules if "events" in kinds or settings.retention_events_keep else (),
            logs=parse_duration(settings.retention_logs_keep or "forever"),
            artifacts=parse_duration(settings.retention_artifacts_keep or "forever"),
            deliveries=parse_duration(settings.retention_deliveries_keep),
            bulk_jobs=parse_duration(settings.retention_bulk_jobs_keep),
            batch=settings.retention_batch_size,
        )

    @property
    def shortest_run(self) -> timedelta | None:
        """What has ended later than so long ago is kept in any case; None where no run is ever deleted."""
        return min((rule.keep for rule in self.runs if rule.keep is not None), default=None)

    @property
    def longest_run(self) -> timedelta | None:
        """What has ended longer ago is kept in no case; None where some may be kept for ever."""
        keeps = [rule.keep for rule in self.runs]
        covers_all = any(rule == RunRule(keep=rule.keep) for rule in self.runs)
        return max(keep for keep in keeps if keep is not None) if covers_all and None not in keeps else None

    @property
    def longest_event(self) -> timedelta | None:
        """No event is kept longer; None where some may be kept for ever."""
        keeps = [self.events, *(rule.keep for rule in self.event_rules)]
        return None if None in keeps else max(keep for keep in keeps if keep is not None)


def before(now: datetime, keep: timedelta) -> datetime:
    """Return the time of which everything older goes; the beginning of times where there is none so long ago."""
    return later(now, -keep)


def cutoff(now: datetime, keep: timedelta | None) -> datetime | None:
    """As `before`; None where things are kept for ever."""
    return None if keep is None else before(now, keep)


def _run_rules(settings: "ServerSettings", kinds: frozenset[str]) -> tuple[RunRule, ...]:
    rules = parse_run_rules(settings.retention_flow_runs or "[]")
    if settings.retention_flow_runs_keep is not None:
        return (*rules, RunRule(keep=parse_keep_of_runs(settings.retention_flow_runs_keep)))
    if not rules and "flow_runs" in kinds:
        return (RunRule(keep=parse_keep_of_runs(settings.retention_vacuum_period)),)
    return rules
