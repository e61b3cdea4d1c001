"""`ostinato automation`: what is done when a trigger fires."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import ValidationError

from ostinato.cli import (
    automation_delivery,
    automation_text,
    automation_trial,
    backtest_text,
    completing,
    moments,
    output,
    runs,
)
from ostinato.cli.connection import parse_id, server
from ostinato.cli.lazy import new_app
from ostinato.cli.names import not_found
from ostinato.cli.params import argument, option
from ostinato.cli.values import document_in, json_value
from ostinato.client.errors import OstinatoHTTPStatusError
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.client.paging import every
from ostinato.events.schemas.automations import Automation, AutomationCore
from ostinato_wire.action_deliveries import DeliveryState
from ostinato_wire.automations import AutomationUpdate
from ostinato_wire.backtests import BacktestRequest

app = new_app("Make, look at, pause and delete automations.")
app.command("send-test")(automation_trial.send_test)
app.add_typer(automation_delivery.app, name="delivery")

Name = Annotated[str | None, argument(help="Name of the automation.", autocompletion=completing.named("Automation"))]
Id = Annotated[str | None, option("--id", help="Id of the automation.")]
FromFile = Annotated[
    Path | None, option("-f", "--from-file", help="YAML or JSON file.", exists=True, dir_okay=False, readable=True)
]
FromJson = Annotated[str | None, option("-j", "--from-json", help="The same as a text of JSON.")]


@app.command("ls")
def list_automations(as_json: output.OutputOption = None) -> None:
    """List automations by name."""
    with server() as client:
        found = every(lambda limit, offset: client.read_automations(limit=limit, offset=offset))
    if as_json:
        output.print_json([runs.json_of(item) for item in found])
        return
    rows = [
        (
            f"[bold]{output.plain(item.name)}[/]\n[cyan]{item.id}[/]"
            + (f"\n[dim]{output.plain(item.description)}[/]" if item.description else ""),
            "[green]✓[/]" if item.enabled else "[red]✗[/]",
            output.plain(automation_text.of_trigger(item.trigger)),
            output.plain("\n".join(automation_text.of_actions(item))),
        )
        for item in found
    ]
    output.print_table("Automations", ["Automation", "Enabled", "Trigger", "Actions"], rows, wide="Automation")


@app.command()
def deliveries(
    name: Name = None,
    automation_id: Id = None,
    state: Annotated[
        list[DeliveryState] | None, option("-s", "--state", help="Only those in this state; may be given again.")
    ] = None,
    limit: Annotated[int, option("--limit", min=1, help="Show at most so many.")] = 20,
    as_json: output.OutputOption = None,
) -> None:
    """List what became of the actions of an automation, or of all, the newest first."""
    with server() as client:
        of_all = name is None and automation_id is None
        chosen = None if of_all else [item.id for item in find(client, name, automation_id)]
        found = automation_delivery.find(client, chosen, state or [], limit)
    if as_json:
        output.print_json([runs.json_of(item) for item in found])
    else:
        automation_delivery.show_all(found)


@app.command()
def inspect(
    name: Name = None,
    automation_id: Id = None,
    yaml: Annotated[bool, option("--yaml", help="Print YAML, which `create --from-file` takes.")] = False,
    json: Annotated[bool, option("--json", help="Print JSON.")] = False,
    form: output.FormOption = None,
) -> None:
    """Show an automation, or all of a name."""
    form = output.chosen_form(form, yaml=yaml, json=json)
    with server() as client:
        found = find(client, name, automation_id)
    if form:
        shown = [runs.json_of(item) for item in found]
        output.print_document(shown[0] if automation_id is not None else shown, form)
        return
    for item in found:
        runs.show_object(item, None)


@app.command()
def create(from_file: FromFile = None, from_json: FromJson = None) -> None:
    """Make one automation, a list of them, or those under the key `automations`."""
    wanted = _several(_given(from_file, from_json))
    made: list[str] = []
    failed: list[str] = []
    with server() as client:
        for number, item in enumerate(wanted, start=1):
            label = _label(item, number)
            try:
                body = AutomationCore.model_validate(item)
                made.append(f"'{label}' with id {client.create_automation(body)}")
            except ValidationError as error:
                failed.append(f"'{label}': {'; '.join(output.problems(error))}")
            except OstinatoHTTPStatusError as error:
                if error.status not in (400, 409, 422):
                    raise
                failed.append(f"'{label}': {' '.join(str(error).split())}")
    _tell_made(made, failed)


def _tell_made(made: Sequence[str], failed: Sequence[str]) -> None:
    if len(made) == 1:
        output.succeed(f"Created automation {made[0]}")
    elif made:
        output.succeed("\n".join([f"Created {len(made)} automation(s):", *(f"  - {line}" for line in made)]))
    if failed:
        output.fail("\n".join([f"Failed to create {len(failed)} automation(s):", *(f"  - {line}" for line in failed)]))


@app.command()
def update(
    automation_id: Annotated[str, option("--id", help="Id of the automation.")],
    from_file: FromFile = None,
    from_json: FromJson = None,
) -> None:
    """Replace an automation by what a file or a text of JSON says."""
    wanted = _several(_given(from_file, from_json))
    if len(wanted) != 1:
        output.fail(f"Give one automation to replace '{automation_id}', got {len(wanted)}.")
    with output.checked():
        body = AutomationUpdate.model_validate(wanted[0])
    with server() as client:
        (found,) = find(client, None, automation_id)
        client.update_automation(found.id, body)
    output.succeed(f"Updated automation '{body.name}' ({found.id})")


@app.command()
@app.command("enable", hidden=True)
def resume(name: Name = None, automation_id: Id = None) -> None:
    """Let an automation act again."""
    _switch(name, automation_id, enabled=True)


@app.command()
@app.command("disable", hidden=True)
def pause(name: Name = None, automation_id: Id = None) -> None:
    """Let an automation do nothing until it is resumed."""
    _switch(name, automation_id, enabled=False)


def _switch(name: str | None, automation_id: str | None, *, enabled: bool) -> None:
    verb = "Resume" if enabled else "Pause"
    with server() as client:
        found = find(client, name, automation_id)
        if len(found) > 1:
            output.insist(f"{verb} all {len(found)} automations named '{name}'?")
        for item in found:
            if enabled:
                client.resume_automation(item.id)
            else:
                client.pause_automation(item.id)
            output.succeed(f"{verb}d automation '{item.name}' ({item.id})")


@app.command()
def delete(
    name: Name = None,
    automation_id: Id = None,
    delete_all: Annotated[bool, option("--all", help="Delete every automation.")] = False,
) -> None:
    """Delete an automation, or all."""
    if delete_all:
        if name is not None or automation_id is not None:
            output.fail("Give --all alone, without a name or --id.")
        _delete_all()
        return
    with server() as client:
        found = find(client, name, automation_id)
        if len(found) > 1:
            ids = "\n".join(f"  {item.id}" for item in found)
            output.fail(f"Several automations are named '{name}'; give --id to delete one of:\n{ids}")
        output.confirm(f"Delete automation '{found[0].name}' ({found[0].id})?")
        client.delete_automation(found[0].id)
    output.succeed(f"Deleted automation '{found[0].name}' ({found[0].id})")


def _delete_all() -> None:
    with server() as client:
        found = every(lambda limit, offset: client.read_automations(limit=limit, offset=offset))
        if not found:
            output.say("There are no automations.")
            return
        output.confirm(f"Delete all {len(found)} automations?")
        for item in output.progress(found, "Deleting automations"):
            client.delete_automation(item.id)
    output.succeed(f"Deleted {len(found)} automation(s)")


@app.command("test")
def try_out(
    file: Annotated[Path, argument(help="YAML or JSON file with one automation.", exists=True, dir_okay=False)],
    since: Annotated[
        str, option("--since", help="For how long back, as '7d', or from when on, as '2030-01-31 17:30'.")
    ] = "1d",
    event: Annotated[str | None, option("--event", help="Id of an event: why it fires the automation, or not.")] = None,
    as_json: output.OutputOption = None,
) -> None:
    """Show what an automation would have done by the events that the server has, without making it."""
    wanted = _several(document_in(file))
    if len(wanted) != 1:
        output.fail(f"Give one automation to test, got {len(wanted)}.")
    with output.checked():
        body = BacktestRequest(
            automation=AutomationUpdate.model_validate(wanted[0]),
            since=_beginning(since),
            event_id=None if event is None else parse_id("Event", event),
        )
    with server() as client:
        found = client.backtest_automation(body)
    if as_json:
        output.print_json(runs.json_of(found))
        return
    backtest_text.show(found)


def _beginning(text: str) -> datetime:
    with suppress(ValueError):
        return datetime.now(UTC) - moments.duration(text)
    try:
        return moments.moment(text)
    except ValueError as error:
        output.fail(str(error))


def find(client: SyncOstinatoClient, name: str | None, automation_id: str | None) -> Sequence[Automation]:
    """Return the automation of the id, or all of the name; ends the command where there is none."""
    if (name is None) == (automation_id is None):
        output.fail("Give either the name of an automation or --id.")
    if automation_id is not None:
        found = client.read_automation(parse_id("Automation", automation_id))
        if found is None:
            not_found("Automation", automation_id)
        return [found]
    named = client.read_automations_by_name(str(name))
    if not named:
        not_found("Automation", name)
    return named


def _given(from_file: Path | None, from_json: str | None) -> Any:  # any JSON value
    if (from_file is None) == (from_json is None):
        output.fail("Give either --from-file or --from-json.")
    return document_in(from_file) if from_file is not None else json_value("--from-json", str(from_json))


def _several(document: Any) -> list[Any]:  # any JSON values
    """Return the automations in a document: one object, a list, or the list under `automations`."""
    if isinstance(document, dict) and "automations" in document:
        document = cast("dict[str, Any]", document)["automations"]  # an object of JSON
    found: list[Any] = cast("list[Any]", document) if isinstance(document, list) else [document]  # an array of JSON
    if not found:
        output.fail("There is no automation in it.")
    return found


def _label(item: Any, number: int) -> str:  # any JSON value
    name = cast("dict[str, Any]", item).get("name") if isinstance(item, dict) else None  # an object of JSON
    return str(name or f"no. {number}")
