"""`RunnerDeployment`: a deployment as it stands in code, before the server is told of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, Unpack, cast

from ostinato.deployments.entrypoints import file_entrypoint, load_flow, module_entrypoint
from ostinato.deployments.parameter_schema import parameter_schema
from ostinato.schedules import Cron, Interval, RRule, Schedule
from ostinato.utilities.annotations import freeze

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from ostinato.flows import Flow
    from ostinato.runner.storage import CodeStorage
    from ostinato_wire.base import JsonObject
    from ostinato_wire.crash_retries import RetryOnCrash
    from ostinato_wire.slas import SlaTypes

# Any below: JSON values, and flows of whatever type.

FILE_PATH: Literal["file_path"] = "file_path"
MODULE_PATH: Literal["module_path"] = "module_path"
EntrypointType = Literal["file_path", "module_path"]


@dataclass(frozen=True)
class ConcurrencyLimitConfig:
    """How many runs of a deployment run at once, and what becomes of one more; the grace period is in seconds."""

    limit: int
    collision_strategy: Literal["ENQUEUE", "CANCEL_NEW"] = "ENQUEUE"
    grace_period_seconds: int | None = None


class ServeOptions(TypedDict, total=False):
    """Keywords of `serve` and `deploy`. Of the five kinds of schedules one may be given.

    `interval` in seconds or as timedelta, `cron` and `rrule` as text; each may be a list. `parameters` are those that
    runs have unless they are given others. `triggers` are mappings or models; each becomes an automation that makes a
    run. `version_type` says where the version comes from (`vcs:github`, `vcs:git`, `prefect:simple`...); by default
    the first that fits. `max_queued` and `retry_on_crash` bound the runs that wait and run crashed ones again; servers
    of the reference ignore both. `_sla` is one or a list of the agreements of `ostinato.slas`, as models or mappings:
    the deployment has these then, and no others. None leaves those that it has. Servers of the reference keep none.
    """

    interval: timedelta | float | list[timedelta | float] | None
    cron: str | list[str] | None
    rrule: str | list[str] | None
    timezone: str | None
    anchor_date: datetime | None
    schedule: Schedule | None
    schedules: list[Schedule] | None
    paused: bool | None
    concurrency_limit: int | ConcurrencyLimitConfig | None
    triggers: Sequence[object] | None
    parameters: dict[str, Any] | None
    description: str | None
    tags: list[str] | None
    version: str | None
    version_type: str | None
    enforce_parameter_schema: bool
    work_queue_name: str | None
    job_variables: dict[str, Any] | None
    entrypoint_type: EntrypointType
    max_queued: int | None
    retry_on_crash: RetryOnCrash | dict[str, Any] | None
    _sla: object


class DeploymentOptions(ServeOptions, total=False):
    """Keywords of `to_deployment`: those of `ServeOptions`, and the work pool."""

    work_pool_name: str | None


@dataclass(kw_only=True)
class RunnerDeployment:
    """A deployment: `await deployment.aapply()` or `deployment.apply()` tells the server of it.

    `schedules` of None leaves those that the server has; an empty list, too, as with the reference.
    """

    name: str
    flow_name: str
    entrypoint: str | None
    parameter_openapi_schema: JsonObject
    schedules: list[Schedule] | None = None
    paused: bool | None = None
    concurrency_limit: int | None = None
    collision_strategy: str | None = None
    grace_period_seconds: int | None = None
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    description: str | None = None
    tags: list[str] = field(default_factory=list[str])
    version: str | None = None
    version_type: str | None = None
    triggers: list[object] = field(default_factory=list[object])
    enforce_parameter_schema: bool = True
    work_pool_name: str | None = None
    work_queue_name: str | None = None
    job_variables: dict[str, Any] = field(default_factory=dict[str, Any])
    max_queued: int | None = None
    retry_on_crash: RetryOnCrash | dict[str, Any] | None = None
    slas: list[SlaTypes] | None = None
    path: str | None = "."
    pull_steps: list[JsonObject] | None = None
    flow: Flow[..., Any] | None = field(default=None, repr=False)
    storage: CodeStorage | None = field(default=None, repr=False)

    @property
    def full_name(self) -> str:
        """`flow/deployment`."""
        return f"{self.flow_name}/{self.name}"

    @classmethod
    def from_flow(cls, flow: Flow[..., Any], name: str, **options: Unpack[DeploymentOptions]) -> Self:
        """Return a deployment of a flow. Raises ValueError for options that exclude each other."""
        from ostinato.deployments.steps.running import as_steps

        unknown = options.keys() - DeploymentOptions.__optional_keys__
        if unknown:
            raise TypeError(
                f"Unknown options {sorted(unknown)}; there are {sorted(DeploymentOptions.__optional_keys__)}."
            )
        _check_blocks(options.get("parameters") or {})
        parameters, schema = _frozen(options.get("parameters") or {}, parameter_schema(flow.fn, flow.signature))
        limit = options.get("concurrency_limit")
        config = ConcurrencyLimitConfig(limit) if isinstance(limit, int) else limit
        storage = flow.storage
        by_module = options.get("entrypoint_type", FILE_PATH) == MODULE_PATH
        entrypoint = flow.source_entrypoint or (module_entrypoint(flow) if by_module else file_entrypoint(flow))
        return cls(
            name=checked_name(name),
            flow_name=flow.name,
            entrypoint=entrypoint,
            parameter_openapi_schema=schema,
            schedules=schedules_from(options),
            paused=options.get("paused"),
            concurrency_limit=config.limit if config else None,
            collision_strategy=config.collision_strategy
            if config and isinstance(limit, ConcurrencyLimitConfig)
            else None,
            grace_period_seconds=config.grace_period_seconds if config else None,
            parameters=flow.serialize_parameters(parameters),
            description=options.get("description") or flow.description,
            tags=list(options.get("tags") or ()),
            version=options.get("version") or flow.version,
            version_type=options.get("version_type"),
            triggers=list(options.get("triggers") or ()),
            enforce_parameter_schema=options.get("enforce_parameter_schema", True),
            work_pool_name=options.get("work_pool_name"),
            work_queue_name=options.get("work_queue_name"),
            job_variables=dict(options.get("job_variables") or {}),
            max_queued=options.get("max_queued"),
            retry_on_crash=options.get("retry_on_crash"),
            slas=_slas(options.get("_sla")),
            path=None if storage is not None or by_module else ".",
            pull_steps=as_steps(storage.to_pull_step()) if storage is not None else None,
            flow=flow,
            storage=storage,
        )

    @classmethod
    def from_entrypoint(cls, entrypoint: str, name: str, **options: Unpack[DeploymentOptions]) -> Self:
        """Return a deployment of the flow at `path.py:flow`. Raises as `entrypoints.load_flow` does."""
        made = cls.from_flow(load_flow(entrypoint), name, **options)
        made.entrypoint = entrypoint
        return made

    @classmethod
    def from_storage(
        cls, storage: CodeStorage, entrypoint: str, name: str, **options: Unpack[DeploymentOptions]
    ) -> Self:
        """Return a deployment of the flow at `entrypoint` of a storage, fetched now to be looked at.

        Raises ValueError, RuntimeError if it cannot be fetched, or as `entrypoints.load_flow` does.
        """
        from ostinato.deployments.sources import load_from

        return cls.from_flow(load_from(storage, entrypoint), name, **options)

    @classmethod
    async def afrom_storage(
        cls, storage: CodeStorage, entrypoint: str, name: str, **options: Unpack[DeploymentOptions]
    ) -> Self:
        """Do as `from_storage`, in an event loop."""
        from ostinato.deployments.sources import aload_from

        return cls.from_flow(await aload_from(storage, entrypoint), name, **options)

    def apply(self) -> UUID:
        """Make the deployment on the server, or change it; return its id. Raises DeploymentApplyError."""
        from ostinato.deployments.applying import apply_plan
        from ostinato.engine.drivers import drive

        return drive(apply_plan(self))

    async def aapply(self) -> UUID:
        """Do the same in an event loop."""
        from ostinato.deployments.applying import apply_plan
        from ostinato.engine.drivers import adrive

        return await adrive(apply_plan(self))


def checked_name(name: str) -> str:
    """Return the name of a deployment; of a script's path its stem. Raises ValueError."""
    from pathlib import PurePath

    if name.endswith(".py"):
        name = PurePath(name).stem
    if not name or set(name) & set("/%&><"):
        raise ValueError(f"Deployment name {name!r} is empty or has one of the characters / % & > <; choose another.")
    return name


def schedules_from(options: DeploymentOptions) -> list[Schedule] | None:
    """Return the schedules that the keywords stand for; None if there are none. Raises ValueError for two kinds."""
    kinds = ("interval", "cron", "rrule", "schedule", "schedules")
    given = [kind for kind in kinds if options.get(kind) is not None]
    if len(given) > 1:
        raise ValueError(f"Give one kind of schedules, not {' and '.join(given)}; several go into `schedules`.")
    zone = options.get("timezone")
    if not given:
        return None
    match given[0]:
        case "interval":
            spans = cast("list[timedelta | float]", _listed(options.get("interval")))
            return [Interval(span, timezone=zone, anchor_date=options.get("anchor_date")) for span in spans]
        case "cron":
            return [Cron(text, timezone=zone) for text in cast("list[str]", _listed(options.get("cron")))]
        case "rrule":
            return [RRule(text, timezone=zone) for text in cast("list[str]", _listed(options.get("rrule")))]
        case "schedule":
            return [cast("Schedule", options.get("schedule"))]
        case _:
            return list(options.get("schedules") or ())


def _check_blocks(parameters: dict[str, Any]) -> None:
    """Raise BlockNotSavedError for a parameter that is a block which no server keeps."""
    from ostinato.exceptions import BlockNotSavedError

    core = sys.modules.get("ostinato.blocks.core")  # where it was never imported there is no block
    for name, value in parameters.items():
        if core is not None and isinstance(value, core.Block) and value.document().id is None:
            raise BlockNotSavedError(
                f"Parameter {name!r} is a {type(value).__name__} block that is not saved: call `save('name')` first."
            )


def _slas(given: object) -> list[SlaTypes] | None:
    if given is None:
        return None
    from ostinato.slas import slas_of

    return slas_of(given)


def _listed(value: object) -> list[Any]:
    return list(cast("list[Any]", value)) if isinstance(value, (list, tuple)) else [value]


def _frozen(parameters: dict[str, Any], schema: JsonObject) -> tuple[dict[str, Any], JsonObject]:
    """Return the parameters without `freeze`, and the schema in which frozen ones have one possible value."""
    plain: dict[str, Any] = {}
    for name, value in parameters.items():
        plain[name] = value
        if isinstance(value, freeze):
            plain[name] = cast("freeze[Any]", value).unwrap()
            property_ = schema["properties"].get(name)
            if property_ is not None:
                property_ |= {"readOnly": True, "enum": [plain[name]]}
    return plain, schema
