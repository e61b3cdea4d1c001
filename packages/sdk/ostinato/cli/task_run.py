"""`ostinato task-run`: look at task runs, and cancel those that task workers execute."""

from collections.abc import Sequence
from typing import Annotated

from ostinato.cli import output, runs
from ostinato.cli.connection import expecting, parse_id, server
from ostinato.cli.lazy import new_app
from ostinato.cli.logs import CountOption, FollowOption, HeadOption, ReverseOption, Selection, TailOption, show_logs
from ostinato.cli.params import argument, option
from ostinato_wire.filters import NameFilter, NullableId
from ostinato_wire.logs import LogFilter
from ostinato_wire.states import SetStateStatus, StateCreate, StateType
from ostinato_wire.task_runs import TaskRun, TaskRunFilter, TaskRunSort

app = new_app("Look at task runs, and cancel background ones.")

Id = Annotated[str, argument(metavar="ID", help="Id of the task run.")]


@app.command("ls")
def list_runs(
    name: Annotated[list[str] | None, option("--task-run-name", help="Only runs of this name; repeatable.")] = None,
    limit: Annotated[int, option("--limit", min=1, max=200, help="How many runs at most.")] = 15,
    state: Annotated[list[str] | None, option("--state", help="Only runs in a state of this name; repeatable.")] = None,
    state_type: Annotated[list[str] | None, option("--state-type", help="Only of this state type; repeatable.")] = None,
    as_json: output.OutputOption = None,
) -> None:
    """List task runs, those expected last first."""
    states = runs.state_filter(state or (), state_type or ())
    task_run_filter = TaskRunFilter(name=NameFilter(any_=name) if name else None, state=states)
    with server() as client:
        found = client.read_task_runs(
            task_run_filter=task_run_filter if name or states else None,
            limit=limit,
            sort=TaskRunSort.EXPECTED_START_TIME_DESC,
        )
    if as_json:
        output.print_json([runs.json_of(run) for run in found])
    elif not found:
        output.say("No task runs found.")
    else:
        _print_runs(found)


def _print_runs(found: Sequence[TaskRun]) -> None:
    rows = [
        (
            str(run.id),
            output.plain(run.task_key),
            output.plain(run.name),
            runs.state_cell(run.state),
            output.relative(run.state.timestamp if run.state else run.created),
        )
        for run in found
    ]
    output.print_table("Task Runs", ["ID", "Task", "Name", "State", "When"], rows)


@app.command()
def inspect(
    task_run_id: Id,
    web: Annotated[bool, option("--web", help="Open the run in the browser.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """Show a task run with all its members."""
    run_id = parse_id("Task run", task_run_id)
    if web:
        runs.open_in_browser("task-run", run_id)
        return
    with server() as client, expecting("Task run", run_id):
        run = client.read_task_run(run_id)
    runs.show_object(run, as_json)


@app.command()
def cancel(task_run_id: Id) -> None:
    """Cancel a run of a background task: its task worker ends it."""
    run_id = parse_id("Task run", task_run_id)
    with server() as client, expecting("Task run", run_id):
        run = client.read_task_run(run_id)
        if runs.is_final(run.state):
            output.fail(f"Task run '{run.name}' cannot be cancelled: it has ended, it is {run.state_name}.")
        if not any(state.state_details.deferred for state in client.read_task_run_states(run_id)):
            output.fail(_why_not(run))
        answer = client.set_task_run_state(run_id, StateCreate(type=StateType.CANCELLING))
    if answer.status is SetStateStatus.ABORT:
        output.fail(f"Task run '{run.name}' was unable to be cancelled. Reason: {runs.reason_of(answer)}")
    if answer.state is not None and answer.state.type is StateType.CANCELLED:
        output.succeed(f"Task run '{run.name}' is cancelled; no worker had taken it.")
    else:
        output.succeed(f"Task run '{run.name}' is being cancelled by its task worker.")


def _why_not(run: TaskRun) -> str:
    reason = f"Task run '{run.name}' is not a background task's: the process that called it executes it."
    return f"{reason} Cancel its flow run: ostinato flow-run cancel {run.flow_run_id}" if run.flow_run_id else reason


@app.command()
def logs(
    task_run_id: Id,
    head: HeadOption = False,
    tail: TailOption = False,
    num_logs: CountOption = None,
    reverse: ReverseOption = False,
    follow: FollowOption = False,
    as_json: output.OutputOption = None,
) -> None:
    """Show the logs of a task run."""
    run_id = parse_id("Task run", task_run_id)
    selection = Selection(head, tail, num_logs, reverse)
    with server() as client:
        with expecting("Task run", run_id):
            run = client.read_task_run(run_id)
        log_filter = LogFilter(task_run_id=NullableId(any_=[run_id]))

        def ended() -> bool:
            return runs.is_final(client.read_task_run(run_id).state)

        label = f"Task run {run.name!r}"
        show_logs(client, log_filter, selection, label, as_json is not None, ended if follow else None)
