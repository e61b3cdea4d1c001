"""`deploy`: put deployments into a work pool, whose workers run them (sdk.md, 24.2)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato.deployments.applying import apply_plan
from ostinato.engine.drivers import adrive, drive
from ostinato.engine.steps import Plan, Request
from ostinato.exceptions import DeploymentApplyError, ObjectNotFound
from ostinato.runner.storage import LocalStorage
from ostinato.settings import get_current_settings
from ostinato.utilities.dispatch import in_async_code
from ostinato_wire.workers import WorkerFilter, WorkerFilterStatus, WorkerStatus

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.deployments.definition import RunnerDeployment
    from ostinato_wire.work_pools import WorkPool


def deploy(
    *deployments: RunnerDeployment,
    work_pool_name: str | None = None,
    image: str | None = None,
    print_next_steps: bool = True,
    _sync: bool | None = None,
) -> Any:  # Any: the list of ids; an awaitable of it in async code, so that `await deploy(...)` works
    """Make or change deployments in a work pool (default: the setting) and return their ids.

    `image` is the container image, already built and pushed, that pools of containers run. Without one the code must be
    importable (`entrypoint_type="module_path"`), come from a storage (`Flow.from_source`), or, for pools of processes,
    lie in the working directory. Raises ValueError for what does not fit the pool, DeploymentApplyError for a refusal.
    """
    plan = deploy_plan(deployments, work_pool_name, image, print_next_steps)
    if not _sync and in_async_code():
        return adrive(plan)
    return drive(plan)


async def adeploy(
    *deployments: RunnerDeployment,
    work_pool_name: str | None = None,
    image: str | None = None,
    print_next_steps: bool = True,
) -> list[UUID]:
    """Do as `deploy`, in an event loop."""
    return await adrive(deploy_plan(deployments, work_pool_name, image, print_next_steps))


def deploy_plan(
    deployments: tuple[RunnerDeployment, ...], work_pool_name: str | None, image: str | None, print_next_steps: bool
) -> Plan[list[UUID]]:
    """Return the ids. One deployment: its error is raised; several: each error is printed, and then one is raised."""
    name = work_pool_name or get_current_settings().deployments.default_work_pool_name
    if not name:
        raise ValueError(
            "A work pool is needed: give `work_pool_name`, or set OSTINATO_DEPLOYMENTS_DEFAULT_WORK_POOL_NAME."
        )
    try:
        pool: WorkPool = yield Request("read_work_pool", {"name": name})
    except ObjectNotFound:
        raise ValueError(f"There is no work pool {name!r}. Make it: ostinato work-pool create {name!r}") from None
    ids: list[UUID] = []
    failed: list[str] = []
    for deployment in deployments:
        fit_to_pool(deployment, pool, image)
        try:
            ids.append((yield from apply_plan(deployment)))
        except DeploymentApplyError as error:
            if len(deployments) == 1:
                raise
            failed.append(str(error))
    if failed:
        raise DeploymentApplyError("\n".join(failed))
    if print_next_steps:
        yield from _print_next_steps(deployments, pool)
    return ids


def fit_to_pool(deployment: RunnerDeployment, pool: WorkPool, image: str | None) -> None:
    """Fill in what the pool needs. Raises ValueError if its workers could not get at the code."""
    deployment.work_pool_name = pool.name
    if image is not None:
        variables: dict[str, Any] = pool.base_job_template.get("variables", {}).get("properties", {})  # Any: JSON
        if "image" not in variables:
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


def _print_next_steps(deployments: tuple[RunnerDeployment, ...], pool: WorkPool) -> Plan[None]:
    online = WorkerFilter(status=WorkerFilterStatus(any_=[WorkerStatus.ONLINE]))
    workers = yield Request("read_workers_for_work_pool", {"name": pool.name, "worker_filter": online})
    for deployment in deployments:
        print(f"Deployed {deployment.full_name!r} to work pool {pool.name!r}.")  # noqa: T201 - told to the user
    if not workers:
        print(f"No worker is online. Start one: ostinato worker start --pool {pool.name!r}")  # noqa: T201 - as above
    print(f"Run it: ostinato deployment run {deployments[0].full_name!r}" if deployments else "")  # noqa: T201 - as above
