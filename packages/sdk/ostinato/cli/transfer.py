"""`ostinato transfer`: copy what people set up from one server to another."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from uuid_utils.compat import uuid7

from ostinato.cli import completing, output
from ostinato.cli.connection import telling
from ostinato.cli.lazy import new_app
from ostinato.cli.params import option
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.settings.current import load_settings
from ostinato.settings.sources import read_sources
from ostinato.transfer import Item, Outcome, Status, Target, collect, copy
from ostinato_wire.events import RESOURCE_ID, Event

app = new_app("Copy what is set up from one server to another.")

_SIGNS: Final = {
    Status.MADE: "[green]✓ made[/]",
    Status.SKIPPED: "[yellow]- skipped[/]",
    Status.FAILED: "[red]✗ failed[/]",
}
_EVENT = "prefect.workspace.transfer"


@app.command("transfer")
def transfer(
    source: Annotated[
        str, option("--from", help="Profile of the server to copy from.", autocompletion=completing.profiles)
    ],
    target: Annotated[
        str, option("--to", help="Profile of the server to copy to.", autocompletion=completing.profiles)
    ],
    with_secrets: Annotated[
        bool, option("--with-secrets", help="Copy blocks that hold secrets, too: they are read in clear.")
    ] = False,
    as_json: output.OutputOption = None,
) -> None:
    """Copy blocks, variables, limits, flows, work pools, deployments and automations; never runs and their history.

    What the target has already is left as it is. Ends with 1 if anything could not be copied.
    """
    if source == target:
        output.fail("--from and --to name the same profile.")
    with telling(), _client_of(source) as from_, _client_of(target) as to:
        if from_.api_url == to.api_url:
            output.fail(f"Both profiles name the same server, {from_.api_url}.")
        items = collect(from_, with_secrets)
        if not items:
            output.say(f"There is nothing to transfer from '{source}'.")
            return
        output.note(f"{len(items)} resources of '{source}' ({from_.api_url}) are to be on '{target}' ({to.api_url}).")
        output.confirm(f"Transfer them to '{target}'?")
        outcomes = _copied(items, to)
    _show(outcomes, as_json)
    if any(outcome.status is Status.FAILED for outcome in outcomes):
        raise typer.Exit(1)


@contextmanager
def _client_of(profile: str) -> Generator[SyncOstinatoClient]:
    settings = load_settings(read_sources(profile))
    if settings.api.url is None:
        output.fail(f"Profile '{profile}' has no API URL: both servers must run somewhere.")
    with SyncOstinatoClient(settings, settings.api.url) as client:
        yield client


def _copied(items: list[Item], to: SyncOstinatoClient) -> list[Outcome]:
    target = Target(to, items)
    transfer_id = f"{_EVENT}.{uuid7()}"
    _tell(to, "started", transfer_id, {"resources": len(items)})
    outcomes = [copy(item, target) for item in output.progress(items, "Transferring resources")]
    _tell(to, "completed", transfer_id, dict(_counts(outcomes)))
    return outcomes


def _tell(to: SyncOstinatoClient, what: str, transfer_id: str, payload: dict[str, int]) -> None:
    event = Event(
        id=uuid7(),
        occurred=datetime.now(UTC),
        event=f"{_EVENT}.{what}",
        resource={RESOURCE_ID: transfer_id},
        payload=dict(payload),
    )
    to.create_events([event.model_dump(mode="json")])


def _counts(outcomes: list[Outcome]) -> Counter[str]:
    return Counter(outcome.status.value for outcome in outcomes)


def _show(outcomes: list[Outcome], as_json: str | None) -> None:
    if as_json:
        output.print_json(
            [{"resource": each.label, "status": each.status, "details": each.details} for each in outcomes]
        )
        return
    rows = [(output.plain(each.label), _SIGNS[each.status], output.plain(each.details)) for each in outcomes]
    output.print_table("Transfer Results", ["Resource", "Status", "Details"], rows)
    counts = _counts(outcomes)
    told = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    output.say(f"Transfer completed: {told}.", "red" if counts[Status.FAILED] else "green")
