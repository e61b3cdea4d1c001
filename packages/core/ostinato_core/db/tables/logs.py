"""Log lines of runs. No foreign keys: a line may come before its run is known and may outlive it."""

from sqlalchemy import Column, Index, Integer, Table, Text, text

from ostinato_core.db.tables.base import metadata, workspace
from ostinato_core.db.types import Id, Timestamp

_of_task = text("task_run_id IS NOT NULL")

logs = Table(
    "logs",
    metadata,
    # Not a key: nobody looks a line up by its id, and every index is paid for with each line written.
    Column("id", Id, nullable=False),
    workspace(),
    Column("timestamp", Timestamp, nullable=False),
    Column("name", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("flow_run_id", Id),
    Column("task_run_id", Id),
    Index(None, "flow_run_id", "timestamp"),
    Index(None, "task_run_id", "timestamp", postgresql_where=_of_task, sqlite_where=_of_task),
    Index(None, "workspace_id", "timestamp"),
    postgresql_partition_by="RANGE (timestamp)",
)
