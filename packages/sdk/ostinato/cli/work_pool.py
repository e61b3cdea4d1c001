"""`ostinato work-pool`: where workers find the runs that they are to start."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

from ostinato.cli import completing, due, output, runs, work_pool_storage
from ostinato.cli import slots as slots_of
from ostinato.cli.config import save_setting
from ostinato.cli.connection import expecting, server, ui_page
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.cli.values import json_object
from ostinato.client.errors import ObjectNotFound
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.client.paging import every
from ostinato.workers import find_worker_class, worker_types
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.work_pools import WorkPool, WorkPoolCreate, WorkPoolUpdate

app = new_app("Make, look at, pause and delete work pools.")

app.add_typer(work_pool_storage.app, name="storage")

Name = work_pool_storage.Name
TypeOption = Annotated[str | None, option("-t", "--type", help="What runs are started as: process, docker ...")]
TemplateOption = Annotated[
    Path | None, option("--base-job-template", exists=True, dir_okay=False, help="JSON file with the template.")
]


@app.command()
def create(
    name: Annotated[str, argument(help="Name of the work pool.")],
    type_: TypeOption = None,
    base_job_template: TemplateOption = None,
    description: Annotated[str | None, option("--description", help="What it is for.")] = None,
    concurrency_limit: Annotated[int | None, option("--concurrency-limit", min=0, help="Runs at once at most.")] = None,
    paused: Annotated[bool, option("--paused", help="Start no run before it is resumed.")] = False,
    set_as_default: Annotated[
        bool, option("--set-as-default", help="Deploy to it unless told otherwise, with the profile in force.")
    ] = False,
    provision: Annotated[
        bool, option("--provision-infra", "--provision-infrastructure", help="Of push pools only.")
    ] = False,
    overwrite: Annotated[bool, option("--overwrite", help="Change one that exists; its type stays.")] = False,
) -> None:
    """Make a work pool."""
    if provision:
        _refuse_provisioning()
    with server() as client:
        known = _find(client, name)
        if known is not None and not overwrite:
            output.fail(f"Work pool '{name}' already exists; --overwrite changes it.")
        kind = known.type if known is not None else type_ or _asked_type(client)
        template = _template_in(base_job_template) or _template_of(client, kind)
        given = {
            "base_job_template": template,
            "is_paused": paused,
            "description": description,
            "concurrency_limit": concurrency_limit,
        }
        if known is not None:
            client.update_work_pool(name, WorkPoolUpdate.model_validate(given))
        else:
            with output.checked():
                body = WorkPoolCreate.model_validate({"name": name, "type": kind} | given)
            client.create_work_pool(body)
        pool = client.read_work_pool(name)
    output.succeed(f"{'Created' if known is None else 'Updated'} work pool '{name}'!")
    _show_next(pool)
    if set_as_default:
        save_setting("deployments.default_work_pool_name", name)
        output.succeed(f"'{name}' is now the default work pool.")


def _find(client: SyncOstinatoClient, name: str) -> WorkPool | None:
    try:
        return client.read_work_pool(name)
    except ObjectNotFound:
        return None


def _show_next(pool: WorkPool) -> None:
    output.say(f"\nStart a worker for it:\n    ostinato worker start --pool '{pool.name}'\n")
    facts = {
        "UUID": pool.id,
        "Type": pool.type,
        "Description": pool.description,
        "Status": pool.status.replace("_", " ").capitalize() if pool.status else None,
        "URL": ui_page(f"work-pools/work-pool/{pool.name}"),
    }
    for label, value in facts.items():
        if value is not None:
            output.say(f"  {label}: {value}")


def _refuse_provisioning() -> NoReturn:
    output.fail(
        "There is no infrastructure to provision: that is for push pools, which this server does not have. Runs are "
        "started by a worker: `ostinato worker start --pool NAME`."
    )


@app.command("provision-infrastructure")
@app.command("provision-infra", hidden=True)
def provision_infrastructure(name: Name) -> None:
    """Of push pools only: there are none, so this says what to do instead."""
    with server() as client, expecting("Work pool", name):
        client.read_work_pool(name)
    _refuse_provisioning()


def _template_in(path: Path | None) -> dict[str, Any]:  # Any: JSON values
    return {} if path is None else json_object("--base-job-template", path.read_text())


def _asked_type(client: SyncOstinatoClient) -> str:
    types = _types(client)
    missing = f"Give the type of the work pool by --type. Choose from: {', '.join(types)}."
    return output.choose("What are its runs started as", types, missing)


def _types(client: SyncOstinatoClient) -> list[str]:
    """Return the types of workers that are installed, and those that the server knows."""
    return sorted({*worker_types(), *_templates(client)})


def _templates(client: SyncOstinatoClient) -> dict[str, Any]:  # Any: JSON values
    known: dict[str, Any] = {}
    for collection in client.read_worker_metadata().values():
        known |= collection
    return known


def _template_of(client: SyncOstinatoClient, type_: str) -> dict[str, Any]:  # Any: JSON values
    """Return the template of a type: of a worker that is installed, else as the server knows it."""
    worker_class = find_worker_class(type_)
    if worker_class is not None:
        return worker_class.default_base_job_template()
    known = _templates(client)
    if type_ not in known:
        output.fail(f"Unknown work pool type '{type_}'. Choose from: {', '.join(_types(client))}.")
    return known[type_].get("default_base_job_configuration") or {}


@app.command("get-default-base-job-template")
def get_default_base_job_template(
    type_: TypeOption = None,
    file: Annotated[Path | None, option("-f", "--file", dir_okay=False, help="Write it to this file.")] = None,
) -> None:
    """Print the template that pools of a type have if they are given none."""
    with server() as client:
        template = _template_of(client, type_ or _asked_type(client))
    if file is None:
        output.print_json(template)
        return
    try:
        file.write_text(json.dumps(template, indent=2) + "\n")
    except OSError as error:
        output.fail(f"Cannot write {file}: {error.strerror}.")
    output.succeed(f"Wrote {file}")


@app.command()
def update(
    name: Name,
    base_job_template: TemplateOption = None,
    concurrency_limit: Annotated[int | None, option("--concurrency-limit", min=0, help="Runs at once at most.")] = None,
    description: Annotated[str | None, option("--description", help="What it is for.")] = None,
) -> None:
    """Change what is given of a work pool."""
    template = _template_in(base_job_template) or None
    given = {"base_job_template": template, "concurrency_limit": concurrency_limit, "description": description}
    changes = {member: value for member, value in given.items() if value is not None}
    if not changes:
        output.fail("Nothing to change: give --base-job-template, --concurrency-limit or --description.")
    _update(name, WorkPoolUpdate.model_validate(changes), f"Updated work pool '{name}'")


@app.command("ls")
def list_pools(
    verbose: Annotated[bool, option("-v", "--verbose", help="Show the job templates, too.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """List work pools, the newest first."""
    with server() as client:
        pools = every(lambda limit, offset: client.read_work_pools(limit=limit, offset=offset))
        found = sorted(pools, key=_created, reverse=True)
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
def slots(name: Name, as_json: output.OutputOption = None) -> None:
    """Show how full a work pool is, and the runs that hold its slots."""
    with server() as client, expecting("Work pool", name):
        found = slots_of.of_pool(client, name)
    if not as_json:
        slots_of.show_pool(name, found)
        return
    queues = [runs.json_of(queue) | ({"_truncated": True} if slots_of.is_cut(queue) else {}) for queue in found.queues]
    output.print_json(runs.json_of(found) | {"queues": queues})


@app.command()
def preview(
    name: Annotated[
        str | None,
        argument(help="Name of the work pool; default: all.", autocompletion=completing.named("Work pool")),
    ] = None,
    hours: due.HoursOption = 1,
    as_json: output.OutputOption = None,
) -> None:
    """List the runs of a pool, or of all, that are due soon."""
    found: list[FlowRun] = []
    with server() as client, expecting("Work pool", name):
        pools = every(lambda limit, offset: client.read_work_pools(limit=limit, offset=offset)) if name is None else []
        for pool in [name] if name is not None else [pool.name for pool in pools]:
            scheduled = client.get_scheduled_flow_runs_for_work_pool(pool, scheduled_before=due.horizon(hours))
            found += [item.flow_run for item in scheduled]
    due.show(found, "any work pool" if name is None else f"work pool '{name}'", hours, as_json)
