"""Changes of many flow runs at once, which a loop works off."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text

from ostinato_core.db.tables.base import identity, metadata
from ostinato_core.db.types import Id, Json, Timestamp

bulk_jobs = Table(
    "bulk_jobs",
    metadata,
    *identity(),
    Column("action", Text, nullable=False),
    Column("filters", Json, nullable=False),
    Column("state", Json),
    Column("force", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("matched", Integer, nullable=False),
    Column("looked_at", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("refusals", Json, nullable=False),
    Column("position", Id, nullable=False),
    Column("begins", Timestamp, nullable=False),
    Column("started", Timestamp),
    Column("ended", Timestamp),
    Column("reason", Text),
    Column("created_by", Json),
    Column("due", Timestamp),
    Column("claimed_by", Id),
    Column("attempts", Integer, nullable=False),
    Column("told", Timestamp),
    Index(None, "due"),
    Index(None, "workspace_id", "created"),
)
"""`position`: only flow runs with lower ids are still to be looked at; the newest come first. `due` is when to look at
the job next: while a process works it off, when that process has been silent for too long; null once it has ended.
`attempts` count how often it was claimed without getting on, `told` is when its progress was last told.
"""
