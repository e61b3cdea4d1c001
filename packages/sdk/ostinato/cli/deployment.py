"""`ostinato deployment`: look at deployments, run, pause and delete them."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from ostinato.cli import deployment_schedule, output, runs, watching
from ostinato.cli.connection import expecting, parse_id, server
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.cli.values import json_object, pairs
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.settings import get_current_settings
from ostinato_wire.deployments import Deployment, DeploymentSort
from ostinato_wire.filters import AnyOrNotId, NameFilter
from ostinato_wire.flows import FlowFilter
from ostinato_wire.states import StateCreate, StateDetails, StateType

if TYPE_CHECKING:
    from ostinato_wire.flow_runs import FlowRun

app = new_app("Look at deployments, run, pause and delete them.")
app.add_typer(deployment_schedule.app, name="schedule")

Name = Annotated[str, argument(metavar="FLOW/DEPLOYMENT", help="Name of the deployment, or its id.")]
PAGE = 200


@app.command("ls")
def list_deployments(
    flow_names: Annotated[list[str] | None, argument(metavar="FLOW", help="Only of these flows.")] = None,
    by_created: Annotated[bool, option("--by-created", help="The newest first.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """List deployments by name."""
    with server() as client:
        found = client.read_deployments(
            flow_filter=FlowFilter(name=NameFilter(any_=flow_names)) if flow_names else None,
            sort=DeploymentSort.CREATED_DESC if by_created else DeploymentSort.NAME_ASC,
            limit=PAGE,
        )
        names = {} if as_json else _flow_names(client, found)
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


def _flow_names(client: SyncOstinatoClient, found: list[Deployment]) -> dict[UUID, str]:
    ids = sorted({item.flow_id for item in found})
    flows = client.read_flows(flow_filter=FlowFilter(id=AnyOrNotId(any_=ids)), limit=len(ids)) if ids else []
    return {flow.id: flow.name for flow in flows}


@app.command()
def inspect(name: Name, as_json: output.OutputOption = None) -> None:
    """Show a deployment with all its members."""
    with server() as client:
        found = deployment_schedule.find(client, name)
    runs.show_object(found, as_json)


@app.command()
def run(
    name: Name,
    param: Annotated[list[str] | None, option("-p", "--param", help="Parameter as key=value; repeatable.")] = None,
    params: Annotated[str | None, option("--params", help="Parameters as a JSON object; - reads stdin.")] = None,
    job_variable: Annotated[
        list[str] | None, option("--job-variable", "-jv", help="Job variable as key=value; repeatable.")
    ] = None,
    start_in: Annotated[float | None, option("--start-in", min=0, help="Start in so many seconds.")] = None,
    start_at: Annotated[datetime | None, option("--start-at", help="Start at a time of UTC.")] = None,
    tag: Annotated[list[str] | None, option("--tag", help="Tag of the run; repeatable.")] = None,
    flow_run_name: Annotated[str | None, option("--flow-run-name", help="Name of the run.")] = None,
    watch: Annotated[bool, option("--watch", help="Wait until the run ends; its end decides the exit code.")] = False,
    watch_timeout: Annotated[float | None, option("--watch-timeout", help="Seconds to wait at most.")] = None,
    as_json: output.OutputOption = None,
) -> None:
    """Make a run of a deployment."""
    if start_in is not None and start_at is not None:
        output.fail("Give --start-in or --start-at, not both.")
    parameters = (json_object("--params", params) if params else {}) | pairs("--param", param or ())
    with server() as client:
        found = deployment_schedule.find(client, name)
        _check_names(found, parameters)
        made = client.create_flow_run_from_deployment(
            found.id,
            parameters=parameters,
            state=_scheduled(start_in, start_at),
            name=flow_run_name,
            tags=tag,
            job_variables=pairs("--job-variable", job_variable or ()) or None,
        )
    if as_json:
        output.print_json(runs.json_of(made))
    else:
        _show(name, made)
    if watch:
        watching.wait_for(made.id, watch_timeout)


def _check_names(deployment: Deployment, parameters: dict[str, Any]) -> None:  # Any: JSON values
    schema: dict[str, Any] = deployment.parameter_openapi_schema or {}
    known = set(schema.get("properties") or {})
    unknown = sorted(parameters.keys() - known)
    if known and unknown:
        output.fail(f"Unknown parameters {', '.join(unknown)}. The flow takes: {', '.join(sorted(known))}.")


def _scheduled(start_in: float | None, start_at: datetime | None) -> StateCreate:
    when = datetime.now(UTC) + timedelta(seconds=start_in or 0)
    if start_at is not None:
        when = start_at.replace(tzinfo=UTC) if start_at.tzinfo is None else start_at
    return StateCreate(type=StateType.SCHEDULED, state_details=StateDetails(scheduled_time=when))


def _show(name: str, made: "FlowRun") -> None:
    output.succeed(f"Created flow run {made.name!r} of deployment {name!r}.")
    output.say(f"  UUID: {made.id}")
    output.say(f"  Parameters: {made.parameters}")
    if made.job_variables:
        output.say(f"  Job Variables: {made.job_variables}")
    when = made.expected_start_time
    output.say(f"  Scheduled start time: {when:%Y-%m-%d %H:%M:%S} UTC ({output.relative(when)})" if when else "")
    if ui_url := get_current_settings().ui.url:
        output.say(f"  URL: {ui_url}/runs/flow-run/{made.id}")


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
    name: Annotated[str | None, argument(metavar="FLOW/DEPLOYMENT", help="Name of the deployment.")] = None,
    deployment_id: Annotated[str | None, option("--id", help="Id of the deployment.")] = None,
    delete_all: Annotated[bool, option("--all", help="Delete every deployment.")] = False,
) -> None:
    """Delete a deployment, or all."""
    if sum((name is not None, deployment_id is not None, delete_all)) != 1:
        output.fail("Give the name of a deployment, --id, or --all.")
    with server() as client:
        if delete_all:
            _delete_all(client)
            return
        if deployment_id is not None:
            target = parse_id("Deployment", deployment_id)
        else:
            target = deployment_schedule.find(client, name or "").id
        output.confirm(f"Delete deployment '{name or target}'?")
        with expecting("Deployment", name or target):
            client.delete_deployment(target)
    output.succeed(f"Deleted deployment '{name or target}'.")


def _delete_all(client: SyncOstinatoClient) -> None:
    output.confirm("Delete every deployment?")
    count = 0
    while found := client.read_deployments(limit=PAGE):
        for item in found:
            client.delete_deployment(item.id)
        count += len(found)
    output.succeed(f"Deleted {count} deployment(s).")
