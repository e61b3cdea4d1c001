"""`ostinato deployment schedule`: the schedules of a deployment."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from ostinato.cli import completing, output
from ostinato.cli.connection import expecting, is_id, parse_id, server
from ostinato.cli.lazy import did_you_mean, new_app
from ostinato.cli.names import similar
from ostinato.cli.params import YesOption, argument, option
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
from ostinato.client.paging import every
from ostinato_wire.deployments import Deployment, DeploymentScheduleCreate, DeploymentScheduleUpdate
from ostinato_wire.schedules import CronSchedule

app = new_app("Look at and change the schedules of a deployment.")

Name = Annotated[
    str,
    argument(
        metavar="FLOW/DEPLOYMENT",
        help="Name of the deployment, or its id.",
        autocompletion=completing.named("Deployment"),
    ),
]
OptionalName = Annotated[
    str | None,
    argument(
        metavar="[FLOW/DEPLOYMENT]",
        help="Name of the deployment, or its id.",
        autocompletion=completing.named("Deployment"),
    ),
]
ScheduleId = Annotated[str | None, argument(metavar="[SCHEDULE_ID]", help="Id of the schedule.")]
AllOption = Annotated[bool, option("--all", help="Every schedule of the deployment; without a deployment: of all.")]


def find(client: SyncOstinatoClient, name: str) -> Deployment:
    """Return the deployment `flow/deployment`, or of an id; an unknown one ends the command."""
    with expecting("Deployment", name):
        if is_id(name):
            return client.read_deployment(UUID(name))
        if "/" not in name:
            hint = did_you_mean(similar("Deployment", name))
            output.fail(f"A deployment is named `flow/deployment`, got '{name}'.{hint}")
        return client.read_deployment_by_name(name)


@app.command()
def create(
    name: Name,
    cron: CronOption = None,
    interval: IntervalOption = None,
    rrule: RRuleOption = None,
    anchor_date: AnchorOption = None,
    timezone: ZoneOption = None,
    day_or: Annotated[
        bool, option("--day_or/--no-day_or", "--day-or/--no-day-or", help="Cron: either day of month or of week.")
    ] = True,
    active: Annotated[bool, option("--active/--no-active", help="Make runs by it at once.")] = True,
    replace: Annotated[bool, option("--replace", help="Delete the other schedules.")] = False,
    yes: YesOption = False,
) -> None:
    """Add a schedule to a deployment."""
    wire = _schedule(cron, interval, rrule, anchor_date, timezone)
    wire.active = active
    if isinstance(wire.schedule, CronSchedule):
        wire.schedule.day_or = day_or
    elif not day_or:
        output.fail("--no-day-or is for --cron only.")
    with server() as client:
        found = find(client, name)
        if replace and found.schedules:
            output.insist(f"Replace {len(found.schedules)} schedule(s) of '{name}'?", yes)
            for old in found.schedules:
                client.delete_deployment_schedule(found.id, old.id)
        client.create_deployment_schedules(found.id, [wire])
    output.succeed("Created deployment schedule!")


def _schedule(
    cron: list[str] | None,
    interval: list[float] | None,
    rrule: list[str] | None,
    anchor: datetime | None,
    zone: str | None,
) -> DeploymentScheduleCreate:
    if anchor is not None and not interval:
        output.fail("--anchor-date is for --interval only.")
    if zone is None and any("TZID=" in text for text in rrule or ()):
        output.fail("The rule names a time zone by TZID: give it as --timezone, too, for it is that which counts.")
    made = schedules(cron, interval, rrule, anchor, zone)
    if len(made) != 1:
        output.fail("Give exactly one of --cron, --interval and --rrule.")
    return made[0].to_wire()


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
def pause(name: OptionalName = None, schedule_id: ScheduleId = None, every_one: AllOption = False) -> None:
    """Make no more runs by a schedule."""
    _set_active(name, schedule_id, every_one, active=False)


@app.command()
def resume(name: OptionalName = None, schedule_id: ScheduleId = None, every_one: AllOption = False) -> None:
    """Make runs by a schedule again."""
    _set_active(name, schedule_id, every_one, active=True)


def _set_active(name: str | None, schedule_id: str | None, every_one: bool, *, active: bool) -> None:
    if (schedule_id is not None) == every_one or (name is None and not every_one):
        output.fail("Give a deployment and the id of a schedule, or --all.")
    with server() as client:
        if schedule_id is not None:
            _set_one(client, find(client, str(name)), parse_id("Deployment schedule", schedule_id), active)
            return
        found = [find(client, name)] if name is not None else every(_page_of_deployments(client))
        _set_all(client, found, active)


def _page_of_deployments(client: SyncOstinatoClient) -> Callable[[int, int], list[Deployment]]:
    return lambda limit, offset: client.read_deployments(limit=limit, offset=offset)


def _set_one(client: SyncOstinatoClient, deployment: Deployment, wanted: UUID, active: bool) -> None:
    chosen = next((item for item in deployment.schedules if item.id == wanted), None)
    if chosen is None:
        output.fail(f"Deployment '{deployment.name}' has no schedule '{wanted}': `ostinato deployment schedule ls`.")
    if chosen.active is active:
        output.fail(f"Deployment schedule '{wanted}' is already {'active' if active else 'inactive'}.")
    client.update_deployment_schedule(deployment.id, wanted, DeploymentScheduleUpdate(active=active))
    output.succeed(f"{_told(active)} schedule {schedule_text(chosen.schedule)} of deployment '{deployment.name}'.")


def _set_all(client: SyncOstinatoClient, deployments: list[Deployment], active: bool) -> None:
    chosen = [(item, each) for item in deployments for each in item.schedules if each.active is not active]
    if chosen:
        output.confirm(f"{'Resume' if active else 'Pause'} {len(chosen)} schedule(s)?")
    for item, each in output.progress(chosen, "Changing schedules"):
        client.update_deployment_schedule(item.id, each.id, DeploymentScheduleUpdate(active=active))
        output.say(f"{_told(active)} {schedule_text(each.schedule)} of deployment '{item.name}'")
    output.succeed(f"{_told(active)} {len(chosen)} schedule(s).")


def _told(active: bool) -> str:
    return "Resumed" if active else "Paused"


@app.command()
def delete(name: Name, schedule_id: Annotated[str, argument(metavar="SCHEDULE_ID")], yes: YesOption = False) -> None:
    """Delete a schedule of a deployment."""
    wanted = parse_id("Deployment schedule", schedule_id)
    with server() as client:
        found = find(client, name)
        output.insist(f"Delete schedule '{wanted}' of '{name}'?", yes)
        with expecting("Deployment schedule", wanted):
            client.delete_deployment_schedule(found.id, wanted)
    output.succeed(f"Deleted deployment schedule '{wanted}'.")


@app.command()
def clear(name: Name, yes: YesOption = False) -> None:
    """Delete all schedules of a deployment."""
    with server() as client:
        found = find(client, name)
        output.insist(f"Delete {len(found.schedules)} schedule(s) of '{name}'?", yes)
        for item in found.schedules:
            client.delete_deployment_schedule(found.id, item.id)
    output.succeed(f"Deleted {len(found.schedules)} schedule(s) of deployment '{name}'.")
