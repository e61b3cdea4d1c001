"""All SQL about the watches over metrics: one row for each enabled automation with a metric trigger."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update

from ostinato_core.db.prepared import prepare, prepare_insert
from ostinato_core.db.tables import automations, metric_watches
from ostinato_core.metric_triggers.hysteresis import Standing
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction

LOOK_EVERY: Final = timedelta(seconds=30)

_WATCH = metric_watches.c
_INSERT = prepare_insert(metric_watches)
_DELETE = prepare(delete(metric_watches).where(_WATCH.automation_id == bindparam("automation_id")))


async def begin(tx: Transaction, automation_id: UUID, trigger_id: UUID) -> None:
    """Watch the trigger of an automation from now on, as one that has not fired."""
    row = {"automation_id": automation_id, "workspace_id": tx.workspace_id, "trigger_id": trigger_id}
    await tx.run(_INSERT, row | _columns(Standing()) | {"next_look": tx.now})


async def end(tx: Transaction, automation_id: UUID) -> None:
    """Watch the trigger of an automation no more, if it was watched."""
    await tx.run(_DELETE, {"automation_id": automation_id})


async def find_due(tx: Transaction, limit: int) -> Sequence[Row]:
    """Return the watches of all workspaces that are to be looked at by now, with their triggers, the oldest first."""
    found = select(*_WATCH, automations.c.trigger).join(automations, automations.c.id == _WATCH.automation_id)
    return await tx.rows(found.where(_WATCH.next_look <= tx.now).order_by(_WATCH.next_look).limit(limit))


async def claim(tx: Transaction, watch: Row) -> datetime | None:
    """Let nobody else look at a watch before its next look; return when that is, or None where another was faster."""
    next_look = tx.now + LOOK_EVERY
    return next_look if await _write(tx, watch, watch["next_look"], {"next_look": next_look}) else None


async def write(tx: Transaction, watch: Row, claimed: datetime, standing: Standing) -> bool:
    """Write how a trigger stands; return whether it still is that trigger, and still claimed by that look."""
    return await _write(tx, watch, claimed, _columns(standing))


async def _write(tx: Transaction, watch: Row, next_look: datetime, values: dict[str, object]) -> bool:
    own = _WATCH.automation_id == watch["automation_id"], _WATCH.trigger_id == watch["trigger_id"]
    return await tx.run(update(metric_watches).where(*own, _WATCH.next_look == next_look).values(values)) == 1


def standing_of(watch: Row) -> Standing:
    """Return how a watched trigger stands."""
    return Standing(watch["is_firing"], watch["contrary_since"], watch["looked_at"])


def _columns(standing: Standing) -> dict[str, object]:
    return {
        "is_firing": standing.is_firing,
        "contrary_since": standing.contrary_since,
        "looked_at": standing.looked_at,
    }
