"""Task runs that wait for a background worker, and the workers that are connected."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from ostinato_core.db.tables.base import metadata, workspace
from ostinato_core.db.types import Id, Json, Timestamp

task_run_queue = Table(
    "task_run_queue",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    workspace(),
    Column("created", Timestamp, nullable=False),
    Column("task_run_id", Id, ForeignKey("task_runs.id", ondelete="CASCADE"), nullable=False),
    Column("task_key", Text, nullable=False),
    # 0 for runs that were handed out before and for those that are retried, 1 for all others.
    Column("rank", Integer, nullable=False),
    # A run that was handed out stays until its worker confirms it: a claim that lapses needs no clean-up.
    Column("claimed_by", Id),
    Column("claimed_until", Timestamp),
    UniqueConstraint("task_run_id"),
    Index(None, "workspace_id", "task_key", "rank", "position"),
    sqlite_autoincrement=True,
)

task_workers = Table(
    "task_workers",
    metadata,
    # One row a connection; a client may have several.
    Column("id", Id, primary_key=True),
    workspace(),
    Column("created", Timestamp, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("task_keys", Json, nullable=False),
    Column("last_contact", Timestamp, nullable=False),
    Column("expires", Timestamp, nullable=False),
    Index(None, "workspace_id", "expires"),
)
