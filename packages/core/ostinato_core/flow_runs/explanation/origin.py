"""What is to be known of where a run comes from, its deployment and its schedule. Nothing of it holds a run back."""

from collections.abc import Iterator
from uuid import UUID

from ostinato_core.flow_runs.explanation import queries
from ostinato_core.flow_runs.explanation.words import cause
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.explanations import CauseCode, Severity


def deployment_paused(run: Row) -> Iterator[JsonDict]:
    """A paused deployment: its schedules make no runs, but workers are given those that are there."""
    if run["deployment_paused"]:
        yield cause(
            CauseCode.DEPLOYMENT_PAUSED,
            Severity.INFO,
            f"Its deployment '{run['flow_name']}/{run['deployment_name']}' is paused, so its schedules make no new "
            "runs, but those that are there already, as this one, are started.",
            remedy="Resume the deployment, if its schedules are to make runs.",
            deployment_id=run["deployment_id"],
        )


async def schedule(tx: Transaction, run: Row) -> list[JsonDict]:
    """Return that the schedule which made a run is paused or gone."""
    schedule_id = _schedule_of(run)
    if schedule_id is None:
        return []
    active = await queries.is_schedule_active(tx, schedule_id)
    if active:
        return []
    code, what = (
        (CauseCode.SCHEDULE_GONE, "was deleted or replaced")
        if active is None
        else (CauseCode.SCHEDULE_PAUSED, "is paused")
    )
    return [
        cause(
            code,
            Severity.INFO,
            f"The schedule that made it {what} since; this run is still started.",
            remedy="Cancel the run, if it is not wanted any more.",
            schedule_id=schedule_id,
        )
    ]


def _schedule_of(run: Row) -> UUID | None:
    made_by: JsonDict = run["created_by"] or {}
    if made_by.get("type") != "SCHEDULE" or not made_by.get("id"):
        return None
    return UUID(made_by["id"])
