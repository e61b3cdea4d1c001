"""`ostinato sla`: by when runs of a deployment or a tag must begin and end, and how often one must complete."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, NoReturn
from uuid import UUID

from ostinato.cli import deployment_schedule, moments, output, runs
from ostinato.cli.connection import server
from ostinato.cli.lazy import new_app
from ostinato.cli.names import flow_names
from ostinato.cli.params import argument, option
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.client.paging import every
from ostinato.exceptions import ObjectNotFound
from ostinato.slas import FrequencySla, LatenessSla, SlaSeverity, SlaTypes, TimeToCompletionSla
from ostinato_wire.filters import AnyOrNotId, DeploymentFilter
from ostinato_wire.slas import DEPLOYMENT, TAG, Sla

app = new_app("Give deployments and tags service level agreements.")

PAGE = 200
_OWN_TAG = "tag:"

Owner = Annotated[str, argument(help="flow/deployment, or tag:NAME for all runs with a tag.")]
Name = Annotated[str, argument(help="Name of the agreement.")]
_SPAN = f"As {moments.DURATIONS}."


@app.command("ls")
def list_slas(
    owner: Annotated[str | None, argument(help="Only of this flow/deployment, or tag:NAME.")] = None,
    as_json: output.OutputOption = None,
) -> None:
    """List agreements by whose runs they are about."""
    with server() as client:
        resource = None if owner is None else _resource(client, owner)
        try:
            found = every(lambda limit, offset: client.read_slas(resource, limit, offset))
        except ObjectNotFound:
            _unknown()
        names = {} if as_json else _owners(client, found)
    if as_json:
        output.print_json([runs.json_of(sla) for sla in found])
        return
    rows = [
        (
            output.plain(names.get(str(sla.owner_resource), sla.owner_resource)),
            output.plain(sla.name),
            _rule(sla),
            sla.severity.value,
            "" if sla.enabled else "no",
            str(sla.id),
        )
        for sla in found
    ]
    output.print_table("SLAs", ["Runs of", "Name", "Rule", "Severity", "Enabled", "ID"], rows)


@app.command()
def inspect(owner: Owner, name: Name, as_json: output.OutputOption = None) -> None:
    """Show an agreement."""
    with server() as client:
        runs.show_object(_find(client, owner, name), as_json)


@app.command("set")
def set_sla(
    owner: Owner,
    name: Name,
    ends_within: Annotated[str | None, option("--ends-within", help=f"A run ends so soon. {_SPAN}")] = None,
    starts_within: Annotated[str | None, option("--starts-within", help="A run starts so soon after its time.")] = None,
    completes_every: Annotated[
        str | None, option("--completes-every", help="So soon after each completed run another one completes.")
    ] = None,
    severity: Annotated[SlaSeverity, option("--severity", help="How bad a violation is.")] = SlaSeverity.MODERATE,
    disable: Annotated[bool, option("--disable", help="Do not judge anything by it yet.")] = False,
) -> None:
    """Make an agreement, or change the one of this name. Give one rule."""
    given = {"duration": ends_within, "within": starts_within, "stale_after": completes_every}
    rules = {member: _span(text) for member, text in given.items() if text is not None}
    if len(rules) != 1:
        output.fail("Give one of --ends-within, --starts-within and --completes-every.")
    with server() as client:
        members = {"name": name, "severity": severity, "enabled": not disable}
        with output.checked():
            body = _agreement(rules, members | {"owner_resource": _resource(client, owner)})
        try:
            kept = client.set_sla(body)
        except ObjectNotFound:
            _unknown()
    output.succeed(f"Set SLA '{kept.name}' of {owner}: {_rule(kept)}.")


@app.command()
def enable(owner: Owner, name: Name) -> None:
    """Judge runs by an agreement again, from now on."""
    _switch(owner, name, enabled=True)


@app.command()
def disable(owner: Owner, name: Name) -> None:
    """Judge nothing by an agreement until it is enabled."""
    _switch(owner, name, enabled=False)


@app.command()
def delete(owner: Owner, name: Name) -> None:
    """Delete an agreement."""
    with server() as client:
        found = _find(client, owner, name)
        output.confirm(f"Delete SLA '{name}' of {owner}?")
        client.delete_sla(found.id)
    output.succeed(f"Deleted SLA '{name}' of {owner}.")


def _switch(owner: str, name: str, *, enabled: bool) -> None:
    with server() as client:
        client.switch_sla(_find(client, owner, name).id, enabled=enabled)
    output.succeed(f"{'Enabled' if enabled else 'Disabled'} SLA '{name}' of {owner}.")


def _span(text: str) -> timedelta:
    try:
        return moments.duration(text)
    except ValueError as error:
        output.fail(str(error))


def _agreement(rules: Mapping[str, timedelta], members: Mapping[str, object]) -> SlaTypes:
    ((member, span),) = rules.items()
    if member == "duration":
        return TimeToCompletionSla.model_validate({**members, "duration": int(span.total_seconds())})
    kind = LatenessSla if member == "within" else FrequencySla
    return kind.model_validate({**members, member: span})


def _rule(sla: Sla) -> str:
    rules = (("ends within", sla.duration), ("starts within", sla.within), ("completes every", sla.stale_after))
    return next((f"{words} {timedelta(seconds=span)}" for words, span in rules if span is not None), "")


def _resource(client: SyncOstinatoClient, owner: str) -> str:
    """Return the resource that an argument names; ends the command for a deployment that is not there."""
    if owner.startswith(_OWN_TAG):
        return TAG + owner.removeprefix(_OWN_TAG)
    return f"{DEPLOYMENT}{deployment_schedule.find(client, owner).id}"


def _find(client: SyncOstinatoClient, owner: str, name: str) -> Sla:
    resource = _resource(client, owner)
    try:
        found = every(lambda limit, offset: client.read_slas(resource, limit, offset))
    except ObjectNotFound:
        _unknown()
    sla = next((each for each in found if each.name == name), None)
    if sla is None:
        output.fail(f"SLA '{name}' of {owner} not found. See: ostinato sla ls {owner}")
    return sla


def _unknown() -> NoReturn:
    output.fail("This server keeps no service level agreements: that takes a server of Ostinato.")


def _owners(client: SyncOstinatoClient, slas: Sequence[Sla]) -> dict[str, str]:
    """Return how people name the owners of agreements, by their resources."""
    resources = {str(sla.owner_resource) for sla in slas}
    names = {each: _OWN_TAG + each.removeprefix(TAG) for each in resources if each.startswith(TAG)}
    ids = sorted(UUID(each.removeprefix(DEPLOYMENT)) for each in resources if each.startswith(DEPLOYMENT))
    for start in range(0, len(ids), PAGE):
        wanted = DeploymentFilter(id=AnyOrNotId(any_=ids[start : start + PAGE]))
        found = client.read_deployments(deployment_filter=wanted, limit=PAGE)
        flows = flow_names(client, {each.flow_id for each in found})
        names |= {f"{DEPLOYMENT}{each.id}": f"{flows.get(each.flow_id, '')}/{each.name}" for each in found}
    return names
