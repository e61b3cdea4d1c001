"""Which deadlines of a span of time were missed: found by when they fell due, so a tick looks at few runs.

A deadline is looked at a little after it has passed. Then what was in time has been committed, and the run tells
whether it was: no deadline needs a row of its own, and no run that keeps its agreements costs a write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, text

from ostinato_core.db.tables import flow_runs, slas
from ostinato_core.slas import repository
from ostinato_core.slas.frequency import judged
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.slas import SlaKind

_SLA = slas.c
_RUN = flow_runs.c
_STARTED: Final = func.coalesce(_RUN.start_time, _RUN.expected_start_time)
# In the words of the index on runs that have ended.
_HAS_ENDED: Final = text("flow_runs.state_type IN ('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')")


@dataclass(frozen=True, slots=True)
class Span:
    """From a time, which is not part of it, until another, which is."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Violation:
    """An agreement that was not kept: its row, the deadline, and the run, where there is one."""

    sla: Row
    deadline: datetime
    flow_run_id: UUID | None = None


async def find_violations(tx: Transaction, span: Span) -> list[Violation]:
    """Return what was violated by deadlines within a span, and note of frequencies until when they count now."""
    found = [*await find_too_long(tx, span), *await find_too_late(tx, span)]
    of_runs = [_violation(row) for row in found if row["tag"] is None or row["tag"] in row["run_tags"]]
    return [*of_runs, *await _frequencies(tx, span)]


async def find_too_long(tx: Transaction, span: Span) -> Sequence[Row]:
    """Return the runs that should have ended within a span and had not, each with the agreement that says so."""
    # An index has runs by when they started, or else should have.
    return await tx.rows(_of_runs(tx, span, SlaKind.TIME_TO_COMPLETION, _RUN.start_time, _STARTED, _RUN.end_time))


async def find_too_late(tx: Transaction, span: Span) -> Sequence[Row]:
    """Return the runs that should have started within a span and had neither done so nor ended, as above."""
    expected = _RUN.expected_start_time
    return await tx.rows(_of_runs(tx, span, SlaKind.LATENESS, expected, expected, _RUN.start_time, _RUN.end_time))


def _of_runs(
    tx: Transaction,
    span: Span,
    kind: SlaKind,
    since: ColumnElement[Any],
    indexed: ColumnElement[Any],
    *in_time: ColumnElement[Any],
) -> Select[Any]:  # Any above: times that may be null; here: columns of many types
    """Runs whose deadline, an agreement's seconds after `since`, lies in the span, with nothing `in_time` before it.

    `indexed` is what the index holds that `since` is looked up by.
    """
    seconds = _SLA.seconds
    return (
        select(*_SLA, _RUN.id.label("run_id"), _RUN.tags.label("run_tags"), since.label("since"))
        .join(flow_runs, or_(_SLA.deployment_id.is_(None), _RUN.deployment_id == _SLA.deployment_id))
        .where(
            _SLA.workspace_id == tx.workspace_id,
            _SLA.enabled,
            _SLA.kind == kind.value,
            _RUN.workspace_id == tx.workspace_id,
            indexed > tx.dialect.earlier(span.begin, seconds),
            indexed > tx.dialect.earlier(_SLA.judged_from, seconds),
            indexed <= tx.dialect.earlier(span.end, seconds),
            since.is_not(None),
            *(or_(time.is_(None), tx.dialect.seconds_between(time, since) > seconds) for time in in_time),
        )
        .order_by(since, _RUN.id)
    )


def _violation(row: Row) -> Violation:
    return Violation(row, row["since"] + timedelta(seconds=row["seconds"]), row["run_id"])


async def _frequencies(tx: Transaction, span: Span) -> list[Violation]:
    completed = await find_completed(tx, span)
    own = _SLA.workspace_id == tx.workspace_id, _SLA.enabled, _SLA.kind == SlaKind.FREQUENCY.value
    concerned = or_(_SLA.due <= span.end, tx.dialect.is_one_of(_SLA.id, list(completed)))
    violations: list[Violation] = []
    for row in await tx.rows(select(*_SLA).where(*own, concerned).order_by(_SLA.id)):
        due, missed = judged(row["due"], completed.get(row["id"], ()), span.end, timedelta(seconds=row["seconds"]))
        if due == row["due"] or await repository.set_due(tx, row, due):
            violations += [Violation(row, deadline) for deadline in missed]
    return violations


async def find_completed(tx: Transaction, span: Span) -> dict[UUID, list[datetime]]:
    """Return by the ids of agreements when runs completed in the span that their frequencies are about, in order."""
    ended = _RUN.state_timestamp
    found = (
        select(_SLA.id, _SLA.tag, _RUN.tags, ended)
        .join(flow_runs, or_(_SLA.deployment_id.is_(None), _RUN.deployment_id == _SLA.deployment_id))
        .where(
            _SLA.workspace_id == tx.workspace_id,
            _SLA.enabled,
            _SLA.kind == SlaKind.FREQUENCY.value,
            _RUN.workspace_id == tx.workspace_id,
            _HAS_ENDED,
            _RUN.state_type == "COMPLETED",
            ended > span.begin,
            ended > _SLA.judged_from,
            ended <= span.end,
        )
        .order_by(ended)
    )
    times: dict[UUID, list[datetime]] = {}
    for row in await tx.rows(found):
        if row["tag"] is None or row["tag"] in row["tags"]:
            times.setdefault(row["id"], []).append(row["state_timestamp"])
    return times
