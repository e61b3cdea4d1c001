"""`ostinato incident`: that something is wrong, and what people say of it."""

from typing import Annotated, NoReturn

from ostinato.cli import output, runs
from ostinato.cli.connection import expecting, parse_id, server
from ostinato.cli.lazy import new_app
from ostinato.cli.names import not_found
from ostinato.cli.params import argument, option
from ostinato.client.errors import ObjectAlreadyExists
from ostinato_wire.events import RESOURCE_ID
from ostinato_wire.incidents import (
    Incident,
    IncidentCreate,
    IncidentFilter,
    IncidentStatus,
    IncidentStatusFilter,
    Severity,
)

app = new_app("Declare, look at and resolve incidents.")

NOUN = "Incident"
COLORS = {
    Severity.MINOR: "bright_black",
    Severity.LOW: "blue",
    Severity.MODERATE: "yellow",
    Severity.HIGH: "orange1",
    Severity.CRITICAL: "red",
}

Id = Annotated[str, argument(help="Id of the incident.")]


@app.command("ls")
def list_incidents(
    limit: Annotated[int, option("--limit", min=1, help="Show at most so many.")] = 20,
    include_resolved: Annotated[bool, option("-a", "--all", help="Show those that are resolved, too.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """List incidents, those that began last first."""
    open_ones = IncidentFilter(status=IncidentStatusFilter(any_=[IncidentStatus.OPEN]))
    with server() as client:
        found = client.read_incidents(None if include_resolved else open_ones, limit=limit)
    if as_json:
        output.print_json([runs.json_of(item) for item in found])
        return
    output.print_table("Incidents", ["ID", "Name", "Severity", "Status", "Began"], [_row(item) for item in found])


def _row(item: Incident) -> tuple[str, ...]:
    severity = f"[{COLORS[item.severity]}]{item.severity}[/]"
    return str(item.id), output.plain(item.name), severity, item.status.value, output.relative(item.start_time)


@app.command()
def inspect(incident_id: Id, as_json: output.OutputOption = None) -> None:
    """Show an incident and what was said of it."""
    with server() as client:
        found = client.read_incident(parse_id(NOUN, incident_id))
        if found is None:
            not_found(NOUN, incident_id)
        comments = client.read_incident_comments(found.id)
    if as_json:
        output.print_json(runs.json_of(found) | {"comments": [runs.json_of(comment) for comment in comments]})
        return
    runs.show_object(found, None)
    for comment in comments:
        output.say(f"{output.relative(comment.created)}: {comment.text}")


@app.command()
def declare(
    name: Annotated[str, argument(help="Name of the incident.")],
    severity: Annotated[Severity, option("-s", "--severity", help="How bad it is.")] = Severity.MODERATE,
    summary: Annotated[str, option("-m", "--summary", help="What is wrong.")] = "",
    tag: Annotated[list[str] | None, option("-t", "--tag", help="A tag; may be given again.")] = None,
    resource: Annotated[
        list[str] | None, option("-r", "--resource", help="Id of a resource that it concerns; may be given again.")
    ] = None,
    as_json: output.OutputOption = None,
) -> None:
    """Declare an incident, which begins now."""
    with output.checked():
        body = IncidentCreate(
            name=name,
            severity=severity,
            summary=summary,
            tags=tag or [],
            related_resources=[{RESOURCE_ID: each} for each in resource or []],
        )
    with server() as client:
        made = client.declare_incident(body)
    if as_json:
        output.print_json(runs.json_of(made))
    else:
        output.succeed(f"Declared incident '{made.name}' with id {made.id}")


@app.command()
def resolve(incident_id: Id) -> None:
    """Let an incident end now."""
    with server() as client, expecting(NOUN, incident_id):
        try:
            found = client.resolve_incident(parse_id(NOUN, incident_id))
        except ObjectAlreadyExists:
            _is_already(incident_id, IncidentStatus.RESOLVED)
    output.succeed(f"Resolved incident '{found.name}' ({found.id})")


@app.command()
def reopen(incident_id: Id) -> None:
    """Let an incident go on that was resolved."""
    with server() as client, expecting(NOUN, incident_id):
        try:
            found = client.reopen_incident(parse_id(NOUN, incident_id))
        except ObjectAlreadyExists:
            _is_already(incident_id, IncidentStatus.OPEN)
    output.succeed(f"Reopened incident '{found.name}' ({found.id})")


@app.command()
def comment(incident_id: Id, text: Annotated[str, argument(help="What to say.")]) -> None:
    """Say something of an incident."""
    with server() as client, expecting(NOUN, incident_id):
        client.add_incident_comment(parse_id(NOUN, incident_id), text)
    output.succeed("Added the comment.")


def _is_already(incident_id: str, status: IncidentStatus) -> NoReturn:
    output.fail(f"Incident '{incident_id}' is {status} already.")
