"""`ostinato task`: execute delayed runs of tasks."""

from typing import TYPE_CHECKING, Annotated, Any

from ostinato.cli import output
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.exceptions import ScriptError

if TYPE_CHECKING:
    from ostinato.tasks import Task

app = new_app("Execute delayed runs of tasks.")

# Any below: tasks of whatever type.


@app.callback()
def group() -> None:
    """Execute delayed runs of tasks."""


@app.command()
def serve(
    entrypoints: Annotated[
        list[str] | None, argument(metavar="[ENTRYPOINT]...", help="Tasks to serve, as `path.py:task`.")
    ] = None,
    modules: Annotated[
        list[str] | None, option("-m", "--module", help="Serve all tasks of this module; repeatable.")
    ] = None,
    limit: Annotated[int, option("-l", "--limit", min=1, help="Runs at once at most.")] = 10,
    status_server_port: Annotated[
        int | None, option("--status-server-port", min=0, max=65535, help="Serve GET /status on this port.")
    ] = None,
) -> None:
    """Execute the runs of `task.delay()` in this process, until Ctrl-C or SIGTERM."""
    from ostinato.task_worker import serve as serve_tasks

    if entrypoints and modules:
        output.fail("Give entrypoints or --module, not both.")
    if not entrypoints and not modules:
        output.fail("Give at least one entrypoint (`path.py:task`) or --module.")
    try:
        tasks = _from_modules(modules) if modules else _from_entrypoints(entrypoints or [])
        if not tasks:
            output.fail(f"There are no tasks in {', '.join(modules or [])}.")
        serve_tasks(*tasks, limit=limit, status_server_port=status_server_port)
    except (ScriptError, ValueError, RuntimeError, OSError) as error:
        output.fail(str(error))


def _from_entrypoints(entrypoints: list[str]) -> "list[Task[..., Any]]":
    from ostinato.deployments.entrypoints import load_task

    return [load_task(entrypoint) for entrypoint in entrypoints]


def _from_modules(names: list[str]) -> "list[Task[..., Any]]":
    from ostinato.deployments.entrypoints import import_module, tasks_in

    found = [task for name in names for task in tasks_in(import_module(name))]
    return list({task.task_key: task for task in found}.values())
