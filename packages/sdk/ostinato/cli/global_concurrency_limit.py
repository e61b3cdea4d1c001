"""`ostinato global-concurrency-limit`: named limits with slots that all processes share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import orjson

from ostinato.cli import completing, output, runs
from ostinato.cli.connection import expecting, server
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.client.errors import ObjectAlreadyExists, ObjectNotFound
from ostinato_wire.concurrency import ConcurrencyLimitV2Create, ConcurrencyLimitV2Update
from ostinato_wire.slot_ledgers import SlotLedger

if TYPE_CHECKING:
    from ostinato.client import SyncOstinatoClient

app = new_app("Make, look at, change and delete concurrency limits.")

Name = Annotated[str, argument(help="Name of the limit.", autocompletion=completing.named("Concurrency limit"))]
ActiveSlots = Annotated[int | None, option("--active-slots", min=0, help="Slots that count as taken.")]
Decay = Annotated[float | None, option("--slot-decay-per-second", min=0.0, help="Slots that drain in a second.")]


@app.command("ls")
def list_limits(as_json: output.OutputOption = None) -> None:
    """List all limits."""
    with server() as client:
        found = client.read_global_concurrency_limits()
    if as_json:
        output.print_json([runs.json_of(limit) for limit in found])
        return
    rows = [
        (
            str(limit.id),
            output.plain(limit.name),
            "Yes" if limit.active else "No",
            str(limit.limit),
            str(limit.active_slots),
            f"{limit.slot_decay_per_second:g}",
            output.relative(limit.created),
            output.relative(limit.updated),
        )
        for limit in found
    ]
    columns = ["ID", "Name", "Active", "Limit", "Active Slots", "Slot Decay Per Second", "Created", "Updated"]
    output.print_table("Concurrency Limits", columns, rows)


@app.command()
def inspect(
    name: Name,
    as_json: output.OutputOption = None,
    file: Annotated[Path | None, option("-f", "--file", help="Write the JSON to this file.")] = None,
) -> None:
    """Show a limit with all its members, and who holds its slots."""
    if file is not None and not as_json:
        output.fail("--file needs -o json.")
    with server() as client, expecting("Concurrency limit", name):
        limit = client.read_global_concurrency_limit_by_name(name)
        ledger = _ledger(client, name)
    shown = runs.json_of(limit) | ({} if ledger is None else {"leases": runs.json_of(ledger)["leases"]})
    if file is not None:
        file.write_bytes(orjson.dumps(shown, option=orjson.OPT_INDENT_2))
        output.console(stderr=True).print(f"Wrote {file}", markup=False)
    elif as_json:
        output.print_json(shown)
    else:
        runs.show_object(limit, None)
        if ledger is not None and ledger.leases:
            _print_leases(ledger)


def _ledger(client: "SyncOstinatoClient", name: str) -> SlotLedger | None:
    """Return who holds slots of a limit that exists; None where the server does not tell."""
    try:
        return client.read_slot_ledger(name)
    except ObjectNotFound:
        return None


def _print_leases(ledger: SlotLedger) -> None:
    rows = [
        (
            str(held.lease_id),
            output.plain(f"{held.holder.type.value} {held.name or held.holder.id}" if held.holder else "unknown"),
            str(held.slots),
            output.relative(held.since),
            "its holder ends" if held.until is None else output.relative(held.until),
        )
        for held in ledger.leases
    ]
    output.print_table("Slots", ["Lease ID", "Holder", "Slots", "Since", "Until"], rows)
    if ledger.lease_count > len(rows):
        output.say(f"And {ledger.lease_count - len(rows)} more.")


@app.command()
def release(lease_id: Annotated[UUID, argument(help="The lease, as `inspect` shows it.")]) -> None:
    """Take the slots of a lease away from who holds them."""
    output.confirm(f"Take the slots of lease '{lease_id}' away? Its holder learns of it when it renews the lease.")
    with server() as client, expecting("Lease", str(lease_id)):
        client.revoke_concurrency_lease(lease_id)
    output.succeed(f"Released the slots of lease '{lease_id}'.")


@app.command()
def create(
    name: Name,
    limit: Annotated[int, option("-l", "--limit", min=0, help="Slots of the limit.")],
    disable: Annotated[bool, option("--disable", help="Do not hold anybody up yet.")] = False,
    active_slots: ActiveSlots = None,
    decay: Decay = None,
) -> None:
    """Make a limit."""
    with output.checked():
        body = ConcurrencyLimitV2Create(
            name=name,
            limit=limit,
            active=not disable,
            active_slots=active_slots or 0,
            slot_decay_per_second=decay or 0.0,
        )
    with server() as client:
        try:
            made = client.create_global_concurrency_limit(body)
        except ObjectAlreadyExists:
            output.fail(f"Concurrency limit '{name}' already exists.")
    output.succeed(f"Created global concurrency limit with name '{name}' and ID '{made.id}'.")
    output.say(f"Run `ostinato global-concurrency-limit inspect {name}` to see it.")


@app.command()
def update(
    name: Name,
    enable: Annotated[bool | None, option("--enable/--disable", help="Hold others up, or do not.")] = None,
    limit: Annotated[int | None, option("-l", "--limit", min=0, help="Slots of the limit.")] = None,
    active_slots: ActiveSlots = None,
    decay: Decay = None,
) -> None:
    """Change what is given of a limit."""
    given = {"active": enable, "limit": limit, "active_slots": active_slots, "slot_decay_per_second": decay}
    changes = {member: value for member, value in given.items() if value is not None}
    if not changes:
        output.fail("Nothing to change: give --limit, --enable, --disable, --active-slots or --slot-decay-per-second.")
    with output.checked():
        body = ConcurrencyLimitV2Update.model_validate(changes)
    with server() as client, expecting("Concurrency limit", name):
        client.update_global_concurrency_limit(name, body)
    output.succeed(f"Updated global concurrency limit with name '{name}'.")


@app.command()
def enable(name: Name) -> None:
    """Let a limit hold others up."""
    _switch(name, active=True)


@app.command()
def disable(name: Name) -> None:
    """Let a limit hold nobody up."""
    _switch(name, active=False)


def _switch(name: str, *, active: bool) -> None:
    word = "enabled" if active else "disabled"
    with server() as client, expecting("Concurrency limit", name):
        if client.read_global_concurrency_limit_by_name(name).active is active:
            output.fail(f"Concurrency limit '{name}' is already {word}.")
        client.update_global_concurrency_limit(name, ConcurrencyLimitV2Update(active=active))
    output.succeed(f"{word.capitalize()} global concurrency limit with name '{name}'.")


@app.command()
def delete(name: Name) -> None:
    """Delete a limit."""
    with server() as client, expecting("Concurrency limit", name):
        client.read_global_concurrency_limit_by_name(name)
        output.confirm(f"Delete concurrency limit '{name}'?")
        client.delete_global_concurrency_limit_by_name(name)
    output.succeed(f"Deleted global concurrency limit with name '{name}'.")
