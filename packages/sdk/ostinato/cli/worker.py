"""`ostinato worker`: start the runs of a work pool."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ostinato.cli import output
from ostinato.cli.lazy import new_app
from ostinato.cli.params import option
from ostinato.client import get_client
from ostinato.client.errors import ObjectNotFound, OstinatoHTTPStatusError
from ostinato.settings import get_current_settings
from ostinato.workers import find_worker_class, worker_types

if TYPE_CHECKING:
    from ostinato.workers.base import BaseWorker
    from ostinato_wire.work_pools import WorkPool

app = new_app("Start the runs of a work pool.")

DEFAULT_TYPE = "process"
SERVERLESS = (":push", ":managed")


@app.callback()
def group() -> None:
    """Start the runs of a work pool."""


@app.command()
def start(
    pool: Annotated[str, option("-p", "--pool", help="Work pool to take runs of.")],
    name: Annotated[str | None, option("-n", "--name", help="Name of the worker.")] = None,
    queues: Annotated[list[str] | None, option("-q", "--work-queue", help="Only of these queues; repeatable.")] = None,
    worker_type: Annotated[str | None, option("-t", "--type", help="Type of the worker; default: the pool's.")] = None,
    prefetch_seconds: Annotated[
        float | None, option("--prefetch-seconds", min=0, help="Seconds before it is due that a run is taken.")
    ] = None,
    run_once: Annotated[bool, option("--run-once", help="Ask once, wait for the runs found, and end.")] = False,
    limit: Annotated[int | None, option("-l", "--limit", min=1, help="Runs at once at most.")] = None,
    with_healthcheck: Annotated[bool, option("--with-healthcheck", help="Serve GET /health for probes.")] = False,
    base_job_template: Annotated[
        Path | None, option("--base-job-template", help="JSON file: template of a pool that is made.")
    ] = None,
    create_pool: Annotated[
        bool, option("--create-pool-if-not-found/--no-create-pool-if-not-found", help="Make a missing pool.")
    ] = True,
) -> None:
    """Take the due runs of a work pool and start each, until Ctrl-C or SIGTERM."""
    if get_current_settings().api.url is None:
        output.fail("A worker needs a server that goes on: set OSTINATO_API_URL, e.g. by `ostinato config set`.")
    chosen = worker_type or asyncio.run(_discover(pool, create_pool))
    worker_class = find_worker_class(chosen)
    if worker_class is None:
        output.fail(f"No worker of type {chosen!r} is installed. Choose from: {', '.join(worker_types())}.")
    template = json.loads(base_job_template.read_text()) if base_job_template is not None else None
    try:
        worker = worker_class(
            pool,
            queues,
            name=name,
            prefetch_seconds=prefetch_seconds,
            create_pool_if_not_found=create_pool,
            limit=limit,
            base_job_template=template,
        )
    except (ValueError, ModuleNotFoundError) as error:
        output.fail(str(error))
    asyncio.run(_work(worker, run_once, with_healthcheck))


async def _discover(pool_name: str, create_pool: bool) -> str:
    """Return the type of worker that the pool wants; tell what is unusual about it."""
    try:
        async with get_client() as client:
            try:
                pool = await client.read_work_pool(pool_name)
            except ObjectNotFound:
                if not create_pool:
                    output.fail(
                        f"Work pool {pool_name!r} does not exist. Make it: ostinato work-pool create {pool_name!r}"
                    )
                output.warn(f"Work pool {pool_name!r} does not exist: it is made for a worker of type 'process'.")
                return DEFAULT_TYPE
    except OstinatoHTTPStatusError as error:
        output.fail(f"The server refused: {error}")
    except OSError as error:
        output.fail(f"The server cannot be reached ({error}). To start all the same, give the worker's --type.")
    _check(pool)
    output.say(f"Discovered type {pool.type!r} for work pool {pool.name!r}.")
    return pool.type


def _check(pool: "WorkPool") -> None:
    if pool.type.endswith(SERVERLESS):
        output.fail(f"Work pool {pool.name!r} is of type {pool.type!r}: its runs need no worker.")
    if pool.is_paused:
        output.warn(f"Work pool {pool.name!r} is paused: no run is started until it is resumed.")


async def _work(worker: "BaseWorker[Any]", run_once: bool, with_healthcheck: bool) -> None:  # Any: its configuration
    async with AsyncExitStack() as stack:
        if with_healthcheck:
            from ostinato.utilities.status_server import health, status_server

            where = get_current_settings().worker.webserver
            answers = {("GET", "/health"): lambda: health(worker.is_healthy, "Worker")}
            await stack.enter_async_context(status_server(answers, where.host, where.port))
        try:
            async with worker:
                await worker.start(run_once, lambda: output.succeed(f"Worker '{worker.name}' started!"))
        except ObjectNotFound:
            output.fail(f"Work pool {worker.work_pool_name!r} does not exist.")
    output.succeed(f"Worker '{worker.name}' stopped!")
