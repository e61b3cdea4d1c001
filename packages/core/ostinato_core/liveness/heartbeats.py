"""Heartbeats of flow runs: the clients' events `prefect.flow-run.heartbeat`, kept as one narrow row a run.

No event is stored of a beat, unless an automation asks for beats by name (`expected_beats`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, text

from ostinato_core.db.prepared import Prepared, prepare
from ostinato_core.db.tables import flow_run_heartbeats
from ostinato_core.db.types import to_microseconds
from ostinato_core.transaction import Transaction
from ostinato_wire.events import RESOURCE_ID, Event

HEARTBEAT: Final = "prefect.flow-run.heartbeat"
_FLOW_RUN: Final = "prefect.flow-run."
_ANNOUNCED: Final = -1.0
"""The gap of a run that has said how often it will beat, and has not beaten yet."""
_NEVER: Final = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A flow run was alive at `occurred`, by the clock of its process."""

    flow_run_id: UUID
    occurred: datetime


@dataclass(frozen=True, slots=True)
class Beats:
    """What some beats of one run say: the last, and the gaps between them, in seconds; None where too few say it.

    `gap` is the last gap; `interval` the longer of the last two, so that a beat that came early does not count.
    """

    flow_run_id: UUID
    occurred: datetime
    gap: float | None = None
    interval: float | None = None


def heartbeat_of(event: Event) -> Heartbeat | None:
    """Return the heartbeat that an event is, None if it is another event or names no flow run."""
    resource = event.resource[RESOURCE_ID]
    if event.event != HEARTBEAT or not resource.startswith(_FLOW_RUN):
        return None
    try:
        return Heartbeat(UUID(resource.removeprefix(_FLOW_RUN)), event.occurred)
    except ValueError:
        return None


def summed_up(beats: Iterable[Heartbeat]) -> list[Beats]:
    """Return what beats in any order, some of them repeated, say of each run; in order of the runs' ids."""
    by_run: dict[UUID, set[datetime]] = {}
    for beat in beats:
        by_run.setdefault(beat.flow_run_id, set()).add(beat.occurred)
    return [_summed_up(run_id, sorted(by_run[run_id])) for run_id in sorted(by_run)]


def _summed_up(run_id: UUID, times: Sequence[datetime]) -> Beats:
    last = times[-3:]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(last)]
    return Beats(run_id, times[-1], gaps[-1], max(gaps)) if gaps else Beats(run_id, times[-1])


# A gap counts only within one start of the run, and from its first beat on. A row is made for runs that run: what comes
# after their end is nothing.
_UPSERT: Final = """
ON CONFLICT (flow_run_id) DO UPDATE SET
    last_heartbeat = {greatest}(stored.last_heartbeat, excluded.last_heartbeat),
    last_occurred = {greatest}(stored.last_occurred, excluded.last_occurred),
    run_count = excluded.run_count,
    gap_seconds = CASE
        WHEN excluded.gap_seconds IS NOT NULL OR excluded.run_count <> stored.run_count THEN excluded.gap_seconds
        WHEN stored.gap_seconds < 0 THEN NULL
        WHEN excluded.last_occurred <= stored.last_occurred THEN stored.gap_seconds
        ELSE {gap} END,
    interval_seconds = CASE
        WHEN excluded.gap_seconds IS NOT NULL OR excluded.run_count <> stored.run_count THEN excluded.interval_seconds
        WHEN stored.gap_seconds < 0 THEN stored.interval_seconds
        WHEN excluded.last_occurred <= stored.last_occurred THEN stored.interval_seconds
        ELSE {greatest}({gap}, coalesce(stored.gap_seconds, 0)) END
"""
_INSERT: Final = """
INSERT INTO flow_run_heartbeats AS stored
    (flow_run_id, workspace_id, last_heartbeat, last_occurred, run_count, gap_seconds, interval_seconds)
"""
# OFFSET 0 keeps to the primary key: without statistics Postgres would compare all runs that run with all beats.
_FROM_POSTGRES: Final = """
SELECT runs.id, runs.workspace_id, CAST(:now AS timestamptz), beats.occurred, runs.run_count, beats.gap, beats.interval
FROM unnest(CAST(:ids AS uuid[]), CAST(:occurred AS timestamptz[]), CAST(:gaps AS float8[]),
            CAST(:intervals AS float8[])) AS beats(id, occurred, gap, interval)
CROSS JOIN LATERAL (
    SELECT id, workspace_id, state_type, run_count FROM flow_runs WHERE flow_runs.id = beats.id OFFSET 0
) AS runs
WHERE runs.workspace_id = CAST(:workspace_id AS uuid) AND runs.state_type IN ('RUNNING', 'CANCELLING')
ORDER BY runs.id
"""
_FROM_SQLITE: Final = """
SELECT id, workspace_id, :now, :occurred, run_count, :gap, :interval
FROM flow_runs WHERE id = :id AND workspace_id = :workspace_id AND state_type IN ('RUNNING', 'CANCELLING')
"""


def _statement(source: str, greatest: str, gap: str) -> Prepared:
    return prepare(text("".join((_INSERT, source, _UPSERT.format(greatest=greatest, gap=gap)))))


_POSTGRES: Final = _statement(
    _FROM_POSTGRES, "GREATEST", "CAST(EXTRACT(EPOCH FROM excluded.last_occurred - stored.last_occurred) AS float8)"
)
_SQLITE: Final = _statement(_FROM_SQLITE, "max", "(excluded.last_occurred - stored.last_occurred) / 1000000.0")


async def record_heartbeats(tx: Transaction, beats: Iterable[Heartbeat]) -> None:
    """Write down that runs are alive; those that do not run, or do not exist, are passed over."""
    if found := summed_up(beats):
        await _upsert(tx, found)


def has_beaten() -> ColumnElement[bool]:
    """Whether a run of the table has sent a heartbeat: others have only announced some."""
    gap = flow_run_heartbeats.c.gap_seconds
    return or_(gap.is_(None), gap >= 0)


async def announce_heartbeats(tx: Transaction, flow_run_id: UUID, interval: float) -> None:
    """Write down that a run begins whose process is going to beat every `interval` seconds, the first time at once.

    So it can be known to be dead where it was killed, with its worker, before its first beat was heard.
    """
    await _upsert(tx, [Beats(flow_run_id, _NEVER, _ANNOUNCED, interval)])


async def _upsert(tx: Transaction, found: Sequence[Beats]) -> None:
    if tx.dialect.name == "postgresql":
        await tx.run(_POSTGRES, _columns(tx, found))
    else:
        await tx.run(_SQLITE, [_native(tx, each) for each in found])


def _columns(tx: Transaction, beats: Sequence[Beats]) -> dict[str, Any]:  # Any: lists of many types
    return {
        "now": tx.now,
        "workspace_id": tx.workspace_id,
        "ids": [each.flow_run_id for each in beats],
        "occurred": [each.occurred for each in beats],
        "gaps": [each.gap for each in beats],
        "intervals": [each.interval for each in beats],
    }


def _native(tx: Transaction, beats: Beats) -> dict[str, Any]:  # Any: values of many types
    return {
        "now": to_microseconds(tx.now),
        "workspace_id": tx.workspace_id.hex,
        "id": beats.flow_run_id.hex,
        "occurred": to_microseconds(beats.occurred),
        "gap": beats.gap,
        "interval": beats.interval,
    }
