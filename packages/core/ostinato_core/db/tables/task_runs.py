"""Task runs, the history of their states, and the cache of results by key."""

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ostinato_core.db.tables.base import (
    contains,
    current_state,
    identity,
    lists,
    members,
    metadata,
    only_on_postgres,
    state_history,
    workspace,
)
from ostinato_core.db.types import Id, Json, Timestamp

task_runs = Table(
    "task_runs",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("flow_run_id", Id, ForeignKey("flow_runs.id", ondelete="CASCADE")),
    Column("task_key", Text, nullable=False),
    Column("dynamic_key", Text, nullable=False),
    Column("cache_key", Text),
    Column("cache_expiration", Timestamp),
    Column("task_version", Text),
    Column("empirical_policy", Json, nullable=False),
    Column("tags", Json, nullable=False),
    Column("labels", Json),
    Column("task_inputs", Json, nullable=False),
    *current_state(),
    Column("run_count", Integer, nullable=False),
    Column("flow_run_run_count", Integer, nullable=False),
    Column("expected_start_time", Timestamp),
    Column("next_scheduled_start_time", Timestamp),
    Column("start_time", Timestamp),
    Column("end_time", Timestamp),
    Column("total_run_time", Float(), nullable=False),
    UniqueConstraint("flow_run_id", "task_key", "dynamic_key"),
    Index(None, "workspace_id", "expected_start_time"),
    Index(None, "workspace_id", "start_time"),
    Index(None, "workspace_id", "end_time"),
    Index(None, "workspace_id", "name"),
    # What counts of a span of time read, and nothing else of a row.
    Index(None, "workspace_id", "state_type", "start_time"),
    Index(None, "workspace_id", "state_name", "expected_start_time"),
    # Those in a state in the order of most lists. SQLite walks through all in that order, or sorts the few there are.
    only_on_postgres(Index(None, "workspace_id", "state_type", "expected_start_time")),
)
contains("ix_task_runs__name_trigrams", task_runs.c.name)
_has_tags = text("tags <> '[]'")
lists("ix_task_runs__tag_lists", task_runs.c.workspace_id, task_runs.c.tags)
members("ix_task_runs__tags", task_runs.c.tags, where=_has_tags)
# Background task runs by their end, for retention: those of flow runs, which are far more, go with them.
_ended_alone = text("flow_run_id IS NULL AND end_time IS NOT NULL")
Index(
    "ix_task_runs__ended_alone",
    task_runs.c.workspace_id,
    task_runs.c.end_time,
    postgresql_where=_ended_alone,
    sqlite_where=_ended_alone,
)

task_run_states = Table(
    "task_run_states",
    metadata,
    Column("id", Id, nullable=False),
    workspace(),
    Column("task_run_id", Id, ForeignKey("task_runs.id", ondelete="CASCADE"), nullable=False),
    Column("timestamp", Timestamp, nullable=False),
    *state_history(),
    # The time is part of the key because Postgres partitions this history by it.
    PrimaryKeyConstraint("id", "timestamp"),
    Index(None, "task_run_id", "timestamp"),
    postgresql_partition_by="RANGE (timestamp)",
)

task_run_cache = Table(
    "task_run_cache",
    metadata,
    *identity(),
    Column("cache_key", Text, nullable=False),
    Column("cache_expiration", Timestamp),
    Column("state", Json, nullable=False),
    # A key may be longer than an entry of a B-tree on Postgres may be.
    Index(None, "cache_key", postgresql_using="hash"),
)
