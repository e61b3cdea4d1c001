"""The settings of retention. Those of the reference's clean-up are understood, too."""

from typing import Annotated, Final

from pydantic import AfterValidator
from pydantic_settings import BaseSettings

from ostinato_core.retention.durations import parse_duration
from ostinato_core.retention.rules import parse_event_rules, parse_keep_of_runs, parse_run_rules
from ostinato_core.settings_fields import setting

_VACUUM: Final = "SERVER_SERVICES_DB_VACUUM"
_KINDS: Final = frozenset({"events", "flow_runs"})


def parse_kinds(text: str) -> frozenset[str]:
    """Return what the reference's clean-up is switched on for: `events`, `flow_runs`. Errors: ValueError."""
    words = [word.strip(" []{}()'\"").lower() for word in text.split(",")]
    if words in (["true"], ["false"]):
        return _KINDS if words == ["true"] else frozenset()
    for word in words:
        if word and word not in _KINDS:
            raise ValueError(f"{word!r} is not known: use events, flow_runs, or both with a comma between them")
    return frozenset(filter(None, words))


def _run_rules(text: str) -> str:
    parse_run_rules(text)
    return text


def _event_rules(text: str) -> str:
    parse_event_rules(text)
    return text


def _keep(text: str) -> str:
    parse_duration(text)
    return text


def _keep_of_runs(text: str) -> str:
    parse_keep_of_runs(text)
    return text


def _kinds(text: str) -> str:
    parse_kinds(text)
    return text


# Kept as they are written, so that they are shown so; the policy reads them again.
Keep = Annotated[str, AfterValidator(_keep)]


class RetentionSettings(BaseSettings):
    """What is kept for how long; nothing of runs, logs and artifacts is deleted where none of it is set."""

    retention_flow_runs: Annotated[str, AfterValidator(_run_rules)] | None = setting(
        "SERVICES_RETENTION_FLOW_RUNS",
        None,
        "JSON list of rules for runs that have ended, the first that matches decides: keep, and any of state_types, "
        "states, tags, flows, deployments.",
    )
    retention_flow_runs_keep: Annotated[str, AfterValidator(_keep_of_runs)] | None = setting(
        "SERVICES_RETENTION_FLOW_RUNS_KEEP", None, "How long runs are kept that no rule matches, as 90d or forever."
    )
    retention_logs_keep: Keep | None = setting(
        "SERVICES_RETENTION_LOGS_KEEP", None, "How long log lines are kept, if shorter than their runs."
    )
    retention_artifacts_keep: Keep | None = setting(
        "SERVICES_RETENTION_ARTIFACTS_KEEP", None, "How long artifacts are kept, if shorter than their runs."
    )
    retention_deliveries_keep: Keep = setting(
        "SERVICES_RETENTION_DELIVERIES_KEEP", "30d", "How long it is kept what became of the actions of automations."
    )
    retention_bulk_jobs_keep: Keep = setting(
        "SERVICES_RETENTION_BULK_JOBS_KEEP", "30d", "How long it is kept what became of changes of many flow runs."
    )
    retention_events_keep: Keep | None = setting(
        "SERVICES_RETENTION_EVENTS_KEEP", None, "How long events are kept; default: SERVER_EVENTS_RETENTION_PERIOD."
    )
    retention_events: Annotated[str, AfterValidator(_event_rules)] | None = setting(
        "SERVICES_RETENTION_EVENTS",
        None,
        "JSON object: how long events of a type are kept, longer or shorter; a type may end in *.",
        f"{_VACUUM}_EVENT_RETENTION_OVERRIDES",
    )
    retention_batch_size: int = setting(
        "SERVICES_RETENTION_BATCH_SIZE", 2000, "Rows that a transaction deletes, about.", f"{_VACUUM}_BATCH_SIZE", ge=10
    )
    retention_vacuum_enabled: Annotated[str, AfterValidator(_kinds)] | None = setting(
        f"{_VACUUM}_ENABLED", None, "events, flow_runs: what is deleted where no other setting of retention says."
    )
    retention_vacuum_period: Annotated[str, AfterValidator(_keep_of_runs)] = setting(
        f"{_VACUUM}_RETENTION_PERIOD", "90d", "How long runs are kept where that names flow_runs."
    )
