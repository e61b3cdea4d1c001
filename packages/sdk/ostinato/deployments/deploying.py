"""`deploy`: put deployments into a work pool, whose workers run them (sdk.md, 24.2)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato.deployments.applying import apply_plan
from ostinato.deployments.images import DockerImage, as_image
from ostinato.engine.drivers import adrive
from ostinato.engine.steps import Offload, Plan, Request
from ostinato.exceptions import DeploymentApplyError, ObjectNotFound
from ostinato.runner.storage import LocalStorage
from ostinato.settings import get_current_settings
from ostinato.utilities.paired import run
from ostinato_wire.workers import WorkerFilter, WorkerFilterStatus, WorkerStatus

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.deployments.definition import RunnerDeployment
    from ostinato_wire.work_pools import WorkPool

MANAGED = ":managed"
"""End of the types of pools whose server runs the jobs."""


@dataclass(frozen=True)
class DeployOptions:
    """How deployments get into their pool."""

    work_pool_name: str | None = None
    image: str | DockerImage | None = None
    build: bool = True
    push: bool = True
    print_next_steps: bool = True
    ignore_warnings: bool = False


def deploy(
    *deployments: RunnerDeployment,
    work_pool_name: str | None = None,
    image: str | DockerImage | None = None,
    build: bool = True,
    push: bool = True,
    print_next_steps_message: bool = True,
    ignore_warnings: bool = False,
    _sync: bool | None = None,
) -> Any:  # Any: the list of ids; an awaitable of it in async code, so that `await deploy(...)` works
    """Make or change deployments in a work pool (default: the setting) and return their ids.

    `image` is the container image that the pool's workers run. It is built, unless `build` is false, and pushed, unless
    `push` is false; a name that is not built is not pushed either, and a pool that its server manages needs neither.
    Without an image the code must be importable (`entrypoint_type="module_path"`), come from a storage
    (`Flow.from_source`), or, for pools of processes, lie in the working directory. With `ignore_warnings` nothing is
    said about what may not work. Raises ValueError for what does not fit the pool, BuildError and PushError of
    `ostinato.deployments.images`, DeploymentApplyError for a refusal.
    """
    options = DeployOptions(work_pool_name, image, build, push, print_next_steps_message, ignore_warnings)
    return run(deploy_plan(deployments, options), sync=bool(_sync))


async def adeploy(
    *deployments: RunnerDeployment,
    work_pool_name: str | None = None,
    image: str | DockerImage | None = None,
    build: bool = True,
    push: bool = True,
    print_next_steps_message: bool = True,
    ignore_warnings: bool = False,
) -> list[UUID]:
    """Do as `deploy`, in an event loop."""
    options = DeployOptions(work_pool_name, image, build, push, print_next_steps_message, ignore_warnings)
    return await adrive(deploy_plan(deployments, options))


def deploy_plan(deployments: tuple[RunnerDeployment, ...], options: DeployOptions) -> Plan[list[UUID]]:
    """Return the ids. One deployment: its error is raised; several: all are tried before those are raised."""
    pool = yield from _pool(options.work_pool_name)
    image = as_image(options.image) if options.image is not None and options.build else options.image
    reference = image if isinstance(image, str) or image is None else image.reference
    for deployment in deployments:
        fit_to_pool(deployment, pool, reference)
        if not options.ignore_warnings:
            _warn(deployment)
    if isinstance(image, DockerImage) and not pool.type.endswith(MANAGED):
        if options.build:
            yield Offload(image.build)
        if options.push:
            yield Offload(image.push)
    ids: list[UUID] = []
    problems: dict[str, str] = {}
    for deployment in deployments:
        try:
            ids.append((yield from apply_plan(deployment)))
        except DeploymentApplyError as error:
            if len(deployments) == 1:
                raise
            problems[deployment.full_name] = str(error)
    if options.print_next_steps:
        yield from _print_next_steps(deployments, pool, problems)
    if problems:
        raise DeploymentApplyError("\n".join(problems.values()))
    return ids


def _pool(given: str | None) -> Plan[WorkPool]:
    name = given or get_current_settings().deployments.default_work_pool_name
    if not name:
        raise ValueError(
            "A work pool is needed: give `work_pool_name`, or set OSTINATO_DEPLOYMENTS_DEFAULT_WORK_POOL_NAME."
        )
    try:
        return (yield Request("read_work_pool", {"name": name}))
    except ObjectNotFound:
        raise ValueError(f"There is no work pool {name!r}. Make it: ostinato work-pool create {name!r}") from None


def _warn(deployment: RunnerDeployment) -> None:
    if deployment.entrypoint is None:
        warnings.warn(
            f"{deployment.full_name!r} has no entrypoint: no worker finds a flow that is made within a function.",
            stacklevel=2,
        )


def fit_to_pool(deployment: RunnerDeployment, pool: WorkPool, image: str | None) -> None:
    """Fill in what the pool needs. Raises ValueError if its workers could not get at the code."""
    deployment.work_pool_name = pool.name
    if image is not None:
        if not takes_images(pool):
            raise ValueError(
                f"Work pool {pool.name!r} of type {pool.type!r} has no variable `image`; leave `image` out."
            )
        deployment.job_variables["image"] = image
        return
    if deployment.storage is not None or deployment.path is None:
        return
    if pool.type != "process":
        raise ValueError(
            f"Workers of the pool {pool.name!r} do not see this machine's files: give an `image`, or deploy a flow of "
            "`Flow.from_source(...)`."
        )
    deployment.storage = LocalStorage(Path.cwd())
    deployment.pull_steps = [deployment.storage.to_pull_step()]
    deployment.path = None


def takes_images(pool: WorkPool) -> bool:
    """Whether the pool's jobs have a variable `image`."""
    variables: dict[str, Any] = pool.base_job_template.get("variables", {}).get("properties", {})  # Any: JSON
    return "image" in variables


def _print_next_steps(
    deployments: tuple[RunnerDeployment, ...], pool: WorkPool, problems: dict[str, str]
) -> Plan[None]:
    online = WorkerFilter(status=WorkerFilterStatus(any_=[WorkerStatus.ONLINE]))
    workers = yield Request("read_workers_for_work_pool", {"name": pool.name, "worker_filter": online})
    _print_table(deployments, problems)
    good = [deployment.full_name for deployment in deployments if deployment.full_name not in problems]
    if not good:
        return
    lines = [] if workers else [f"No worker is online. Start one: ostinato worker start --pool {pool.name!r}"]
    print("\n".join([*lines, f"Run it: ostinato deployment run {good[0]!r}"]))  # noqa: T201 - told to the user


def _print_table(deployments: tuple[RunnerDeployment, ...], problems: dict[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Deployments", show_lines=True)
    for column in ("Name", "Status", "Details"):
        table.add_column(column, overflow="fold")
    for deployment in deployments:
        problem = problems.get(deployment.full_name)
        status = "[red]failed[/red]" if problem else "[green]applied[/green]"
        table.add_row(deployment.full_name, status, problem or "")
    Console(highlight=False).print(table)
