"""`ostinato flow-run bulk`: all flow runs that match are changed by a job of the server."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from ostinato.cli import bulk_job, completing, moments, output, runs
from ostinato.cli.connection import expecting, server
from ostinato.cli.params import argument, option
from ostinato.client.errors import ObjectAlreadyExists, ObjectNotFound
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.bulk_jobs import BulkAction, BulkJobCreate, BulkJobPreview, BulkJobPreviewQuery
from ostinato_wire.filters import AnyOrAllTags, NameFilter, NullableId, TimeFilter, WorkPoolFilter
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.flows import FlowFilter
from ostinato_wire.queries import FlowRunsWhere
from ostinato_wire.states import StateCreate, StateType


def bulk(
    action: Annotated[BulkAction, argument(help="What to do to each of them.")],
    state: Annotated[list[str] | None, option("--state", help="Runs in a state of this name; repeatable.")] = None,
    state_type: Annotated[list[str] | None, option("--state-type", help="Of this state type; repeatable.")] = None,
    flow: Annotated[
        list[str] | None,
        option("--flow", help="Of this flow; repeatable.", autocompletion=completing.named("Flow")),
    ] = None,
    deployment: Annotated[
        list[str] | None,
        option("--deployment", help="Of FLOW/DEPLOYMENT; repeatable.", autocompletion=completing.named("Deployment")),
    ] = None,
    pool: Annotated[
        list[str] | None,
        option("--pool", help="Of this work pool; repeatable.", autocompletion=completing.named("Work pool")),
    ] = None,
    tag: Annotated[list[str] | None, option("--tag", help="With this tag; all of several must be there.")] = None,
    name: Annotated[str | None, option("--name", help="With this in their names.")] = None,
    since: Annotated[str | None, option("--since", help="Expected within '7d', or since '2030-01-31 17:30'.")] = None,
    until: Annotated[str | None, option("--until", help="Expected longer ago than '7d', or before a time.")] = None,
    everything: Annotated[bool, option("--all", help="All flow runs there are.")] = False,
    to: Annotated[StateType | None, option("--to", help="set-state: the type of the state to set.")] = None,
    to_name: Annotated[str | None, option("--to-name", help="set-state: its name.")] = None,
    message: Annotated[str | None, option("--message", help="set-state: its message.")] = None,
    force: Annotated[bool, option("--force", help="set-state: without the rules that protect runs.")] = False,
    dry_run: Annotated[bool, option("--dry-run", help="Only tell how many match.")] = False,
    now: Annotated[bool, option("--now", help="delete: begin at once, without time to stop it.")] = False,
    no_wait: Annotated[bool, option("--no-wait", help="Do not wait for the end of the job.")] = False,
    yes: Annotated[bool, option("-y", "--yes", help="Do not ask.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """Cancel, retry, delete or set the state of all flow runs that match, by a job of the server."""
    with server() as client:
        where = FlowRunsWhere(
            flow_runs=FlowRunFilter(
                state=runs.state_filter(state or (), state_type or ()),
                tags=AnyOrAllTags(all_=tag) if tag else None,
                name=NameFilter(like_=name) if name else None,
                deployment_id=NullableId(any_=_ids(client, deployment)) if deployment else None,
                expected_start_time=_times(since, until),
            ),
            flows=FlowFilter(name=NameFilter(any_=flow)) if flow else None,
            work_pools=WorkPoolFilter(name=NameFilter(any_=pool)) if pool else None,
        )
        asked = {**where.model_dump(exclude_none=True), "everything": everything}
        wanted = None if to is None else StateCreate(type=to, name=to_name, message=message)
        with output.checked():
            query = BulkJobPreviewQuery.model_validate(asked)
            body = BulkJobCreate.model_validate(
                {**asked, "action": action, "state": wanted, "force": force, "delay": 0 if now else None}
            )
        preview = _preview(client, query)
        if dry_run or preview.matched == 0 or not as_json:
            _show(preview, as_json)
        if dry_run or preview.matched == 0:
            return
        output.insist(_question(body, preview), yes)
        _run(client, body, no_wait, as_json)


def _times(since: str | None, until: str | None) -> TimeFilter | None:
    if since is None and until is None:
        return None
    return TimeFilter(after_=_moment("--since", since), before_=_moment("--until", until))


def _moment(option_name: str, text: str | None) -> datetime | None:
    """Return a time, or that of so long ago."""
    if text is None:
        return None
    try:
        return datetime.now(UTC) - moments.duration(text)
    except ValueError:
        pass
    try:
        return moments.moment(text)
    except ValueError as error:
        output.fail(f"{option_name}: {error}")


def _ids(client: SyncOstinatoClient, deployments: list[str]) -> list[UUID]:
    found: list[UUID] = []
    for name in deployments:
        with expecting("Deployment", name):
            found.append(client.read_deployment_by_name(name).id)
    return found


def _preview(client: SyncOstinatoClient, query: BulkJobPreviewQuery) -> BulkJobPreview:
    try:
        return client.preview_bulk_job(query)
    except ObjectNotFound:
        output.fail("The server knows no bulk jobs: it is not an Ostinato server, or an older one.")


def _show(preview: BulkJobPreview, as_json: str | None) -> None:
    if as_json:
        output.print_json(runs.json_of(preview))
        return
    parts = [f"{each.count:,} {each.state_type or 'without a state'}" for each in preview.by_state]
    output.say(f"{preview.matched:,} flow runs match{': ' if parts else '.'}{', '.join(parts)}")


def _question(body: BulkJobCreate, preview: BulkJobPreview) -> str:
    verb = f"Set the state {body.state.type} of" if body.state is not None else body.action.capitalize()
    waits = body.action is BulkAction.DELETE and body.delay is None and preview.delete_delay > 0
    later = f" It begins in {preview.delete_delay:g} seconds and can be stopped until then." if waits else ""
    return f"{verb} {preview.matched:,} flow runs?{later}"


def _run(client: SyncOstinatoClient, body: BulkJobCreate, no_wait: bool, as_json: str | None) -> None:
    try:
        job = client.create_bulk_job(body)
    except ObjectAlreadyExists as error:
        output.fail(str(error))
    if not no_wait:
        if not as_json:
            output.note(f"Bulk job {job.id}. Stop it with: ostinato bulk-job stop {job.id}")
        job = bulk_job.follow(client, job)
    if as_json:
        output.print_json(runs.json_of(job))
    elif no_wait:
        output.succeed(f"Bulk job {job.id} was handed to the server.")
        output.say(f"Follow it with: ostinato bulk-job watch {job.id}")
    else:
        bulk_job.tell(job)
