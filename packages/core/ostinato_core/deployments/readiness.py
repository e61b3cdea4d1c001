"""Whether something asks for a deployment's runs: ready since it was asked for, not ready when nobody asks any more."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal_column, or_, select, update

from ostinato_core.db.tables import deployments, work_queues
from ostinato_core.deployments.events import deployment_event
from ostinato_core.deployments.rows import COLUMNS, SOURCE
from ostinato_core.events.outbox import record
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.deployments import DeploymentStatus

_DEPLOYMENT = deployments.c
_READY: Final = DeploymentStatus.READY.value
_NOT_READY: Final = DeploymentStatus.NOT_READY.value

NOTED_EVERY: Final = timedelta(seconds=10)
"""A poll is written down only so long after the last one: polls come many times a second, and say little new."""


async def mark_ready(tx: Transaction, deployment_ids: Sequence[UUID]) -> None:
    """Note that somebody has just asked for runs of deployments; tell of those that were not ready before."""
    if deployment_ids:
        await _note_poll(tx, tx.dialect.is_one_of(_DEPLOYMENT.id, sorted(deployment_ids)))


async def mark_ready_by_queues(tx: Transaction, queue_ids: Sequence[UUID]) -> None:
    """As `mark_ready`, for all deployments whose runs wait in these work queues."""
    if queue_ids:
        await _note_poll(tx, tx.dialect.is_one_of(_DEPLOYMENT.work_queue_id, sorted(queue_ids)))


async def find_silent(tx: Transaction, silent_for: timedelta, limit: int) -> Sequence[Row]:
    """Return id and workspace of ready deployments that nobody has asked for, nor for their queue, for so long.

    Of all workspaces, at most `limit` of them, in order of their last poll.
    """
    found = select(_DEPLOYMENT.id, _DEPLOYMENT.workspace_id).where(*_silent(tx, silent_for))
    return await tx.rows(found.order_by(_DEPLOYMENT.last_polled).limit(limit))


async def mark_not_ready(tx: Transaction, deployment_ids: Sequence[UUID], silent_for: timedelta) -> int:
    """Mark those of the deployments not ready that still are as `find_silent` says, and tell of them; return how many.

    One that somebody else is writing is left out.
    """
    chosen = (tx.dialect.is_one_of(_DEPLOYMENT.id, deployment_ids), _DEPLOYMENT.workspace_id == tx.workspace_id)
    silent = select(_DEPLOYMENT.id).where(*chosen, *_silent(tx, silent_for)).order_by(_DEPLOYMENT.id)
    silent = silent.with_for_update(skip_locked=True, of=deployments)
    still = (_DEPLOYMENT.id.in_(silent), _DEPLOYMENT.status == _READY)
    changed = await tx.rows(update(deployments).where(*still).values(status=_NOT_READY).returning(_DEPLOYMENT.id))
    await _tell(tx, "not-ready", [row["id"] for row in changed])
    return len(changed)


def _silent(tx: Transaction, silent_for: timedelta) -> tuple[ColumnElement[bool], ...]:
    since = tx.now - silent_for
    polled = select(work_queues.c.id).where(
        work_queues.c.id == _DEPLOYMENT.work_queue_id, work_queues.c.last_polled >= since
    )
    unasked = or_(_DEPLOYMENT.last_polled.is_(None), _DEPLOYMENT.last_polled < since)
    # In the word of the index on ready deployments.
    return (_DEPLOYMENT.status == literal_column("'READY'"), unasked, ~polled.exists())


async def _note_poll(tx: Transaction, which: ColumnElement[bool]) -> None:
    # `updated` stays: who looks for changed deployments has nothing to do because of a poll.
    mine = (which, _DEPLOYMENT.workspace_id == tx.workspace_id)
    stale = or_(_DEPLOYMENT.last_polled.is_(None), _DEPLOYMENT.last_polled < tx.now - NOTED_EVERY)
    found = await tx.rows(
        select(_DEPLOYMENT.id, _DEPLOYMENT.status).where(*mine, or_(stale, _DEPLOYMENT.status == _NOT_READY))
    )
    if not found:
        return
    silent = [row["id"] for row in found if row["status"] == _NOT_READY]
    woken: Sequence[Row] = ()
    if silent:
        waking = (_DEPLOYMENT.id.in_(_free(tx, silent)), _DEPLOYMENT.status == _NOT_READY)
        woken = await tx.rows(update(deployments).where(*waking).values(status=_READY).returning(_DEPLOYMENT.id))
    asked = _DEPLOYMENT.id.in_(_free(tx, [row["id"] for row in found]))
    await tx.run(update(deployments).where(asked).values(last_polled=tx.now))
    await _tell(tx, "ready", [row["id"] for row in woken])


def _free(tx: Transaction, deployment_ids: Sequence[UUID]) -> Select[tuple[UUID]]:
    """Choose those that nobody writes to just now, and lock them: a poll waits for nobody, the next one notes the rest.

    So polls, each of which notes several deployments, cannot wait for one another either.
    """
    chosen = tx.dialect.is_one_of(_DEPLOYMENT.id, sorted(deployment_ids))
    return (
        select(_DEPLOYMENT.id).where(chosen).order_by(_DEPLOYMENT.id).with_for_update(skip_locked=True, key_share=True)
    )


async def _tell(tx: Transaction, change: str, deployment_ids: Sequence[UUID]) -> None:
    if deployment_ids:
        chosen = tx.dialect.is_one_of(_DEPLOYMENT.id, deployment_ids)
        rows = await tx.rows(select(*COLUMNS).select_from(SOURCE).where(chosen).order_by(_DEPLOYMENT.id))
        await record(tx, *(deployment_event(change, row) for row in rows))
