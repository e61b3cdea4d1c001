"""Working off a bulk job, a portion of flow runs after the other, each in one transaction that also notes it.

So what was done is noted and what is noted was done, whoever is killed when. A claim only spares processes the reading
for others; where it has ended too early, the job's position tells that somebody else has got on with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from ostinato_core.bulk_jobs import repository
from ostinato_core.bulk_jobs.acting import Acted, act
from ostinato_core.bulk_jobs.events import job_event
from ostinato_core.bulk_jobs.operations import end_job
from ostinato_core.events.outbox import record
from ostinato_core.flow_runs import repository as flow_runs
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.bulk_jobs import MOST_REASONS, BulkJobStatus
from ostinato_wire.queries import FlowRunsWhere

CLAIMED_FOR: Final = timedelta(seconds=10)
"""After how long others go on with a job whose process has said nothing."""
MOST_ATTEMPTS: Final = 20
"""How often a job is claimed in a row without getting on, until it has failed."""
TOLD_EVERY: Final = timedelta(seconds=1)
"""How often progress is told."""
LONGEST_REASON: Final = 300
"""Characters of a reason that are kept."""
OTHER_REASONS: Final = "Other reasons."
STUCK: Final = "The server could not go on with this job: its log tells why. What is done is done."


@dataclass(frozen=True, slots=True)
class Portion:
    """Flow runs whose turn has come, the newest first; `is_last`: there are no more."""

    run_ids: Sequence[UUID]
    is_last: bool

    def halves(self) -> "tuple[Portion, Portion]":
        """Return the first half and the second."""
        middle = len(self.run_ids) // 2
        return Portion(self.run_ids[:middle], is_last=False), Portion(self.run_ids[middle:], self.is_last)


async def claim(tx: Transaction, job_id: UUID, holder: UUID) -> Row | None:
    """Claim a job for a process, and return it; None where it is not due, or has failed too often."""
    job = await repository.claim(tx, job_id, holder, tx.now + CLAIMED_FOR)
    if job is None:
        return None
    if job["attempts"] > MOST_ATTEMPTS:
        await end_job(tx, job, BulkJobStatus.FAILED, STUCK)
        return None
    if job["started"] == tx.now:
        await record(tx, job_event("started", job))
    return job


async def next_portion(tx: Transaction, job: Row, size: int) -> Portion:
    """Return the next runs of a job, at most `size`."""
    found = await flow_runs.ids_below(tx, _where(job), job["position"], size)
    return Portion(found, len(found) < size)


async def work_off(tx: Transaction, job: Row, portion: Portion) -> Row | None:
    """Change the runs of a portion that still match, and note it; return the job, None where it is no longer ours.

    Errors: LostRace, and facts of what one of the runs refuses.
    """
    held = await repository.hold(tx, job, tx.now + CLAIMED_FOR)
    if held is None:
        return None
    matching = await flow_runs.ids_that_match(tx, _where(held), portion.run_ids) if portion.run_ids else []
    return await _note(tx, held, portion, await act(tx, held, matching))


async def pass_over(tx: Transaction, job: Row, portion: Portion, reason: str) -> Row | None:
    """Note that the runs of a portion refuse; return the job, None where it is no longer ours."""
    held = await repository.hold(tx, job, tx.now + CLAIMED_FOR)
    return None if held is None else await _note(tx, held, portion, Acted(refusals={reason: list(portion.run_ids)}))


async def _note(tx: Transaction, held: Row, portion: Portion, acted: Acted) -> Row:
    is_told = held["told"] is None or tx.now - held["told"] >= TOLD_EVERY
    values: JsonDict = {
        "position": portion.run_ids[-1] if portion.run_ids else held["position"],
        "looked_at": held["looked_at"] + len(portion.run_ids),
        "done": held["done"] + acted.done,
        "refused": held["refused"] + sum(map(len, acted.refusals.values())),
        "refusals": merge_refusals(held["refusals"], acted.refusals),
        "attempts": 0,
        "told": tx.now if is_told else held["told"],
    }
    await repository.write(tx, held["id"], values)
    noted = {**held, **values, "updated": tx.now}
    if portion.is_last:
        return await end_job(tx, noted, BulkJobStatus.COMPLETED)
    if is_told:
        await record(tx, job_event("progressed", noted))
    return noted


def merge_refusals(known: Sequence[JsonDict], new: dict[str, list[UUID]]) -> list[JsonDict]:
    """Return the reasons of refusals, each with how many runs and one of them, the most frequent first."""
    merged = {each["reason"]: dict(each) for each in known}
    for reason, run_ids in new.items():
        name = reason[:LONGEST_REASON]
        if name not in merged and len(merged) >= MOST_REASONS - 1:
            name = OTHER_REASONS
        entry = merged.setdefault(name, {"reason": name, "count": 0, "flow_run_id": str(run_ids[0])})
        entry["count"] += len(run_ids)
    return sorted(merged.values(), key=lambda entry: (-entry["count"], entry["reason"]))


def _where(job: Row) -> FlowRunsWhere:
    return FlowRunsWhere.model_validate(job["filters"])
