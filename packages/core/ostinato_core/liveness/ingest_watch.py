"""The watch over ingestion: since when some process has been able, without a break, to take heartbeats in.

Silence counts against a run only where it could have been heard. Every process that ingests writes here through the
very path that heartbeats take, so whatever holds them up holds this up, too.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Executable, case, select

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared
from ostinato_core.db.tables import ingest_watch
from ostinato_core.maintenance.listening import ALWAYS
from ostinato_core.transaction import Transaction

PULSE_EVERY: Final = timedelta(seconds=10)
"""How often a process tells that it ingests."""
BROKEN_AFTER: Final = timedelta(seconds=30)
"""Ingestion of which nothing was heard for so long has been broken."""
_ONE: Final = 1


def _build(dialect: Dialect) -> Executable:
    statement = dialect.insert(ingest_watch).inline()
    stored, new = ingest_watch.c, statement.excluded
    is_whole = dialect.seconds_between(new.last_alive, stored.last_alive) <= BROKEN_AFTER.total_seconds()
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={
            "alive_since": case((is_whole, stored.alive_since), else_=new.alive_since),
            "last_alive": new.last_alive,
        },
        where=new.last_alive > stored.last_alive,
    )


_TELL: Final = Prepared(_build, ("id", "alive_since", "last_alive"))


async def tell_alive(tx: Transaction) -> None:
    """Write down that events can be taken in now."""
    await tx.run(_TELL, {"id": _ONE, "alive_since": tx.now, "last_alive": tx.now})


async def alive_since(tx: Transaction) -> datetime | None:
    """Return since when events can be taken in, the distant past where no process has told; None if they cannot now."""
    watch = await tx.first(select(ingest_watch))
    if watch is None:
        return ALWAYS
    return watch["alive_since"] if watch["last_alive"] >= tx.now - BROKEN_AFTER else None
