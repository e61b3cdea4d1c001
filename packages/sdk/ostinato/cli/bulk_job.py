"""`ostinato bulk-job`: how far changes of many flow runs are, and stopping them."""

import time
from typing import Annotated
from uuid import UUID

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ostinato.cli import output, runs
from ostinato.cli.connection import expecting, parse_id, server
from ostinato.cli.lazy import new_app
from ostinato.cli.names import not_found
from ostinato.cli.params import argument, option
from ostinato.client.errors import ObjectAlreadyExists
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.bulk_jobs import (
    UNFINISHED,
    AnyBulkJobStatus,
    BulkAction,
    BulkJob,
    BulkJobFilter,
    BulkJobStatus,
)

app = new_app("Look at and stop changes of many flow runs.")

NOUN = "Bulk job"
ASK_EVERY = 0.5
"""Seconds between two looks at how far a job is."""
DONE = {
    BulkAction.CANCEL: "cancelled",
    BulkAction.RETRY: "put back to run again",
    BulkAction.DELETE: "deleted",
    BulkAction.SET_STATE: "set to the state",
}

Id = Annotated[str, argument(help="Id of the job.")]


@app.command("ls")
def list_jobs(
    limit: Annotated[int, option("--limit", min=1, max=200, help="Show at most so many.")] = 20,
    include_ended: Annotated[bool, option("-a", "--all", help="Show those that have ended, too.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """List bulk jobs, the newest first."""
    unfinished = BulkJobFilter(status=AnyBulkJobStatus(any_=sorted(UNFINISHED)))
    with server() as client:
        found = client.read_bulk_jobs(None if include_ended else unfinished, limit)
    if as_json:
        output.print_json([runs.json_of(job) for job in found])
        return
    columns = ["ID", "Action", "Status", "Matched", "Done", "Refused", "Created"]
    output.print_table("Bulk Jobs", columns, [_row(job) for job in found])


def _row(job: BulkJob) -> tuple[str, ...]:
    counts = (f"{count:,}" for count in (job.matched, job.done, job.refused))
    return str(job.id), job.action, job.status, *counts, output.relative(job.created)


@app.command()
def inspect(job_id: Id, as_json: output.OutputOption = None) -> None:
    """Show a bulk job with its filters and what came of it."""
    with server() as client:
        runs.show_object(_get(client, parse_id(NOUN, job_id)), as_json)


@app.command()
def stop(job_id: Id) -> None:
    """Leave the flow runs as they are whose turn has not come yet."""
    with server() as client, expecting(NOUN, job_id):
        try:
            job = client.stop_bulk_job(parse_id(NOUN, job_id))
        except ObjectAlreadyExists:
            output.fail(f"Bulk job '{job_id}' has ended already.")
    tell(job)


@app.command()
def watch(job_id: Id, as_json: output.OutputOption = None) -> None:
    """Show how far a bulk job is until it ends."""
    with server() as client:
        job = follow(client, _get(client, parse_id(NOUN, job_id)))
    if as_json:
        output.print_json(runs.json_of(job))
    else:
        tell(job)


def _get(client: SyncOstinatoClient, job_id: UUID) -> BulkJob:
    found = client.read_bulk_job(job_id)
    if found is None:
        not_found(NOUN, job_id)
    return found


def follow(client: SyncOstinatoClient, job: BulkJob) -> BulkJob:
    """Show how far a job is, on a terminal in a bar, until it has ended; return it. Ctrl-C ends the looking alone."""
    console = output.console(stderr=True)
    bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True)
    try:
        with bar:
            shown = bar.add_task(job.action, total=max(job.matched, 1))
            while job.status in UNFINISHED:
                waits = job.status is BulkJobStatus.PENDING
                text = f"{job.action}: begins {output.relative(job.begins)}" if waits else str(job.action)
                bar.update(shown, completed=job.looked_at, description=text)
                time.sleep(ASK_EVERY)
                job = _get(client, job.id)
    except KeyboardInterrupt:
        output.note(f"The job goes on. Stop it with: ostinato bulk-job stop {job.id}")
        raise
    return job


def tell(job: BulkJob) -> None:
    """Print in words what came of a job; ends the command with code 1 where it failed."""
    told = f"{_runs(job.done)} {'was' if job.done == 1 else 'were'} {DONE[job.action]}"
    others = job.looked_at - job.done - job.refused
    if job.status is BulkJobStatus.STOPPED:
        told += f" before the job was stopped, of {_runs(job.matched)}"
    output.succeed(f"{told}.")
    for refusal in job.refusals:
        output.say(f"  {_runs(refusal.count)} left alone: {refusal.reason} (as {refusal.flow_run_id})")
    if others:
        output.say(f"  {_runs(others)} did not match any more.")
    if job.status is BulkJobStatus.FAILED:
        output.fail(job.reason or "The job failed.")


def _runs(count: int) -> str:
    return "1 flow run" if count == 1 else f"{count:,} flow runs"
