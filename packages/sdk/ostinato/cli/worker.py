"""`ostinato worker`: start the runs of a work pool."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ostinato.cli import output
from ostinato.cli.lazy import new_app
from ostinato.cli.params import option
from ostinato.cli.worker_library import InstallPolicy, ensure_library
from ostinato.client import get_client
from ostinato.client.errors import ObjectNotFound, OstinatoHTTPStatusError
from ostinato.settings import get_current_settings
from ostinato.workers import find_worker_class, worker_types

if TYPE_CHECKING:
    from ostinato.client.orchestration import OstinatoClient
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
    install_policy: Annotated[
        InstallPolicy, option("--install-policy", help="When a library that the worker needs is installed.")
    ] = InstallPolicy.PROMPT,
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
    chosen = worker_type or asyncio.run(_discover(pool, queues or [], create_pool))
    worker_class = find_worker_class(chosen)
    if worker_class is None:
        output.fail(f"No worker of type {chosen!r} is installed. Choose from: {', '.join(worker_types())}.")
    ensure_library(chosen, install_policy)
    template = _read_template(base_job_template)
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


def _read_template(path: Path | None) -> dict[str, Any] | None:  # Any: JSON
    if path is None:
        return None
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        output.fail(f"The base job template {str(path)!r} cannot be read: {error}")


async def _discover(pool_name: str, queues: list[str], create_pool: bool) -> str:
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
            paused = [name for name in queues if await _is_paused(client, pool_name, name)]
    except OstinatoHTTPStatusError as error:
        output.fail(f"The server refused: {error}")
    except OSError as error:
        output.fail(f"The server cannot be reached ({error}). To start all the same, give the worker's --type.")
    _check(pool)
    for name in paused:
        output.warn(f"Work queue {name!r} is paused: none of its runs is started until it is resumed.")
    output.say(f"Discovered type {pool.type!r} for work pool {pool.name!r}.")
    return pool.type


async def _is_paused(client: "OstinatoClient", pool_name: str, queue: str) -> bool:
    try:
        return (await client.read_work_queue_by_name(queue, pool_name)).is_paused
    except ObjectNotFound:  # the worker makes it
        return False


def _check(pool: "WorkPool") -> None:
    if pool.type.endswith(SERVERLESS):
        output.fail(f"Work pool {pool.name!r} is of type {pool.type!r}: its runs need no worker.")
    if pool.is_paused:
        output.warn(f"Work pool {pool.name!r} is paused: no run is started until it is resumed.")


async def _work(worker: "BaseWorker[Any]", run_once: bool, with_healthcheck: bool) -> None:  # Any: its configuration
    async with AsyncExitStack() as stack:
        if with_healthcheck:
            from ostinato.utilities.probes import health, probe_server

            where = get_current_settings().worker.webserver
            answers = {("GET", "/health"): lambda: health(worker.is_healthy, "Worker")}
            await stack.enter_async_context(probe_server(answers, where.host, where.port))
        try:
            async with worker:
                await worker.start(run_once, lambda: output.succeed(f"Worker '{worker.name}' started!"))
        except ObjectNotFound:
            output.fail(f"Work pool {worker.work_pool_name!r} does not exist.")
    output.succeed(f"Worker '{worker.name}' stopped!")
