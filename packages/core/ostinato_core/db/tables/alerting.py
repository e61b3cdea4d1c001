"""Messages that became one: what a group has gathered so far, and by which delivery it is sent."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, UniqueConstraint

from ostinato_core.db.tables.base import identity, metadata
from ostinato_core.db.types import Id, Json, Timestamp

alert_groups = Table(
    "alert_groups",
    metadata,
    *identity(),
    # No foreign keys: what was told outlives the automation.
    Column("automation_id", Id, nullable=False),
    Column("action_index", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("deployment_id", Id),
    Column("flow_id", Id),
    Column("carrier_id", Id, nullable=False),
    Column("due", Timestamp, nullable=False),
    Column("count", Integer, nullable=False),
    Column("first", Timestamp, nullable=False),
    Column("last", Timestamp, nullable=False),
    Column("kinds", Json, nullable=False),
    Column("lines", Json, nullable=False),
    Column("closed", Timestamp),
    Column("awaits_resolution", Boolean, nullable=False),
    UniqueConstraint("carrier_id"),
)
_is_open = alert_groups.c.closed.is_(None)
Index(
    "uq_alert_groups__open",
    alert_groups.c.automation_id,
    alert_groups.c.action_index,
    alert_groups.c.key,
    unique=True,
    postgresql_where=_is_open,
    sqlite_where=_is_open,
)
_waits = alert_groups.c.awaits_resolution
Index("ix_alert_groups__awaits_resolution", alert_groups.c.closed, postgresql_where=_waits, sqlite_where=_waits)
