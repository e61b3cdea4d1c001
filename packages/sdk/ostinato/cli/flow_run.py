"""`ostinato flow-run`: look at, explain, cancel and delete flow runs."""

import asyncio
import os
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from ostinato.cli import explanation, flow_run_bulk, output, runs, watching
from ostinato.cli.connection import expecting, is_id, parse_id, server
from ostinato.cli.lazy import new_app
from ostinato.cli.logs import CountOption, FollowOption, HeadOption, ReverseOption, Selection, TailOption, show_logs
from ostinato.cli.names import flow_names, not_found
from ostinato.cli.params import argument, option
from ostinato.client.errors import ObjectNotFound
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.filters import AnyId, NameFilter
from ostinato_wire.flow_runs import FlowRun, FlowRunFilter, FlowRunSort
from ostinato_wire.flows import FlowFilter
from ostinato_wire.logs import LogFilter
from ostinato_wire.states import SetStateStatus, StateCreate, StateType

app = new_app("Look at, explain, cancel and delete flow runs.")
app.command()(flow_run_bulk.bulk)

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
        names = {} if as_json else flow_names(client, {run.flow_id for run in found})
    if as_json:
        output.print_json([runs.json_of(run) for run in found])
    elif not found:
        output.say("No flow runs found.")
    else:
        _print_runs(found, names)


def _print_runs(found: Sequence[FlowRun], names: dict[UUID, str]) -> None:
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
    if is_id(id_or_name):
        with expecting("Flow run", id_or_name):
            return client.read_flow_run(UUID(id_or_name))
    named = FlowRunFilter(name=NameFilter(any_=[id_or_name]))
    found = client.read_flow_runs(flow_run_filter=named, limit=_NAMESAKES, sort=FlowRunSort.EXPECTED_START_TIME_DESC)
    if not found:
        not_found("Flow run", id_or_name)
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
    follow: FollowOption = False,
    as_json: output.OutputOption = None,
) -> None:
    """Show the logs of a flow run and its tasks."""
    run_id = parse_id("Flow run", flow_run_id)
    selection = Selection(head, tail, num_logs, reverse)
    with server() as client:
        with expecting("Flow run", run_id):
            run = client.read_flow_run(run_id)
        log_filter = LogFilter(flow_run_id=AnyId(any_=[run_id]))

        def ended() -> bool:
            return runs.is_final(client.read_flow_run(run_id).state)

        label = f"Flow run {run.name!r}"
        show_logs(client, log_filter, selection, label, as_json is not None, ended if follow else None)


@app.command()
def watch(
    flow_run_id: Id,
    timeout: Annotated[float | None, option("--timeout", min=0, help="Seconds to wait at most.")] = None,
) -> None:
    """Show events and logs of a flow run until it ends; ends with 0 if it completed, else with 1."""
    run_id = parse_id("Flow run", flow_run_id)
    with expecting("Flow run", run_id):
        watching.wait_for(run_id, timeout)


@app.command()
def delete(
    flow_run_ids: Annotated[list[str], argument(metavar="ID...", help="Ids of the flow runs.")],
) -> None:
    """Delete flow runs with their task runs and logs."""
    wanted = [parse_id("Flow run", text) for text in flow_run_ids]
    several = len(wanted) > 1
    output.confirm(f"Delete {len(wanted)} flow runs?" if several else f"Delete flow run '{wanted[0]}'?")
    with server() as client:
        for run_id in output.progress(wanted, "Deleting flow runs"):
            with expecting("Flow run", run_id):
                client.delete_flow_run(run_id)
            if not several:
                output.succeed(f"Successfully deleted flow run '{run_id}'.")
    if several:
        output.succeed(f"Successfully deleted {len(wanted)} flow runs.")


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
        output.fail(f"Flow run '{run_id}' was unable to be cancelled. Reason: {runs.reason_of(answer)}")
    output.succeed(f"Flow run '{run_id}' was successfully scheduled for cancellation.")
    if cascade and answer.cascaded is not None:
        output.say(f"With it {answer.cascaded} sub-flow run(s) are cancelled.")


@app.command()
def retry(
    id_or_name: Annotated[str, argument(metavar="ID_OR_NAME", help="Id of the flow run, or its name.")],
    entrypoint: Annotated[
        str | None,
        option("-e", "--entrypoint", help="Where the flow is, `path.py:flow`: needed for a run without a deployment."),
    ] = None,
) -> None:
    """Run a flow run that has ended again: by its deployment's worker, or else here."""
    with server() as client:
        run = _find(client, id_or_name)
        if not runs.is_final(run.state):
            output.fail(f"Flow run '{run.name}' cannot be retried: it has not ended, it is {run.state_name}.")
        here = run.deployment_id is None
        if here:
            _check_entrypoint(client, run, entrypoint)
        message = "Retried via CLI (local execution)" if here else "Retried via CLI"
        again = StateCreate(type=StateType.SCHEDULED, message=message)
        answer = client.set_flow_run_state(run.id, again, force=True)
    if answer.status is not SetStateStatus.ACCEPT:
        output.fail(f"Flow run '{run.name}' was unable to be retried. Reason: {runs.reason_of(answer)}")
    if not here:
        output.succeed(f"Flow run '{run.name}' ({run.id}) has been scheduled for retry.")
        output.say(f"Follow it with: ostinato flow-run watch {run.id}")
        return
    _run_again(run, str(entrypoint))


def _check_entrypoint(client: SyncOstinatoClient, run: FlowRun, entrypoint: str | None) -> None:
    if entrypoint is None:
        output.fail(
            f"Flow run '{run.name}' has no deployment: say where its flow is, to run it here. "
            f"Run: ostinato flow-run retry {run.id} --entrypoint path.py:flow"
        )
    from ostinato.deployments.entrypoints import load_flow  # late: other commands do not need it
    from ostinato.exceptions import MissingFlowError, ScriptError

    try:
        found = load_flow(entrypoint)
    except (ValueError, ScriptError, MissingFlowError) as error:
        output.fail(str(error))
    name = client.read_flow(run.flow_id).name
    if found.name != name:
        output.fail(f"Flow run '{run.name}' is of the flow '{name}', but {entrypoint} is '{found.name}'.")


def _run_again(run: FlowRun, entrypoint: str) -> None:
    from ostinato.engine.process import ENTRYPOINT

    output.note(f"Running flow run '{run.name}' ({run.id}) here...")
    os.environ[ENTRYPOINT] = entrypoint
    _execute(run.id)
    with server() as client:
        state = client.read_flow_run(run.id).state
    output.console().print(f"Flow run '{output.plain(run.name)}' ended: {runs.state_cell(state)}")
    if state is None or state.type is not StateType.COMPLETED:
        raise typer.Exit(1)


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
    if _execute(parse_id("Flow run", text)):
        raise typer.Exit(1)


def _execute(run_id: UUID) -> int:
    from ostinato.runner.runner import Runner  # late: other commands do not need it

    with expecting("Flow run", run_id):
        return asyncio.run(Runner(name=f"execute-{run_id}").execute_flow_run(run_id))
