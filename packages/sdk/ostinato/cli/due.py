"""Runs that are due soon, as `work-pool preview` and `work-queue preview` list them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from ostinato.cli import output, runs
from ostinato.cli.params import option
from ostinato_wire.flow_runs import FlowRun

HoursOption = Annotated[float, option("-h", "--hours", min=0, help="How many hours ahead.")]


def horizon(hours: float) -> datetime:
    """Return the time until which runs are looked for."""
    return datetime.now(UTC) + timedelta(hours=hours)


def show(found: Iterable[FlowRun], place: str, hours: float, as_json: str | None) -> None:
    """Print runs, the first first; those that are late are marked. `place` names the pool or queue."""
    now = datetime.now(UTC)
    due = sorted(found, key=lambda run: run.expected_start_time or now)
    if as_json:
        output.print_json([runs.json_of(run) for run in due])
        return
    if not due:
        output.warn(f"No runs of {place} are due within {hours:g} hour(s).")
        return
    rows = [
        (
            output.relative(run.expected_start_time) + (" (**)" if (run.expected_start_time or now) < now else ""),
            str(run.id),
            output.plain(run.name),
            str(run.deployment_id or ""),
        )
        for run in due
    ]
    output.print_table("Scheduled Flow Runs", ["Scheduled Start Time", "ID", "Name", "Deployment ID"], rows)
    if any((run.expected_start_time or now) < now for run in due):
        output.say("(**) denotes a late run")
