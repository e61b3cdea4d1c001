"""`ostinato deployment schedule`: the schedules of a deployment."""

from typing import Annotated
from uuid import UUID

import typer

from ostinato.cli import output
from ostinato.cli.connection import expecting, parse_id, server
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.cli.schedules import (
    AnchorOption,
    CronOption,
    IntervalOption,
    RRuleOption,
    ZoneOption,
    schedule_text,
    schedules,
)
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.deployments import Deployment, DeploymentScheduleUpdate

app = new_app("Look at and change the schedules of a deployment.")

Name = Annotated[str, argument(metavar="FLOW/DEPLOYMENT", help="Name of the deployment, or its id.")]
ScheduleId = Annotated[str | None, argument(metavar="SCHEDULE_ID", help="Id of the schedule.")]
YesOption = Annotated[bool, option("-y", "--yes", help="Do not ask.")]
AllOption = Annotated[bool, option("--all", help="Every schedule of the deployment.")]


def find(client: SyncOstinatoClient, name: str) -> Deployment:
    """Return the deployment `flow/deployment`, or of an id; an unknown one ends the command."""
    with expecting("Deployment", name):
        try:
            deployment_id = UUID(name)
        except ValueError:
            pass
        else:
            return client.read_deployment(deployment_id)
        if "/" not in name:
            output.fail(f"A deployment is named `flow/deployment`, got '{name}'.")
        return client.read_deployment_by_name(name)


@app.command()
def create(
    name: Name,
    cron: CronOption = None,
    interval: IntervalOption = None,
    rrule: RRuleOption = None,
    anchor_date: AnchorOption = None,
    timezone: ZoneOption = None,
    active: Annotated[bool, option("--active/--no-active", help="Make runs by it at once.")] = True,
    replace: Annotated[bool, option("--replace", help="Delete the other schedules.")] = False,
    yes: YesOption = False,
) -> None:
    """Add a schedule to a deployment."""
    made = schedules(cron, interval, rrule, anchor_date, timezone)
    if len(made) != 1:
        output.fail("Give exactly one of --cron, --interval and --rrule.")
    wire = made[0].to_wire()
    wire.active = active
    with server() as client:
        found = find(client, name)
        if replace and found.schedules:
            _ask(f"Replace {len(found.schedules)} schedule(s) of '{name}'?", yes)
            for old in found.schedules:
                client.delete_deployment_schedule(found.id, old.id)
        client.create_deployment_schedules(found.id, [wire])
    output.succeed("Created deployment schedule!")


@app.command("ls")
def list_schedules(name: Name, as_json: output.OutputOption = None) -> None:
    """List the schedules of a deployment."""
    with server() as client:
        found = client.read_deployment_schedules(find(client, name).id)
    if as_json:
        shown = [item.model_dump(mode="json") | {"schedule": schedule_text(item.schedule)} for item in found]
        output.print_json(shown)
        return
    rows = [(str(item.id), output.plain(schedule_text(item.schedule)), str(item.active)) for item in found]
    output.print_table("Deployment Schedules", ["ID", "Schedule", "Active"], rows)


@app.command()
def pause(name: Name, schedule_id: ScheduleId = None, every: AllOption = False) -> None:
    """Make no more runs by a schedule."""
    _set_active(name, schedule_id, every, active=False)


@app.command()
def resume(name: Name, schedule_id: ScheduleId = None, every: AllOption = False) -> None:
    """Make runs by a schedule again."""
    _set_active(name, schedule_id, every, active=True)


def _set_active(name: str, schedule_id: str | None, every: bool, *, active: bool) -> None:
    if (schedule_id is not None) == every:
        output.fail("Give the id of a schedule, or --all.")
    word = "Resumed" if active else "Paused"
    with server() as client:
        found = find(client, name)
        wanted = None if schedule_id is None else parse_id("Deployment schedule", schedule_id)
        chosen = [item for item in found.schedules if wanted in (None, item.id)]
        if wanted is not None and not chosen:
            output.fail(f"Deployment schedule '{wanted}' not found.")
        if wanted is not None and chosen[0].active is active:
            output.fail(f"Deployment schedule '{wanted}' is already {'active' if active else 'inactive'}.")
        for item in chosen:
            client.update_deployment_schedule(found.id, item.id, DeploymentScheduleUpdate(active=active))
    output.succeed(f"{word} {len(chosen)} schedule(s) of deployment '{name}'.")


@app.command()
def delete(name: Name, schedule_id: Annotated[str, argument(metavar="SCHEDULE_ID")], yes: YesOption = False) -> None:
    """Delete a schedule of a deployment."""
    wanted = parse_id("Deployment schedule", schedule_id)
    with server() as client:
        found = find(client, name)
        _ask(f"Delete schedule '{wanted}' of '{name}'?", yes)
        with expecting("Deployment schedule", wanted):
            client.delete_deployment_schedule(found.id, wanted)
    output.succeed(f"Deleted deployment schedule '{wanted}'.")


@app.command()
def clear(name: Name, yes: YesOption = False) -> None:
    """Delete all schedules of a deployment."""
    with server() as client:
        found = find(client, name)
        _ask(f"Delete {len(found.schedules)} schedule(s) of '{name}'?", yes)
        for item in found.schedules:
            client.delete_deployment_schedule(found.id, item.id)
    output.succeed(f"Deleted {len(found.schedules)} schedule(s) of deployment '{name}'.")


def _ask(question: str, yes: bool) -> None:
    """Ask even where nobody can answer: such a script must say `--yes`."""
    if not yes and not typer.confirm(question, default=False):
        output.fail("Operation cancelled.")
