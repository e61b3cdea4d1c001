"""What becomes of a message that is due: it is sent, held until a time, or told by another one.

Groups are rows that are read and written in the transaction that decides on the delivery, so that no replica, restart
or race loses a message or counts it twice.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from ostinato_core.alerting import groups
from ostinato_core.alerting.about import About, about, kind_of, line_of
from ostinato_core.alerting.timing import due_of
from ostinato_core.errors import LostRace
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.alerting import Alerting

MOST_LINES: Final = 50
"""Different lines that a message lists; further ones only count."""


Counts = list[tuple[str, int]]
"""How often each text was there, in the order in which they came."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A message that is due: its delivery, whose it is, and the event that it tells of, as JSON."""

    delivery_id: UUID
    automation_id: UUID
    automation_name: str
    action_index: int
    alerting: Alerting
    event: JsonDict | None
    occurred: datetime


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a message tells of, beside that of its own delivery. `lines` and `kinds` say how often each was."""

    words: str
    count: int
    first: datetime
    last: datetime
    kinds: Counts
    lines: Counts


@dataclass(frozen=True, slots=True)
class SendNow:
    """Send it, and with it what was gathered."""

    gathered: Gathered | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Ask again at a time."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Folded:
    """Nothing is to be sent: another delivery tells it."""

    into: UUID


Decision = SendNow | Hold | Folded


async def decide_when(tx: Transaction, alert: Alert) -> Decision:
    """Say what becomes of a delivery that is due. To be asked before each attempt, in the transaction that claims it:
    what it was told once it is told again, so that every attempt sends the same. Errors: LostRace.
    """
    carried = await groups.lock_of_carrier(tx, alert.delivery_id)
    if carried is not None:
        return await _carry(tx, carried)
    due = due_of(alert.alerting, tx.now)
    if due <= tx.now:
        return SendNow()
    matter = about(alert.alerting, alert.automation_name, alert.event)
    group = await groups.lock_open(tx, alert.automation_id, alert.action_index, matter.key)
    if group is not None and group["due"] > tx.now:
        await _join(tx, group, alert)
        return Folded(group["carrier_id"])
    if group is not None:  # its delivery is late: what comes now is of the next one
        await groups.write(tx, group["id"], {"closed": tx.now})
    if not await groups.insert(tx, _new_group(tx, alert, matter, due)):
        raise LostRace  # opened by another replica in the meantime
    return Hold(due)


async def _carry(tx: Transaction, group: Row) -> Decision:
    if group["closed"] is None:
        if group["due"] > tx.now:
            return Hold(group["due"])
        await groups.write(tx, group["id"], {"closed": tx.now})
    members = ("words", "count", "first", "last", "kinds", "lines")
    return SendNow(Gathered(**{name: group[name] for name in members}))


async def _join(tx: Transaction, group: Row, alert: Alert) -> None:
    values: JsonDict = {
        "count": group["count"] + 1,
        "first": min(group["first"], alert.occurred),
        "last": max(group["last"], alert.occurred),
        "kinds": _counted(group["kinds"], kind_of(alert.event)),
        "lines": _counted(group["lines"], line_of(alert.event)),
    }
    await groups.write(tx, group["id"], values)


def _new_group(tx: Transaction, alert: Alert, matter: About, due: datetime) -> JsonDict:
    return {
        "id": new_id(),
        "created": tx.now,
        "updated": tx.now,
        "automation_id": alert.automation_id,
        "action_index": alert.action_index,
        "key": matter.key,
        "words": matter.words,
        "deployment_id": matter.deployment_id,
        "flow_id": matter.flow_id,
        "carrier_id": alert.delivery_id,
        "due": due,
        "count": 1,
        "first": alert.occurred,
        "last": alert.occurred,
        "kinds": [(kind_of(alert.event), 1)],
        "lines": [(line_of(alert.event), 1)],
        "closed": None,
        "awaits_resolution": alert.alerting.notify_resolved and (matter.deployment_id or matter.flow_id) is not None,
    }


def _counted(counts: Counts, text: str) -> Counts:
    """Return counts with one more of a text, unless that would be one text too many."""
    if any(known == text for known, _ in counts):
        return [(known, count + (known == text)) for known, count in counts]
    return counts if len(counts) >= MOST_LINES else [*counts, (text, 1)]
