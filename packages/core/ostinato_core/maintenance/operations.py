"""Beginning and ending maintenance, for all processes of the server at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ostinato_core.configuration import MAINTENANCE, delete_value, read_value, write_value
from ostinato_core.coordination import MAINTENANCE as TOPIC
from ostinato_core.coordination import wake_ups
from ostinato_core.transaction import Transaction
from ostinato_wire.admin import Maintenance, MaintenanceBegin


@dataclass(frozen=True, slots=True)
class Notice:
    """What clients are told: why they wait, since when, and after how many seconds to ask again."""

    message: str
    since: datetime
    retry_after: float


async def read_notice(tx: Transaction) -> Notice | None:
    """Return what clients are told, None where there is no maintenance."""
    value: dict[str, Any] | None = await read_value(tx, MAINTENANCE)  # Any: JSON
    if value is None:
        return None
    return Notice(value["message"], datetime.fromisoformat(value["since"]), value["retry_after"])


async def begin_maintenance(tx: Transaction, wanted: MaintenanceBegin) -> Maintenance:
    """Begin maintenance; where it is on already, change what clients are told."""
    before = await read_notice(tx)
    since = before.since if before else tx.now
    told = {"message": wanted.message, "since": since.isoformat(), "retry_after": wanted.retry_after}
    await write_value(tx, MAINTENANCE, told)
    tx.after_commit(_wake)
    return Maintenance(is_on=True, message=wanted.message, since=since, retry_after=wanted.retry_after)


async def end_maintenance(tx: Transaction) -> None:
    """End maintenance, if it is on."""
    await delete_value(tx, MAINTENANCE)
    tx.after_commit(_wake)


def shown(notice: Notice | None) -> Maintenance:
    """Return what is told, as the API answers it."""
    if notice is None:
        return Maintenance(is_on=False)
    return Maintenance(is_on=True, message=notice.message, since=notice.since, retry_after=notice.retry_after)


def _wake() -> None:
    wake_ups().notify(TOPIC)
