"""`ostinato flow`: look at flows."""

from typing import Annotated

from ostinato.cli import output
from ostinato.cli.connection import server
from ostinato.cli.lazy import new_app
from ostinato.cli.params import option
from ostinato_wire.flows import FlowSort

app = new_app("Look at flows.")


@app.callback()
def group() -> None:
    """Look at flows."""


@app.command("ls")
def list_flows(
    limit: Annotated[int, option("--limit", min=1, max=200, help="How many flows at most.")] = 15,
    as_json: output.OutputOption = None,
) -> None:
    """List flows, the newest first."""
    with server() as client:
        flows = client.read_flows(limit=limit, sort=FlowSort.CREATED_DESC)
    if as_json:
        output.print_json([flow.model_dump(mode="json") for flow in flows])
        return
    rows = [(str(flow.id), output.plain(flow.name), output.relative(flow.created)) for flow in flows]
    output.print_table("Flows", ["ID", "Name", "Created"], rows)
