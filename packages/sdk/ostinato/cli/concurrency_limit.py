"""`ostinato concurrency-limit`: how many task runs with a tag run at once."""

from typing import Annotated

from ostinato.cli import completing, output, runs
from ostinato.cli.connection import expecting, server
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option

app = new_app("Make, look at, reset and delete the limits of task tags.")

Tag = Annotated[str, argument(help="The tag.", autocompletion=completing.named("Concurrency limit of tag"))]


@app.command()
def create(tag: Tag, concurrency_limit: Annotated[int, argument(help="Task runs at once at most.")]) -> None:
    """Limit how many task runs with a tag run at once; an existing limit is changed."""
    with server() as client:
        client.create_concurrency_limit(tag, concurrency_limit)
    output.succeed(f"Created concurrency limit with properties - tag: {tag!r}, concurrency_limit: {concurrency_limit}")
    output.say(f"Run `ostinato concurrency-limit inspect {tag}` to see it, or `... delete {tag}` to delete it.")


@app.command()
def inspect(tag: Tag, as_json: output.OutputOption = None) -> None:
    """Show a limit and the task runs that hold its slots."""
    with server() as client, expecting("Concurrency limit of tag", tag):
        limit = client.read_concurrency_limit_by_tag(tag)
    runs.show_object(limit, as_json)
    if limit.active_slots and not as_json:
        output.print_table("Active Task Runs", ["ID"], [(str(run),) for run in limit.active_slots])


@app.command("ls")
def list_limits(
    limit: Annotated[int, option("--limit", min=1, help="Show at most so many.")] = 15,
    offset: Annotated[int, option("--offset", min=0, help="Leave out the first ones.")] = 0,
    as_json: output.OutputOption = None,
) -> None:
    """List the limits of tags."""
    with server() as client:
        found = client.read_concurrency_limits(limit, offset)
    if as_json:
        output.print_json([runs.json_of(limit) for limit in found])
        return
    rows = [
        (output.plain(limit.tag), str(limit.id), str(limit.concurrency_limit), str(len(limit.active_slots)))
        for limit in found
    ]
    output.print_table("Concurrency Limits", ["Tag", "ID", "Concurrency Limit", "Active Task Runs"], rows)


@app.command()
def reset(tag: Tag) -> None:
    """Free all slots of a limit."""
    with server() as client, expecting("Concurrency limit of tag", tag):
        client.reset_concurrency_limit_by_tag(tag)
    output.succeed(f"Reset concurrency limit for tag '{tag}'.")


@app.command()
def delete(tag: Tag) -> None:
    """Delete a limit."""
    with server() as client, expecting("Concurrency limit of tag", tag):
        client.delete_concurrency_limit_by_tag(tag)
    output.succeed(f"Deleted concurrency limit set on the tag '{tag}'.")
