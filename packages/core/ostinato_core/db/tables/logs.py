"""Log lines of runs. No foreign keys: a line may come before its run is known and may outlive it."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from ostinato_core.db.tables.base import metadata, workspace
from ostinato_core.db.types import Id, Timestamp

logs = Table(
    "logs",
    metadata,
    Column("id", Id, nullable=False),
    workspace(),
    Column("timestamp", Timestamp, nullable=False),
    Column("name", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("flow_run_id", Id),
    Column("task_run_id", Id),
    PrimaryKeyConstraint("id", "timestamp"),
    Index(None, "flow_run_id", "timestamp"),
    Index(None, "workspace_id", "timestamp"),
    postgresql_partition_by="RANGE (timestamp)",
)
