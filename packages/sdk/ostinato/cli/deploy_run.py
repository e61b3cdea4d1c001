"""What `ostinato deploy` does: choose entries of the project, complete them by questions, deploy one after another."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.panel import Panel

from ostinato.cli import deploy_wizard, output
from ostinato.cli.connection import server
from ostinato.cli.deploy_options import laid_over
from ostinato.cli.lazy import CommandFailed
from ostinato.client.errors import ObjectNotFound
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.deployments.definition import RunnerDeployment
from ostinato.deployments.deploying import takes_images
from ostinato.deployments.project.file import Project, as_object
from ostinato.deployments.project.order import Order, Telling
from ostinato.exceptions import OstinatoError
from ostinato.settings import get_current_settings
from ostinato_wire.base import JsonObject
from ostinato_wire.work_pools import WorkPool

_KNOWN = (OstinatoError, ModuleNotFoundError, OSError, ValueError)


def deploy(project: Project, names: list[str], everything: bool, given: JsonObject) -> None:
    """Deploy what is asked for; a problem with one of several does not keep the others from being deployed."""
    chosen = _chosen(project, names, everything, given)
    if len(chosen) == 1:
        _deploy_one(project, laid_over(chosen[0], given))
        return
    if given:
        output.warn("Several deployments are chosen: the options are ignored, the project file says it all.")
    problems: list[str] = []
    for entry in chosen:
        if not entry.get("name") and not output.is_interactive():
            output.warn("A deployment without a name is skipped.")
            continue
        try:
            _deploy_one(project, dict(entry))
        except CommandFailed as error:
            problems.append(f"{entry.get('name')}: {error.format_message()}")
    if problems:
        output.fail("\n".join([f"{len(problems)} of {len(chosen)} deployments failed:", *problems]))


def _chosen(project: Project, names: list[str], everything: bool, given: JsonObject) -> list[JsonObject]:
    """Return the entries to deploy; a new one if none of the file is meant."""
    entries = project.deployments
    if everything:
        if not entries:
            output.fail(f"{project.path.name} has no deployments.")
        return entries
    if names:
        return _named(project, names, given)
    if not entries:
        return [{}]
    if output.is_interactive():
        return [deploy_wizard.choose_entry(entries)] if "entrypoint" not in given else [_template(entries)]
    if len(entries) == 1:
        return entries
    known = ", ".join(str(entry.get("name")) for entry in entries)
    raise CommandFailed(f"{project.path.name} has several deployments: give --name with one of {known}, or --all.")


def _named(project: Project, names: list[str], given: JsonObject) -> list[JsonObject]:
    found, unknown = project.matching(names)
    new = [name for name in unknown if not set(name) & set("*/?")]
    if found:
        for name in unknown:
            output.warn(f"{project.path.name} has no deployment {name!r}; it is skipped.")
        return found
    if len(names) > 1 or not new:
        output.fail(f"{project.path.name} has no deployment {' or '.join(map(repr, unknown))}.")
    if project.deployments and "entrypoint" not in given and not output.is_interactive():
        known = ", ".join(str(entry.get("name")) for entry in project.deployments)
        output.fail(
            f"{project.path.name} has no deployment {new[0]!r}, only {known}. A new one needs an entrypoint: "
            f"ostinato deploy path.py:flow --name {new[0]}"
        )
    return [_template(project.deployments) | {"name": new[0]}]


def _template(entries: list[JsonObject]) -> JsonObject:
    """Return the one entry without a name that `ostinato init` has written, or nothing."""
    return dict(entries[0]) if len(entries) == 1 and not entries[0].get("name") else {}


def _deploy_one(project: Project, entry: JsonObject) -> None:
    title = output.plain(entry.get("name") or "a new deployment")
    output.console().print(Panel.fit(f"Deploying {title}"), style="cyan")
    order = Order(entry, project, Telling(output.say, output.warn))
    asks = output.is_interactive()
    with _told(), server() as client:
        order.check()
        if asks:
            deploy_wizard.complete_flow(order)
        _require(order.entry)
        with _progress("Loading the flow..."):
            flow = order.load_flow()
        pool = _pool(client, order.entry, asks)
        if asks:
            deploy_wizard.complete(order, pool, flow)
        _check_place(order, pool)
        made = order.deployment(flow, pool)
        with _progress("Telling the server..."):
            deployment_id = made.apply()
        online = [worker for worker in client.read_workers_for_work_pool(pool.name) if worker.status == "ONLINE"]
    _tell(made, str(deployment_id), pool, bool(online))
    if asks:
        deploy_wizard.offer_to_save(order)


def _require(entry: JsonObject) -> None:
    if not entry.get("entrypoint"):
        output.fail("An entrypoint must be provided: ostinato deploy path.py:flow")
    if not entry.get("name"):
        output.fail("A deployment name must be provided: --name NAME.")


def _pool(client: SyncOstinatoClient, entry: JsonObject, asks: bool) -> WorkPool:
    given = as_object(entry.get("work_pool"))
    name = given.get("name") or get_current_settings().deployments.default_work_pool_name
    if not name and asks:
        name = deploy_wizard.choose_pool(client)
    if not name:
        output.fail("A work pool must be provided: --pool NAME, or set OSTINATO_DEPLOYMENTS_DEFAULT_WORK_POOL_NAME.")
    entry["work_pool"] = given | {"name": name}
    try:
        return client.read_work_pool(str(name))
    except ObjectNotFound:
        output.fail(f"There is no work pool {name!r}. Make it: ostinato work-pool create {name!r}")


def _check_place(order: Order, pool: WorkPool) -> None:
    """End the command if no worker of the pool could get at the code."""
    if pool.type == "process" or order.project.steps(order.entry, "pull") is not None:
        return
    variables = as_object(as_object(order.entry.get("work_pool")).get("job_variables"))
    if order.project.steps(order.entry, "build") or (takes_images(pool) and variables.get("image")):
        return
    output.fail(
        f"Workers of the pool {pool.name!r} (type {pool.type}) do not see this machine's files: say in "
        f"{order.project.path.name} how they get the code (`pull`), or give an --image that holds it. "
        "`ostinato init --recipe docker` and `--recipe git` write such files."
    )


@contextmanager
def _told() -> Generator[None]:
    """End the command with one line for every problem that is known."""
    try:
        yield
    except _KNOWN as error:
        output.fail(str(error))


@contextmanager
def _progress(text: str) -> Generator[None]:
    """Show that something is going on, on a terminal only."""
    if output.console().is_terminal:
        with output.console().status(text):
            yield
    else:
        yield


def _tell(made: RunnerDeployment, deployment_id: str, pool: WorkPool, online: bool) -> None:
    output.succeed(f"Deployment '{made.full_name}' successfully created with id '{deployment_id}'.")
    if ui_url := get_current_settings().ui.url:
        output.say(f"View Deployment in UI: {ui_url}/deployments/deployment/{deployment_id}")
    if not online:
        output.say(f"\nNo worker is online. Start one:\n    ostinato worker start --pool {pool.name!r}")
    output.say(f"\nRun it:\n    ostinato deployment run {made.full_name!r}")
