"""`ostinato work-queue`: the lines of a work pool."""

from typing import Annotated
from uuid import UUID

from ostinato.cli import completing, due, output, runs
from ostinato.cli import slots as slots_of
from ostinato.cli.connection import expecting, is_id, server
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.client.errors import ObjectAlreadyExists
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.client.paging import PAGE, every
from ostinato_wire.filters import AnyId, StateFilter, StateTypeFilter, TimeFilter, WorkQueueFilter
from ostinato_wire.flow_runs import FlowRunFilter, FlowRunSort
from ostinato_wire.states import StateType
from ostinato_wire.work_queues import WorkQueue, WorkQueueCreate, WorkQueueUpdate

app = new_app("Make, look at, pause and delete work queues.")

Name = Annotated[str, argument(help="Name of the queue, or its id.", autocompletion=completing.named("Work queue"))]
PoolOption = Annotated[
    str | None, option("-p", "--pool", help="Work pool of the queue.", autocompletion=completing.named("Work pool"))
]


@app.command()
def create(
    name: Annotated[str, argument(help="Name of the queue.")],
    limit: Annotated[int | None, option("-l", "--limit", min=0, help="Runs at once at most.")] = None,
    pool: PoolOption = None,
    priority: Annotated[int | None, option("-q", "--priority", min=1, help="1 comes first.")] = None,
) -> None:
    """Make a queue."""
    given = {"concurrency_limit": limit, "priority": priority}
    body = WorkQueueCreate.model_validate({"name": name} | {k: v for k, v in given.items() if v is not None})
    with server() as client, expecting("Work pool", pool):
        try:
            queue = client.create_work_queue(body, pool)
        except ObjectAlreadyExists:
            output.fail(f"Work queue '{name}' already exists.")
    output.succeed(f"Created work queue '{queue.name}' in work pool '{queue.work_pool_name}' with id {queue.id}.")


def _find(client: SyncOstinatoClient, name: str, pool: str | None) -> WorkQueue:
    with expecting("Work queue", name):
        return client.read_work_queue(UUID(name)) if is_id(name) else client.read_work_queue_by_name(name, pool)


@app.command("ls")
def list_queues(
    pool: PoolOption = None,
    match: Annotated[str | None, option("-m", "--match", help="Only queues whose names begin so.")] = None,
    verbose: Annotated[bool, option("-v", "--verbose", help="Show descriptions and last polls, too.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """List queues: of a pool by priority, else of all pools."""
    with server() as client, expecting("Work pool", pool):
        queues = every(lambda limit, offset: client.read_work_queues(pool, limit, offset))
    found = [queue for queue in queues if match is None or queue.name.startswith(match)]
    if as_json:
        output.print_json([runs.json_of(queue) for queue in found])
        return
    columns = ["Name", "Pool", "ID", "Priority", "Limit", *(["Description", "Last Polled"] if verbose else [])]
    rows = [
        _row(queue, verbose) for queue in sorted(found, key=lambda item: (item.work_pool_name or "", item.priority))
    ]
    output.print_table("Work Queues", columns, rows)
    if any(queue.is_paused for queue in found):
        output.say("(**) denotes a paused queue")


def _row(queue: WorkQueue, verbose: bool) -> list[str]:
    cells = [
        output.plain(f"{queue.name} (**)" if queue.is_paused else queue.name),
        output.plain(queue.work_pool_name or ""),
        str(queue.id),
        str(queue.priority),
        "" if queue.concurrency_limit is None else str(queue.concurrency_limit),
    ]
    return [*cells, output.plain(queue.description or ""), output.relative(queue.last_polled)] if verbose else cells


@app.command()
def inspect(name: Name, pool: PoolOption = None, as_json: output.OutputOption = None) -> None:
    """Show a queue with all its members, and whether somebody works for it."""
    with server() as client:
        queue = _find(client, name, pool)
        status = client.read_work_queue_status(queue.id)
    if as_json:
        output.print_json(runs.json_of(queue) | {"status_details": runs.json_of(status)})
        return
    runs.show_object(queue, None)
    runs.show_object(status, None)


@app.command()
def slots(name: Name, pool: PoolOption = None, as_json: output.OutputOption = None) -> None:
    """Show how full a queue is, and the runs that hold its slots."""
    with server() as client:
        queue = _find(client, name, pool)
        found = slots_of.of_queue(client, queue.id)
    if as_json:
        output.print_json(runs.json_of(found))
    else:
        slots_of.show_queue(queue, found)


@app.command()
def preview(
    name: Name, pool: PoolOption = None, hours: due.HoursOption = 1, as_json: output.OutputOption = None
) -> None:
    """List the runs of a queue that are due soon."""
    with server() as client:
        queue = _find(client, name, pool)
        found = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                state=StateFilter(type=StateTypeFilter(any_=[StateType.SCHEDULED])),
                next_scheduled_start_time=TimeFilter(before_=due.horizon(hours)),
            ),
            work_queue_filter=WorkQueueFilter(id=AnyId(any_=[queue.id])),
            limit=PAGE,
            sort=FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC,
        )
    due.show(found, f"work queue '{name}'", hours, as_json)


@app.command("read-runs")
def read_runs(name: Name, pool: PoolOption = None) -> None:
    """Tell how many runs of a queue a worker could start now."""
    with server() as client:
        queue = _find(client, name, pool)
        found = client.get_runs_in_work_queue(queue.id, limit=PAGE)
    output.succeed(f"Read {len(found)} run(s) of work queue '{name}'")


@app.command()
def pause(name: Name, pool: PoolOption = None) -> None:
    """Start no more runs of a queue."""
    if pool is None and not is_id(name):
        output.insist(f"You have not named a work pool. Pause the queue '{name}' of the default pool?")
    _update(name, pool, WorkQueueUpdate(is_paused=True), "Paused work queue")


@app.command()
def resume(name: Name, pool: PoolOption = None) -> None:
    """Start runs of a queue again."""
    _update(name, pool, WorkQueueUpdate(is_paused=False), "Resumed work queue")


@app.command("set-concurrency-limit")
def set_concurrency_limit(
    name: Name, limit: Annotated[int, argument(min=0, help="Runs at once at most.")], pool: PoolOption = None
) -> None:
    """Limit how many runs of a queue run at once."""
    _update(name, pool, WorkQueueUpdate(concurrency_limit=limit), f"Set concurrency limit {limit} for work queue")


@app.command("clear-concurrency-limit")
def clear_concurrency_limit(name: Name, pool: PoolOption = None) -> None:
    """Let any number of runs of a queue run at once."""
    _update(name, pool, WorkQueueUpdate(concurrency_limit=None), "Cleared concurrency limit for work queue")


def _update(name: str, pool: str | None, body: WorkQueueUpdate, told: str) -> None:
    with server() as client:
        client.update_work_queue(_find(client, name, pool).id, body)
    output.succeed(f"{told} '{name}'")


@app.command()
def delete(name: Name, pool: PoolOption = None) -> None:
    """Delete a queue."""
    with server() as client:
        queue = _find(client, name, pool)
        output.confirm(f"Delete work queue '{name}'?")
        client.delete_work_queue_by_id(queue.id)
    output.succeed(f"Deleted work queue '{name}'")
