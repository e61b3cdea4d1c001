"""What can be done with bulk jobs, but working them off: asking what one would be about, making, reading, stopping."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from ostinato_core.bulk_jobs import repository
from ostinato_core.bulk_jobs.errors import BulkJobEnded, TooManyBulkJobs
from ostinato_core.bulk_jobs.events import job_event
from ostinato_core.coordination import BULK_JOBS, wake_ups
from ostinato_core.events.outbox import record
from ostinato_core.flow_runs import repository as flow_runs
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Database, Transaction
from ostinato_wire.bulk_jobs import (
    UNFINISHED,
    BulkAction,
    BulkJobCreate,
    BulkJobPreviewQuery,
    BulkJobsQuery,
    BulkJobStatus,
)

MOST_UNFINISHED: Final = 100
"""Jobs of a workspace that wait or run, at most."""
_INNER: Final = frozenset({"workspace_id", "position", "due", "claimed_by", "attempts", "told"})


async def preview_job(tx: Transaction, query: BulkJobPreviewQuery, delete_delay: float) -> JsonDict:
    """Return how many flow runs a job would be about now; `delete_delay` in seconds is only told."""
    counts = await flow_runs.count_states_where(tx, query)
    by_state = [{"state_type": row["state_type"], "count": row["count"]} for row in counts]
    return {"matched": sum(each["count"] for each in by_state), "by_state": by_state, "delete_delay": delete_delay}


async def create_job(
    database: Database, given: BulkJobCreate, delete_delay: float, created_by: JsonDict | None = None
) -> JsonDict:
    """Ask for a change of all flow runs that match, and return the job.

    Of those that are made from now on none is changed. `delete_delay`: seconds until a deletion begins that does not
    say when. Errors: TooManyBulkJobs.
    """
    matched = await database.read(lambda tx: flow_runs.count_where(tx, given))
    delay = given.delay if given.delay is not None else delete_delay if given.action is BulkAction.DELETE else 0.0

    async def create(tx: Transaction) -> JsonDict:
        if await repository.count_unfinished(tx) >= MOST_UNFINISHED:
            raise TooManyBulkJobs(MOST_UNFINISHED)
        row = _first_row(tx, given, matched, tx.now + timedelta(seconds=delay), created_by)
        await repository.insert(tx, row)
        await record(tx, job_event("created", row))
        tx.after_commit(_wake)
        return job_json(row)

    return await database.write(create)


def _first_row(
    tx: Transaction, given: BulkJobCreate, matched: int, begins: datetime, created_by: JsonDict | None
) -> JsonDict:
    id_ = new_id()
    return {
        "id": id_,
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "updated": tx.now,
        "action": given.action.value,
        "filters": given.filters(),
        "state": None if given.state is None else given.state.model_dump(mode="json", exclude_unset=True),
        "force": given.force,
        "status": BulkJobStatus.PENDING.value,
        "matched": matched,
        "looked_at": 0,
        "done": 0,
        "refused": 0,
        "refusals": [],
        # Ids grow with time: what has a lower one than the job was there before it.
        "position": id_,
        "begins": begins,
        "started": None,
        "ended": None,
        "reason": None,
        "created_by": created_by,
        "due": begins,
        "claimed_by": None,
        "attempts": 0,
        "told": None,
    }


async def read_job(tx: Transaction, job_id: UUID) -> JsonDict:
    """Return a job. Errors: BulkJobNotFound."""
    return job_json(await repository.get(tx, job_id))


async def read_jobs(tx: Transaction, query: BulkJobsQuery, limit: int) -> list[JsonDict]:
    """Return jobs that match, the newest first, at most `limit`."""
    return [job_json(row) for row in await repository.select_where(tx, query.bulk_jobs, limit, query.offset)]


async def stop_job(tx: Transaction, job_id: UUID) -> JsonDict:
    """Leave the flow runs as they are whose turn has not come, and return the job.

    Errors: BulkJobNotFound, BulkJobEnded.
    """
    job = await repository.get(tx, job_id, locked=True)
    if job["status"] not in UNFINISHED:
        raise BulkJobEnded(job["status"])
    return job_json(await end_job(tx, job, BulkJobStatus.STOPPED))


async def end_job(tx: Transaction, job: Row, status: BulkJobStatus, reason: str | None = None) -> Row:
    """Note that a job that is locked has ended, tell of it, and return it."""
    values: JsonDict = {"status": status.value, "ended": tx.now, "due": None, "claimed_by": None, "reason": reason}
    await repository.write(tx, job["id"], values)
    ended = {**job, **values, "updated": tx.now}
    await record(tx, job_event(status.value, ended))
    return ended


def job_json(row: Row) -> JsonDict:
    """Return a job as the API answers it."""
    return {name: value for name, value in row.items() if name not in _INNER}


def _wake() -> None:
    wake_ups().notify(BULK_JOBS)
