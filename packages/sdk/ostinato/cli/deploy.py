"""`ostinato deploy`: make or change the deployment of a flow in a work pool."""

import os
from pathlib import Path
from typing import Annotated

from ostinato.cli import output
from ostinato.cli.connection import server
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.cli.schedules import AnchorOption, CronOption, IntervalOption, RRuleOption, ZoneOption, schedules
from ostinato.cli.values import json_object, pairs
from ostinato.client.errors import ObjectNotFound
from ostinato.deployments.definition import ConcurrencyLimitConfig, RunnerDeployment
from ostinato.deployments.deploying import fit_to_pool
from ostinato.exceptions import DeploymentApplyError, MissingFlowError, ScriptError
from ostinato.settings import get_current_settings

app = new_app("Make or change the deployment of a flow.")


@app.command()
def deploy(
    entrypoint: Annotated[str, argument(help="Where the flow is: `path.py:flow`.")],
    name: Annotated[str | None, option("-n", "--name", help="Name of the deployment.")] = None,
    pool: Annotated[str | None, option("-p", "--pool", help="Work pool; default: the setting.")] = None,
    queue: Annotated[str | None, option("-q", "--work-queue", help="Queue of the work pool.")] = None,
    description: Annotated[str | None, option("-d", "--description", help="What it is for.")] = None,
    version: Annotated[str | None, option("--version", help="Version; default: that of the flow.")] = None,
    tag: Annotated[list[str] | None, option("-t", "--tag", help="Tag of its runs; repeatable.")] = None,
    job_variable: Annotated[
        list[str] | None, option("--job-variable", "-jv", help="Job variable as key=value or JSON; repeatable.")
    ] = None,
    cron: CronOption = None,
    interval: IntervalOption = None,
    rrule: RRuleOption = None,
    anchor_date: AnchorOption = None,
    timezone: ZoneOption = None,
    param: Annotated[list[str] | None, option("--param", help="Parameter as key=value; repeatable.")] = None,
    params: Annotated[str | None, option("--params", help="Parameters as a JSON object.")] = None,
    concurrency_limit: Annotated[
        int | None, option("--concurrency-limit", "-cl", min=1, help="Runs at once at most.")
    ] = None,
    collision_strategy: Annotated[
        str | None, option("--collision-strategy", help="What becomes of more runs: ENQUEUE or CANCEL_NEW.")
    ] = None,
    image: Annotated[str | None, option("--image", help="Container image that holds the code.")] = None,
    enforce_parameter_schema: Annotated[
        bool, option("--enforce-parameter-schema/--no-enforce-parameter-schema", help="Refuse wrong parameters.")
    ] = True,
) -> None:
    """Make or change the deployment of a flow in a work pool. Workers of the pool run it."""
    if not name:
        output.fail("A deployment name must be provided: --name NAME.")
    if param and params:
        output.fail("Give --param or --params, not both.")
    pool_name = pool or get_current_settings().deployments.default_work_pool_name
    if not pool_name:
        output.fail("A work pool must be provided: --pool NAME, or set OSTINATO_DEPLOYMENTS_DEFAULT_WORK_POOL_NAME.")
    strategy = (collision_strategy or "ENQUEUE").upper()
    if strategy not in ("ENQUEUE", "CANCEL_NEW"):
        output.fail("--collision-strategy is ENQUEUE or CANCEL_NEW.")
    limit = ConcurrencyLimitConfig(concurrency_limit, strategy) if concurrency_limit and collision_strategy else None
    try:
        made = RunnerDeployment.from_entrypoint(
            _relative(entrypoint),
            name,
            schedules=schedules(cron, interval, rrule, anchor_date, timezone) or None,
            parameters=json_object("--params", params) if params else pairs("--param", param or ()),
            description=description,
            version=version,
            tags=tag or [],
            work_queue_name=queue,
            job_variables=pairs("--job-variable", job_variable or ()),
            concurrency_limit=limit or concurrency_limit,
            enforce_parameter_schema=enforce_parameter_schema,
        )
    except (ValueError, ScriptError, MissingFlowError) as error:
        output.fail(str(error))
    _apply(made, pool_name, image)


def _relative(entrypoint: str) -> str:
    """Return the entrypoint with its path relative to the working directory, where workers will go to."""
    path, colon, name = entrypoint.rpartition(":")
    if colon and Path(path).is_absolute() and Path(path).is_relative_to(Path.cwd()):
        return f"{Path(path).relative_to(Path.cwd()).as_posix()}:{name}"
    return entrypoint


def _apply(made: RunnerDeployment, pool_name: str, image: str | None) -> None:
    with server() as client:
        try:
            pool = client.read_work_pool(pool_name)
        except ObjectNotFound:
            output.fail(f"There is no work pool {pool_name!r}. Make it: ostinato work-pool create {pool_name!r}")
        try:
            fit_to_pool(made, pool, image)
            deployment_id = made.apply()
        except (ValueError, DeploymentApplyError) as error:
            output.fail(str(error))
        online = [worker for worker in client.read_workers_for_work_pool(pool.name) if worker.status == "ONLINE"]
    output.succeed(f"Deployment '{made.full_name}' successfully created with id '{deployment_id}'.")
    if made.storage is not None:
        output.say(f"Workers look for its code in {os.fspath(made.storage.destination)}")
    if ui_url := get_current_settings().ui.url:
        output.say(f"View Deployment in UI: {ui_url}/deployments/deployment/{deployment_id}")
    if not online:
        output.say(f"\nNo worker is online. Start one:\n    ostinato worker start --pool {pool.name!r}")
    output.say(f"\nRun it:\n    ostinato deployment run {made.full_name!r}")
