"""`ostinato automation delivery`: what became of the actions of automations that have fired."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from ostinato.cli import output, runs
from ostinato.cli.connection import expecting, parse_id, server
from ostinato.cli.lazy import new_app
from ostinato.cli.names import not_found
from ostinato.cli.params import argument
from ostinato.client.errors import ObjectAlreadyExists
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.action_deliveries import ActionDelivery, ActionDeliveryFilter, AnyDeliveryState, DeliveryState
from ostinato_wire.filters import AnyId

app = new_app("Look at what became of an action, and do it again.")

NOUN = "Delivery"
COLORS = {
    DeliveryState.PENDING: "yellow",
    DeliveryState.DELIVERED: "green",
    DeliveryState.FAILED: "red",
    DeliveryState.DROPPED: "bright_black",
    DeliveryState.FOLDED: "bright_black",
}

Id = Annotated[str, argument(help="Id of the delivery.")]


def find(
    client: SyncOstinatoClient, automations: Sequence[UUID] | None, states: Sequence[DeliveryState], limit: int
) -> list[ActionDelivery]:
    """Return the newest deliveries of automations, of all where none are given, that are in one of the states."""
    wanted = ActionDeliveryFilter(
        automation_id=None if automations is None else AnyId(any_=list(automations)),
        state=AnyDeliveryState(any_=list(states)) if states else None,
    )
    return client.read_action_deliveries(wanted, limit=limit)


def show_all(found: Sequence[ActionDelivery]) -> None:
    """Print a table of deliveries."""
    rows = [
        (
            str(item.id),
            output.plain(item.automation_name),
            item.action.type,
            f"[{COLORS[item.state]}]{item.state}[/]",
            str(item.attempts),
            output.relative(item.created),
            output.plain(item.reason or ""),
        )
        for item in found
    ]
    columns = ["ID", "Automation", "Action", "State", "Attempts", "Fired", "Reason"]
    output.print_table("Deliveries", columns, rows, wide="Reason")


@app.command()
def inspect(delivery_id: Id, as_json: output.OutputOption = None) -> None:
    """Show what became of one action of one firing."""
    with server() as client:
        found = client.read_action_delivery(parse_id(NOUN, delivery_id))
    if found is None:
        not_found(NOUN, delivery_id)
    if as_json:
        output.print_json(runs.json_of(found))
    else:
        runs.show_object(found, None)


@app.command("send-again")
def send_again(delivery_id: Id) -> None:
    """Try an action again that failed."""
    with server() as client, expecting(NOUN, delivery_id):
        try:
            found = client.send_action_delivery_again(parse_id(NOUN, delivery_id))
        except ObjectAlreadyExists as error:
            output.fail(str(error))
    output.succeed(f"Delivery {found.id} of automation '{found.automation_name}' is tried again.")
