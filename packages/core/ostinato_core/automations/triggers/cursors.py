"""All SQL about how far the log has been evaluated for a workspace.

Whoever evaluates holds the lock of the workspace's row until he commits, and so does who changes an automation: so an
automation is evaluated as it is when that is committed, and all events are evaluated once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Executable, Select, and_, bindparam, case, false, func, literal, select, true, update

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared, prepare, prepare_locking
from ostinato_core.db.tables import events, trigger_buckets, trigger_cursors, trigger_followers
from ostinato_core.events.stored import Cursor, StoredEvent, from_row, select_events
from ostinato_core.events.tail import end_of_log, next_page
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction

_OWN = trigger_cursors.c
_BUCKET = trigger_buckets.c

KEPT_FOR: Final = timedelta(seconds=60)
"""How long after their end the buckets of reactive triggers are kept."""


@dataclass(frozen=True, slots=True)
class LogCursor:
    """How far the log is evaluated for a workspace, and for which `revision` of its automations.

    `due` is when the first bucket of a proactive trigger ends, `swept` when the first of the others does, and `waiting`
    until when the first event waits for the one that it follows.
    """

    workspace_id: UUID
    revision: int
    place: Cursor
    due: datetime | None = None
    swept: datetime | None = None
    waiting: datetime | None = None

    def is_due(self, now: datetime, until: datetime) -> bool:
        """Whether something is to be done at a time, by the clock of the events `until`, though no event came."""
        return (
            (self.due is not None and self.due <= until)
            or (self.waiting is not None and self.waiting <= now)
            or self.has_old_buckets(until)
        )

    def has_old_buckets(self, until: datetime) -> bool:
        """Whether there are buckets of reactive triggers that are not kept any more."""
        return self.swept is not None and self.swept <= until - KEPT_FOR


def _ends(is_proactive: bool) -> Select[Any]:  # Any: a time
    of_workspace = and_(_BUCKET.workspace_id == _OWN.workspace_id, _BUCKET.is_proactive == is_proactive)
    return select(func.min(_BUCKET.ends)).where(of_workspace)


_ACTIVE: Final = prepare(
    select(
        _OWN.workspace_id,
        _OWN.revision,
        _OWN.transaction_id,
        _OWN.position,
        _ends(True).scalar_subquery().label("due"),
        _ends(False).scalar_subquery().label("swept"),
        select(func.min(trigger_followers.c.until))
        .where(trigger_followers.c.workspace_id == _OWN.workspace_id)
        .scalar_subquery()
        .label("waiting"),
    ).where(_OWN.is_idle == false())
)
_LOCKED: Final = prepare_locking(
    select(_OWN.workspace_id, _OWN.revision, _OWN.transaction_id, _OWN.position)
    .where(_OWN.workspace_id == bindparam("workspace_id"), _OWN.is_idle == false())
    .with_for_update(skip_locked=True)
)
_MOVE: Final = prepare(
    update(trigger_cursors)
    .where(_OWN.workspace_id == bindparam("workspace"))
    .values(transaction_id=bindparam("transaction_id"), position=bindparam("position"))
)
_REST: Final = prepare(
    update(trigger_cursors).where(_OWN.workspace_id == bindparam("workspace")).values(is_idle=true())
)


def _change(dialect: Dialect) -> Executable:
    statement = dialect.insert(trigger_cursors).inline()
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["workspace_id"],
        set_={
            "revision": _OWN.revision + literal(1, BigInteger()),
            "is_idle": false(),
            "transaction_id": case((_OWN.is_idle, new.transaction_id), else_=_OWN.transaction_id),
            "position": case((_OWN.is_idle, new.position), else_=_OWN.position),
        },
    )


_CHANGE: Final = Prepared(_change, ("workspace_id", "revision", "is_idle", "transaction_id", "position"))


_OF_WORKSPACE: Final = select_events().where(events.c.workspace_id == bindparam("workspace_id"))
_PAGE: Final = Prepared(lambda dialect: next_page(dialect, _OF_WORKSPACE))


async def automations_change(tx: Transaction) -> None:
    """Tell those who evaluate that automations of the workspace change: called before the first of them is touched.

    Where none was evaluated until now, events count from now on.
    """
    transaction_id, position = await end_of_log(tx)
    row = {"revision": 1, "is_idle": False, "transaction_id": transaction_id, "position": position}
    await tx.run(_CHANGE, {"workspace_id": tx.workspace_id, **row})


async def find_active(tx: Transaction) -> list[LogCursor]:
    """Return the cursors of all workspaces in which something may have to be evaluated."""
    return [
        LogCursor(**_key(row), due=row["due"], swept=row["swept"], waiting=row["waiting"])
        for row in await tx.rows(_ACTIVE)
    ]


async def read_page(tx: Transaction, cursor: LogCursor, most: int) -> list[StoredEvent]:
    """Return the next events of the cursor's workspace."""
    place = {"transaction_id": cursor.place[0], "position": cursor.place[1], "page": most}
    return [from_row(row) for row in await tx.rows(_PAGE, {**place, "workspace_id": cursor.workspace_id})]


async def lock(tx: Transaction) -> LogCursor | None:
    """Return the workspace's cursor, and keep others from it; None where another holds it, or it is idle."""
    row = await tx.first(_LOCKED, {"workspace_id": tx.workspace_id})
    return None if row is None else LogCursor(**_key(row))


async def move(tx: Transaction, place: Cursor) -> None:
    """Write down that the log is evaluated as far as `place`."""
    await tx.run(_MOVE, {"workspace": tx.workspace_id, "transaction_id": place[0], "position": place[1]})


async def pass_over(cursor: LogCursor, event: StoredEvent, tx: Transaction) -> None:
    """Go on after an event without having evaluated it, unless another process has gone on meanwhile."""
    locked = await lock(tx)
    if locked is not None and locked.place == cursor.place:
        await move(tx, event.cursor)


async def rest(tx: Transaction) -> None:
    """Write down that nothing is to be evaluated until automations change."""
    await tx.run(_REST, {"workspace": tx.workspace_id})


def _key(row: Row) -> dict[str, Any]:  # Any: of many types
    place = (row["transaction_id"], row["position"])
    return {"workspace_id": row["workspace_id"], "revision": row["revision"], "place": place}
