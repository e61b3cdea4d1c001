"""One deployment of a project file: its members, checked, and what they stand for."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, cast

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from ostinato.deployments.definition import ConcurrencyLimitConfig
from ostinato.deployments.project.file import ProjectFileError
from ostinato.deployments.templates import MISSING, fill
from ostinato.schedules import Schedule
from ostinato_wire.base import JsonObject
from ostinato_wire.crash_retries import RetryOnCrash

# Any below: values of JSON and YAML.

_CLOCK = re.compile(r"^(?:(\d+) days?, )?(\d+):([0-5]?\d):([0-5]?\d(?:\.\d+)?)$")


def _as_span(value: Any) -> Any:
    """Return the time in seconds, or as `h:m:s`, as a timedelta; pydantic reads ISO 8601."""
    if isinstance(value, str) and (found := _CLOCK.match(value.strip())):
        days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return value


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_as_text)]
"""A text; YAML reads `1.2` as a number."""


class ScheduleEntry(BaseModel):
    """When runs are made: exactly one of `cron`, `interval` and `rrule`; other members are refused."""

    model_config = ConfigDict(extra="forbid")

    cron: str | None = None
    interval: Annotated[timedelta, BeforeValidator(_as_span)] | None = None
    rrule: str | None = None
    timezone: str | None = None
    anchor_date: datetime | None = None
    day_or: bool = True
    active: bool | None = None
    parameters: JsonObject = Field(default_factory=dict)
    slug: Text | None = None
    replaces: Text | None = None
    max_scheduled_runs: int | None = None
    catchup: Literal["all", "latest", "none"] | None = None
    max_late_seconds: float | None = None

    @field_validator("day_or", "parameters", mode="before")
    @classmethod
    def _default_of_null(cls, value: Any, info: Any) -> Any:
        return cls.model_fields[info.field_name].get_default(call_default_factory=True) if value is None else value

    @model_validator(mode="after")
    def _read_rrule(self) -> ScheduleEntry:
        """Let an rrule be JSON with its own time zone, as the command line has it."""
        if self.rrule and self.rrule.lstrip().startswith("{"):
            try:
                given: JsonObject = orjson.loads(self.rrule)
            except orjson.JSONDecodeError as error:
                raise ValueError(f"`rrule` is no JSON: {error}") from None
            self.rrule, self.timezone = given.get("rrule"), given.get("timezone") or self.timezone
        self.to_schedule()
        return self

    def to_schedule(self) -> Schedule:
        """Return the schedule. Raises ValueError for none or several kinds, or values that make none."""
        return Schedule(**{name: getattr(self, name) for name in type(self).model_fields})


class ConcurrencyEntry(BaseModel):
    """How many runs at once, and what becomes of one more."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(gt=0)]
    collision_strategy: Literal["ENQUEUE", "CANCEL_NEW"] | None = None
    grace_period_seconds: int | None = None


class WorkPoolEntry(BaseModel):
    """Where runs go."""

    name: Text | None = None
    work_queue_name: Text | None = None
    job_variables: JsonObject = Field(default_factory=dict)

    @field_validator("job_variables", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return {} if value is None else value


class DeploymentEntry(BaseModel):
    """A deployment as the file has it; members that are not known are ignored."""

    name: Text | None = None
    entrypoint: str | None = None
    flow_name: str | None = None
    version: Text | None = None
    version_type: str | None = None
    tags: list[Text] = Field(default_factory=list[str])
    description: Text | None = None
    parameters: JsonObject = Field(default_factory=dict)
    enforce_parameter_schema: bool = True
    paused: bool | None = None
    schedules: list[ScheduleEntry] | None = None
    concurrency_limit: Annotated[int, Field(gt=0)] | ConcurrencyEntry | None = None
    triggers: list[JsonObject] = Field(default_factory=list[JsonObject])
    sla: list[JsonObject] | None = None
    work_pool: WorkPoolEntry = Field(default_factory=WorkPoolEntry)
    max_queued: Annotated[int, Field(gt=0)] | None = None
    retry_on_crash: RetryOnCrash | None = None

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        """Leave out what says nothing; read the former `schedule`, and one tag or trigger without a list."""
        if not isinstance(given, dict):
            return given  # pyright: ignore[reportUnknownVariableType] - refused by pydantic
        entry = {name: value for name, value in cast("JsonObject", given).items() if value is not None}
        if "schedule" in entry and "schedules" in entry:
            raise ValueError("Give `schedules` or the former `schedule`, not both.")
        if "schedule" in entry:
            entry["schedules"] = [entry.pop("schedule")] if entry["schedule"] else []
        if isinstance(entry.get("tags"), str):
            entry["tags"] = [tag.strip() for tag in entry["tags"].split(",") if tag.strip()]
        for name in ("schedules", "triggers", "sla"):
            if isinstance(entry.get(name), dict):
                entry[name] = [entry[name]]
        return entry

    def limit(self) -> int | ConcurrencyLimitConfig | None:
        """Return the concurrency limit as deployments take it."""
        if not isinstance(self.concurrency_limit, ConcurrencyEntry):
            return self.concurrency_limit
        given = self.concurrency_limit
        if given.collision_strategy is None and given.grace_period_seconds is None:
            return given.limit
        return ConcurrencyLimitConfig(given.limit, given.collision_strategy or "ENQUEUE", given.grace_period_seconds)


def read_entry(entry: JsonObject) -> DeploymentEntry:
    """Return a deployment whose templates are filled. Raises ProjectFileError with one line for each wrong member."""
    try:
        return DeploymentEntry.model_validate(entry)
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, item['loc'])) or 'deployment'}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors()
        ]
        name = entry.get("name") or "without a name"
        raise ProjectFileError("\n".join([f"The deployment {name!r} is not valid:", *lines])) from None


def check_entry(entry: JsonObject) -> None:
    """Raise ProjectFileError for what is wrong whatever its templates come to: before anything is built."""
    plain: JsonObject = {
        name: value for name, value in fill(entry, lambda _: MISSING).items() if name not in ("build", "push", "pull")
    }
    read_entry(plain)
