"""Concurrency limits, and the leases by which their slots are held."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ostinato_core.db.tables.base import identity, metadata, workspace
from ostinato_core.db.types import Id, Timestamp

concurrency_limits = Table(
    "concurrency_limits",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("limit", Integer, nullable=False),
    Column("slot_decay_per_second", Float(), nullable=False),
    Column("avg_slot_occupancy_seconds", Float(), nullable=False),
    # What was taken without a lease, as it was at `drained_at`: the limit's decay drains it.
    Column("unleased_slots", Float(), nullable=False),
    Column("drained_at", Timestamp, nullable=False),
    # What was asked for in vain, as it was at `denied_at`: by it, who is denied now is told when to come again.
    Column("denied_slots", Float(), nullable=False),
    Column("denied_at", Timestamp, nullable=False),
    # Grows with every taking of slots: who has decided on an older one decides again.
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("workspace_id", "name"),
)

concurrency_leases = Table(
    "concurrency_leases",
    metadata,
    # A lease has a row for each of its limits; no foreign key, because it can be renewed when a limit is gone.
    Column("lease_id", Id, nullable=False),
    Column("limit_id", Id, nullable=False),
    workspace(),
    Column("slots", Integer, nullable=False),
    # The limit's decay gives these slots back little by little: they are counted in `unleased_slots`, not here.
    Column("drains", Boolean, nullable=False),
    Column("holder_type", Text),
    Column("holder_id", Id),
    Column("created", Timestamp, nullable=False),
    Column("expires", Timestamp, nullable=False),
    PrimaryKeyConstraint("lease_id", "limit_id"),
)
Index(None, concurrency_leases.c.limit_id, concurrency_leases.c.expires)
Index(None, concurrency_leases.c.expires)
_is_held = text("holder_id IS NOT NULL")
Index(None, concurrency_leases.c.holder_id, postgresql_where=_is_held, sqlite_where=_is_held)
