"""`ostinato deployment`: look at deployments, run, pause and delete them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from ostinato.cli import completing, deployment_schedule, moments, output, runs, watching
from ostinato.cli.connection import expecting, parse_id, server, ui_page
from ostinato.cli.lazy import new_app
from ostinato.cli.names import flow_names
from ostinato.cli.params import argument, option
from ostinato.cli.values import json_object, pairs
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.client.paging import every
from ostinato_wire.deployments import Deployment, DeploymentSort
from ostinato_wire.filters import NameFilter
from ostinato_wire.flows import FlowFilter
from ostinato_wire.states import StateCreate, StateDetails, StateType

if TYPE_CHECKING:
    from ostinato_wire.flow_runs import FlowRun

app = new_app("Look at deployments, run, pause and delete them.")
app.add_typer(deployment_schedule.app, name="schedule")

Name = deployment_schedule.Name
OptionalName = deployment_schedule.OptionalName
Id = Annotated[str | None, option("--id", help="Id of the deployment.")]


@app.command("ls")
def list_deployments(
    flows: Annotated[
        list[str] | None,
        argument(metavar="[FLOW]...", help="Only of these flows.", autocompletion=completing.named("Flow")),
    ] = None,
    by_created: Annotated[bool, option("--by-created", help="The newest first.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """List deployments by name."""
    with server() as client:
        of_flows = FlowFilter(name=NameFilter(any_=flows)) if flows else None
        sort = DeploymentSort.CREATED_DESC if by_created else DeploymentSort.NAME_ASC
        found = every(
            lambda limit, offset: client.read_deployments(flow_filter=of_flows, sort=sort, limit=limit, offset=offset)
        )
        names = {} if as_json else flow_names(client, {item.flow_id for item in found})
    if as_json:
        output.print_json([runs.json_of(item) for item in found])
        return
    rows = [
        (
            output.plain(f"{names.get(item.flow_id, '')}/{item.name}"),
            str(item.id),
            output.plain(item.work_pool_name or ""),
            "paused" if item.paused else "",
        )
        for item in (found if by_created else sorted(found, key=lambda item: (names.get(item.flow_id, ""), item.name)))
    ]
    output.print_table("Deployments", ["Name", "ID", "Work Pool", "Schedules"], rows)


@app.command()
def inspect(name: Name, as_json: output.OutputOption = None) -> None:
    """Show a deployment with all its members, and the automations about it."""
    with server() as client:
        found = deployment_schedule.find(client, name)
        automations = client.read_resource_related_automations(f"prefect.deployment.{found.id}")
    if as_json:
        output.print_json(runs.json_of(found) | {"automations": [runs.json_of(item) for item in automations]})
        return
    runs.show_object(found, None)
    for item in automations:
        output.say(f"Automation '{item.name}' ({item.id})")


@app.command()
def run(
    name: OptionalName = None,
    deployment_id: Id = None,
    param: Annotated[
        list[str] | None,
        option("-p", "--param", help="Parameter as key=value, the value JSON or else a text; repeatable."),
    ] = None,
    params: Annotated[str | None, option("--params", help="Parameters as a JSON object; - reads stdin.")] = None,
    job_variable: Annotated[
        list[str] | None, option("--job-variable", "-jv", help="Job variable as key=value; repeatable.")
    ] = None,
    start_in: Annotated[
        str | None, option("--start-in", metavar="TIME", help=f"Start in {moments.DURATIONS}; a number is seconds.")
    ] = None,
    start_at: Annotated[
        str | None, option("--start-at", metavar="TIME", help=f"Start at a time of UTC: {moments.MOMENTS}.")
    ] = None,
    tag: Annotated[list[str] | None, option("--tag", help="Tag of the run; repeatable.")] = None,
    flow_run_name: Annotated[
        str | None, option("--flow-run-name", help="Name of the run; {rows} is replaced by the parameter rows.")
    ] = None,
    watch: Annotated[
        bool, option("--watch", help="Show the run until it ends; its end decides the exit code.")
    ] = False,
    watch_timeout: Annotated[float | None, option("--watch-timeout", min=0, help="Seconds to wait at most.")] = None,
    watch_interval: Annotated[int | None, option("--watch-interval", hidden=True)] = None,
    as_json: output.OutputOption = None,
) -> None:
    """Make a run of a deployment."""
    if watch_interval is not None:
        output.warn("--watch-interval has no effect: the run is followed as it goes.")
    when = _start(start_in, start_at)
    parameters = _parameters(params, param or [])
    with server() as client:
        found = _find(client, name, deployment_id)
        _check_names(found, parameters)
        made = client.create_flow_run_from_deployment(
            found.id,
            parameters=parameters,
            state=StateCreate(type=StateType.SCHEDULED, state_details=StateDetails(scheduled_time=when)),
            name=_run_name(flow_run_name, {**found.parameters, **parameters}),
            tags=tag,
            job_variables=pairs("--job-variable", job_variable or ()) or None,
        )
    if as_json:
        output.print_json(runs.json_of(made))
    else:
        _show(name or str(found.id), made, watched=watch)
    if watch:
        watching.wait_for(made.id, watch_timeout)


def _find(client: SyncOstinatoClient, name: str | None, deployment_id: str | None) -> Deployment:
    if (name is None) == (deployment_id is None):
        output.fail("Give either the deployment as flow/deployment or --id.")
    if deployment_id is None:
        return deployment_schedule.find(client, str(name))
    with expecting("Deployment", deployment_id):
        return client.read_deployment(parse_id("Deployment", deployment_id))


def _parameters(params: str | None, param: list[str]) -> dict[str, Any]:  # Any: JSON values
    whole = json_object("--params", params) if params else {}
    single = pairs("--param", param)
    twice = sorted(whole.keys() & single.keys())
    if twice:
        output.warn(f"Given by both --params and --param, of which --param wins: {', '.join(twice)}.")
    return whole | single


def _start(start_in: str | None, start_at: str | None) -> datetime:
    if start_in is not None and start_at is not None:
        output.fail("Give --start-in or --start-at, not both.")
    try:
        if start_in is not None:
            return datetime.now(UTC) + moments.duration(start_in)
        return moments.moment(start_at) if start_at is not None else datetime.now(UTC)
    except ValueError as error:
        output.fail(str(error))


def _run_name(template: str | None, parameters: dict[str, Any]) -> str | None:  # Any: JSON values
    if template is None:
        return None
    try:
        return template.format(**parameters)
    except KeyError as error:
        known = ", ".join(sorted(parameters)) or "none"
        output.fail(f"--flow-run-name names the parameter {error}, which is not given. Given are: {known}.")
    except (ValueError, IndexError, AttributeError) as error:
        output.fail(f"--flow-run-name is no template: {error}. Write a parameter as {{name}}, a brace as {{{{.")


def _check_names(deployment: Deployment, parameters: dict[str, Any]) -> None:  # Any: JSON values
    schema: dict[str, Any] = deployment.parameter_openapi_schema or {}
    known = set(schema.get("properties") or {})
    unknown = sorted(parameters.keys() - known)
    if known and unknown:
        output.fail(f"Unknown parameters {', '.join(unknown)}. The flow takes: {', '.join(sorted(known))}.")


def _show(name: str, made: "FlowRun", *, watched: bool) -> None:
    output.succeed(f"Created flow run '{made.name}' of deployment '{name}'.")
    when = made.expected_start_time
    facts = {
        "UUID": made.id,
        "Parameters": made.parameters,
        "Job Variables": made.job_variables or {},
        "Scheduled start time": f"{when:%Y-%m-%d %H:%M:%S} UTC ({output.relative(when)})" if when else "",
        "URL": ui_page(f"runs/flow-run/{made.id}") or "<no UI is known>",
    }
    *others, last = facts.items()
    for label, value in others:
        output.say(f"├── {label}: {value}")
    output.say(f"└── {last[0]}: {last[1]}")
    if not watched:
        output.say(f"Follow it with: ostinato flow-run watch {made.id}")


@app.command()
def pause(name: Name) -> None:
    """Make no more runs by the schedules of a deployment."""
    with server() as client:
        client.pause_deployment(deployment_schedule.find(client, name).id)
    output.succeed(f"Paused the schedules of deployment {name!r}.")


@app.command()
def resume(name: Name) -> None:
    """Make runs by the schedules of a deployment again."""
    with server() as client:
        client.resume_deployment(deployment_schedule.find(client, name).id)
    output.succeed(f"Resumed the schedules of deployment {name!r}.")


@app.command()
def delete(
    name: OptionalName = None,
    deployment_id: Id = None,
    delete_all: Annotated[bool, option("--all", help="Delete every deployment.")] = False,
) -> None:
    """Delete a deployment, or all."""
    if sum((name is not None, deployment_id is not None, delete_all)) != 1:
        output.fail("Give the name of a deployment, --id, or --all.")
    with server() as client:
        if delete_all:
            _delete_all(client)
            return
        target = _find(client, name, deployment_id)
        output.confirm(f"Delete deployment '{name or target.id}'?")
        with expecting("Deployment", name or target.id):
            client.delete_deployment(target.id)
    output.succeed(f"Deleted deployment '{name or target.id}'.")


def _delete_all(client: SyncOstinatoClient) -> None:
    found = every(lambda limit, offset: client.read_deployments(limit=limit, offset=offset))
    if found:
        output.confirm(f"Delete all {len(found)} deployments?")
    for item in output.progress(found, "Deleting deployments"):
        client.delete_deployment(item.id)
    output.succeed(f"Deleted {len(found)} deployment(s).")
