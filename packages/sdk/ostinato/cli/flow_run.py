"""`ostinato flow-run`: look at, explain, cancel and delete flow runs."""

import asyncio
import os
from typing import Annotated
from uuid import UUID

import typer

from ostinato.cli import explanation, output, runs
from ostinato.cli.connection import expecting, parse_id, server
from ostinato.cli.lazy import new_app
from ostinato.cli.logs import CountOption, HeadOption, ReverseOption, Selection, TailOption, show_logs
from ostinato.cli.params import argument, option
from ostinato.client.errors import ObjectNotFound
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.filters import AnyId, AnyOrNotId, NameFilter
from ostinato_wire.flow_runs import FlowRun, FlowRunFilter, FlowRunSort
from ostinato_wire.flows import FlowFilter
from ostinato_wire.logs import LogFilter
from ostinato_wire.states import SetStateStatus, StateCreate, StateType

app = new_app("Look at, explain, cancel and delete flow runs.")

_NAMESAKES = 20
"""Of many runs of one name so many are shown."""

Id = Annotated[str, argument(metavar="ID", help="Id of the flow run.")]


@app.command("ls")
def list_runs(
    flow_name: Annotated[list[str] | None, option("--flow-name", help="Only runs of this flow; repeatable.")] = None,
    limit: Annotated[int, option("--limit", min=1, max=200, help="How many runs at most.")] = 15,
    state: Annotated[list[str] | None, option("--state", help="Only runs in a state of this name; repeatable.")] = None,
    state_type: Annotated[list[str] | None, option("--state-type", help="Only of this state type; repeatable.")] = None,
    as_json: output.OutputOption = None,
) -> None:
    """List flow runs, those expected last first."""
    states = runs.state_filter(state or (), state_type or ())
    with server() as client:
        found = client.read_flow_runs(
            flow_filter=FlowFilter(name=NameFilter(any_=flow_name)) if flow_name else None,
            flow_run_filter=FlowRunFilter(state=states) if states else None,
            limit=limit,
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        )
        names = {} if as_json else _flow_names(client, found)
    if as_json:
        output.print_json([runs.json_of(run) for run in found])
    elif not found:
        output.say("No flow runs found.")
    else:
        _print_runs(found, names)


def _flow_names(client: SyncOstinatoClient, found: list[FlowRun]) -> dict[UUID, str]:
    ids = sorted({run.flow_id for run in found})
    flows = client.read_flows(flow_filter=FlowFilter(id=AnyOrNotId(any_=ids)), limit=len(ids)) if ids else []
    return {flow.id: flow.name for flow in flows}


def _print_runs(found: list[FlowRun], names: dict[UUID, str]) -> None:
    rows = [
        (
            str(run.id),
            output.plain(names.get(run.flow_id, "")),
            output.plain(run.name),
            runs.state_cell(run.state),
            output.relative(run.state.timestamp if run.state else run.created),
        )
        for run in found
    ]
    output.print_table("Flow Runs", ["ID", "Flow", "Name", "State", "When"], rows)


@app.command()
def inspect(
    flow_run_id: Id,
    web: Annotated[bool, option("--web", help="Open the run in the browser.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """Show a flow run with all its members."""
    run_id = parse_id("Flow run", flow_run_id)
    if web:
        runs.open_in_browser("flow-run", run_id)
        return
    with server() as client, expecting("Flow run", run_id):
        run = client.read_flow_run(run_id)
    runs.show_object(run, as_json)


@app.command()
def explain(
    id_or_name: Annotated[str, argument(metavar="ID_OR_NAME", help="Id of the flow run, or its name.")],
    as_json: output.OutputOption = None,
) -> None:
    """Tell why a flow run does not run, and what to do."""
    with server() as client:
        run = _find(client, id_or_name)
        try:
            found = client.explain_flow_run(run.id)
        except ObjectNotFound:
            output.fail("The server does not explain flow runs: it is not an Ostinato server, or an older one.")
    if as_json:
        output.print_json(runs.json_of(found))
    else:
        explanation.show(found)


def _find(client: SyncOstinatoClient, id_or_name: str) -> FlowRun:
    """Return the flow run of the id, or the only one of the name; ends the command where there is none, or more."""
    try:
        run_id = UUID(id_or_name)
    except ValueError:
        pass
    else:
        with expecting("Flow run", run_id):
            return client.read_flow_run(run_id)
    named = FlowRunFilter(name=NameFilter(any_=[id_or_name]))
    found = client.read_flow_runs(flow_run_filter=named, limit=_NAMESAKES, sort=FlowRunSort.EXPECTED_START_TIME_DESC)
    if not found:
        output.fail(f"Flow run '{id_or_name}' not found.")
    if len(found) > 1:
        lines = [f"  {run.id}  {run.state_name or ''}  {output.relative(run.expected_start_time)}" for run in found]
        output.fail("\n".join([f"Several flow runs are named '{id_or_name}': give the id of one.", *lines]))
    return found[0]


@app.command()
def logs(
    flow_run_id: Id,
    head: HeadOption = False,
    tail: TailOption = False,
    num_logs: CountOption = None,
    reverse: ReverseOption = False,
    as_json: output.OutputOption = None,
) -> None:
    """Show the logs of a flow run and its tasks."""
    run_id = parse_id("Flow run", flow_run_id)
    selection = Selection(head, tail, num_logs, reverse)
    with server() as client:
        with expecting("Flow run", run_id):
            run = client.read_flow_run(run_id)
        log_filter = LogFilter(flow_run_id=AnyId(any_=[run_id]))
        show_logs(client, log_filter, selection, f"Flow run {run.name!r}", as_json is not None)


@app.command()
def delete(flow_run_id: Id) -> None:
    """Delete a flow run with its task runs and logs."""
    run_id = parse_id("Flow run", flow_run_id)
    output.confirm(f"Delete flow run '{run_id}'?")
    with server() as client, expecting("Flow run", run_id):
        client.delete_flow_run(run_id)
    output.succeed(f"Successfully deleted flow run '{run_id}'.")


@app.command()
def cancel(
    flow_run_id: Id,
    cascade: Annotated[bool, option("--cascade", help="Cancel its sub-flow runs, too, where they run apart.")] = False,
) -> None:
    """Ask whatever runs a flow run to cancel it."""
    run_id = parse_id("Flow run", flow_run_id)
    cancelling = StateCreate(type=StateType.CANCELLING)
    with server() as client, expecting("Flow run", run_id):
        answer = client.set_flow_run_state(run_id, cancelling, cascade=cascade)
    if answer.status is SetStateStatus.ABORT:
        reason = getattr(answer.details, "reason", None) or "the server gave no reason"
        output.fail(f"Flow run '{run_id}' was unable to be cancelled. Reason: {reason}")
    output.succeed(f"Flow run '{run_id}' was successfully scheduled for cancellation.")
    if cascade and answer.cascaded is not None:
        output.say(f"With it {answer.cascaded} sub-flow run(s) are cancelled.")


@app.command()
def execute(
    flow_run_id: Annotated[
        str | None, argument(metavar="[ID]", help="Id of the flow run; default: $PREFECT__FLOW_RUN_ID.")
    ] = None,
) -> None:
    """Run a flow run of a deployment here, and see it through to its end."""
    text = flow_run_id or os.environ.get("PREFECT__FLOW_RUN_ID")
    if not text:
        output.fail("Give the id of a flow run, or set PREFECT__FLOW_RUN_ID.")
    run_id = parse_id("Flow run", text)
    from ostinato.runner.runner import Runner  # late: other commands do not need it

    try:
        code = asyncio.run(Runner(name=f"execute-{run_id}").execute_flow_run(run_id))
    except ObjectNotFound:
        output.fail(f"Flow run '{run_id}' not found.")
    if code:
        raise typer.Exit(1)
