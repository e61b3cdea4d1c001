"""`ostinato work-pool`: where workers find the runs that they are to start."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from ostinato.cli import output, runs
from ostinato.cli.connection import expecting, server
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.cli.values import json_object
from ostinato.client.errors import ObjectAlreadyExists
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.settings import get_current_settings
from ostinato.workers import find_worker_class
from ostinato_wire.work_pools import WorkPool, WorkPoolCreate, WorkPoolUpdate

app = new_app("Make, look at, pause and delete work pools.")

Name = Annotated[str, argument(help="Name of the work pool.")]
PAGE = 200


@app.command()
def create(
    name: Name,
    type_: Annotated[str, option("-t", "--type", help="What runs are started as: process, docker ...")] = "process",
    base_job_template: Annotated[
        Path | None, option("--base-job-template", help="JSON file; default: the template of the type.")
    ] = None,
    description: Annotated[str | None, option("--description", help="What it is for.")] = None,
    concurrency_limit: Annotated[int | None, option("--concurrency-limit", min=0, help="Runs at once at most.")] = None,
    paused: Annotated[bool, option("--paused", help="Start no run before it is resumed.")] = False,
    overwrite: Annotated[bool, option("--overwrite", help="Change one that exists.")] = False,
) -> None:
    """Make a work pool."""
    with server() as client:
        template = (
            json_object("--base-job-template", base_job_template.read_text())
            if base_job_template is not None
            else _template_of(client, type_)
        )
        body = WorkPoolCreate(
            name=name,
            type=type_,
            base_job_template=template,
            is_paused=paused,
            description=description,
            concurrency_limit=concurrency_limit,
        )
        try:
            pool = client.create_work_pool(body)
        except ObjectAlreadyExists:
            if not overwrite:
                output.fail(f"Work pool '{name}' already exists; --overwrite changes it.")
            client.update_work_pool(
                name,
                WorkPoolUpdate(
                    base_job_template=template,
                    is_paused=paused,
                    description=description,
                    concurrency_limit=concurrency_limit,
                ),
            )
            output.succeed(f"Updated work pool '{name}'!")
            return
    output.succeed(f"Created work pool '{pool.name}'!")
    output.say(f"\nStart a worker for it:\n    ostinato worker start --pool '{pool.name}'")
    output.say(f"\n  UUID: {pool.id}\n  Type: {pool.type}")
    if ui_url := get_current_settings().ui.url:
        output.say(f"  URL: {ui_url}/work-pools/work-pool/{pool.name}")


def _template_of(client: SyncOstinatoClient, type_: str) -> dict[str, Any]:  # Any: JSON values
    """Return the template of a type: of a worker that is installed, else as the server knows it."""
    worker_class = find_worker_class(type_)
    if worker_class is not None:
        return worker_class.default_base_job_template()
    known: dict[str, Any] = {}
    for collection in client.read_worker_metadata().values():
        known |= collection
    if type_ not in known:
        output.fail(f"Unknown work pool type '{type_}'. Choose from: {', '.join(sorted(known))}.")
    return known[type_].get("default_base_job_configuration") or {}


@app.command("ls")
def list_pools(
    verbose: Annotated[bool, option("-v", "--verbose", help="Show the job templates, too.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """List work pools, the newest first."""
    with server() as client:
        found = sorted(client.read_work_pools(limit=PAGE), key=_created, reverse=True)
    if as_json:
        output.print_json([runs.json_of(pool) for pool in found])
        return
    rows = [_row(pool, verbose) for pool in found]
    columns = ["Name", "Type", "ID", "Concurrency Limit", *(["Base Job Template"] if verbose else [])]
    output.print_table("Work Pools", columns, rows)
    if any(pool.is_paused for pool in found):
        output.say("(**) denotes a paused pool")


def _created(pool: WorkPool) -> datetime:
    return pool.created or datetime.min.replace(tzinfo=UTC)


def _row(pool: WorkPool, verbose: bool) -> list[str]:
    name = f"{pool.name} (**)" if pool.is_paused else pool.name
    limit = "" if pool.concurrency_limit is None else str(pool.concurrency_limit)
    cells = [output.plain(name), pool.type, str(pool.id), limit]
    return [*cells, output.plain(pool.base_job_template)] if verbose else cells


@app.command()
def inspect(name: Name, as_json: output.OutputOption = None) -> None:
    """Show a work pool with all its members."""
    with server() as client, expecting("Work pool", name):
        pool = client.read_work_pool(name)
    runs.show_object(pool, as_json)


@app.command()
def pause(name: Name) -> None:
    """Start no more runs of a pool."""
    _update(name, WorkPoolUpdate(is_paused=True), f"Paused work pool '{name}'")


@app.command()
def resume(name: Name) -> None:
    """Start runs of a pool again."""
    _update(name, WorkPoolUpdate(is_paused=False), f"Resumed work pool '{name}'")


@app.command("set-concurrency-limit")
def set_concurrency_limit(name: Name, limit: Annotated[int, argument(min=0, help="Runs at once at most.")]) -> None:
    """Limit how many runs of a pool run at once."""
    _update(name, WorkPoolUpdate(concurrency_limit=limit), f"Set concurrency limit for work pool '{name}' to {limit}")


@app.command("clear-concurrency-limit")
def clear_concurrency_limit(name: Name) -> None:
    """Let any number of runs of a pool run at once."""
    _update(name, WorkPoolUpdate(concurrency_limit=None), f"Cleared concurrency limit for work pool '{name}'")


def _update(name: str, body: WorkPoolUpdate, told: str) -> None:
    with server() as client, expecting("Work pool", name):
        client.update_work_pool(name, body)
    output.succeed(told)


@app.command()
def delete(name: Name) -> None:
    """Delete a work pool with its queues."""
    output.confirm(f"Delete work pool '{name}'?")
    with server() as client, expecting("Work pool", name):
        client.delete_work_pool(name)
    output.succeed(f"Deleted work pool '{name}'")


@app.command()
def preview(
    name: Name,
    hours: Annotated[float, option("-h", "--hours", min=0, help="How many hours ahead.")] = 1,
    as_json: output.OutputOption = None,
) -> None:
    """List the runs of a pool that are due soon."""
    now = datetime.now(UTC)
    with server() as client, expecting("Work pool", name):
        found = client.get_scheduled_flow_runs_for_work_pool(name, scheduled_before=now + timedelta(hours=hours))
    flow_runs = sorted((item.flow_run for item in found), key=lambda run: run.expected_start_time or now)
    if as_json:
        output.print_json([runs.json_of(run) for run in flow_runs])
        return
    if not flow_runs:
        output.warn(f"No runs of work pool '{name}' are due within {hours:g} hour(s).")
        return
    rows = [
        (
            output.relative(run.expected_start_time) + (" (**)" if (run.expected_start_time or now) < now else ""),
            str(run.id),
            output.plain(run.name),
            str(run.deployment_id or ""),
        )
        for run in flow_runs
    ]
    output.print_table("Scheduled Flow Runs", ["Scheduled Start Time", "ID", "Name", "Deployment ID"], rows)
