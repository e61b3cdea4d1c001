"""`ostinato work-queue`: the lines of a work pool."""

from typing import Annotated
from uuid import UUID

from ostinato.cli import output, runs
from ostinato.cli.connection import expecting, server
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.client.errors import ObjectAlreadyExists
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.work_queues import WorkQueue, WorkQueueCreate, WorkQueueUpdate

app = new_app("Make, look at, pause and delete work queues.")

Name = Annotated[str, argument(help="Name of the queue, or its id.")]
PoolOption = Annotated[str | None, option("-p", "--pool", help="Work pool of the queue.")]


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
        try:
            queue_id = UUID(name)
        except ValueError:
            return client.read_work_queue_by_name(name, pool)
        return client.read_work_queue(queue_id)


@app.command("ls")
def list_queues(pool: PoolOption = None, as_json: output.OutputOption = None) -> None:
    """List queues: of a pool by priority, else of all pools."""
    with server() as client, expecting("Work pool", pool):
        found = client.read_work_queues(pool)
    if as_json:
        output.print_json([runs.json_of(queue) for queue in found])
        return
    rows = [
        (
            output.plain(f"{queue.name} (**)" if queue.is_paused else queue.name),
            output.plain(queue.work_pool_name or ""),
            str(queue.id),
            str(queue.priority),
            "" if queue.concurrency_limit is None else str(queue.concurrency_limit),
        )
        for queue in sorted(found, key=lambda queue: (queue.work_pool_name or "", queue.priority))
    ]
    output.print_table("Work Queues", ["Name", "Pool", "ID", "Priority", "Concurrency Limit"], rows)
    if any(queue.is_paused for queue in found):
        output.say("(**) denotes a paused queue")


@app.command()
def inspect(name: Name, pool: PoolOption = None, as_json: output.OutputOption = None) -> None:
    """Show a queue with all its members."""
    with server() as client:
        queue = _find(client, name, pool)
    runs.show_object(queue, as_json)


@app.command()
def pause(name: Name, pool: PoolOption = None) -> None:
    """Start no more runs of a queue."""
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
