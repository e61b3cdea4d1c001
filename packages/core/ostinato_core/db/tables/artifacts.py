"""Artifacts, and for each key the collection that shows its latest one.

No foreign keys: an artifact may come before its run is known and outlives it.
"""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint, text

from ostinato_core.db.tables.base import Columns, contains, identity, metadata
from ostinato_core.db.types import Id, Json


def _content() -> Columns:
    return (
        Column("type", Text),
        Column("description", Text),
        Column("data", Json),
        Column("metadata_", Json),
        Column("flow_run_id", Id),
        Column("task_run_id", Id),
    )


_of_flow = text("flow_run_id IS NOT NULL")
_of_task = text("task_run_id IS NOT NULL")
_has_key = text("key IS NOT NULL")

artifacts = Table(
    "artifacts",
    metadata,
    *identity(),
    Column("key", Text),
    *_content(),
    Index(None, "workspace_id", "created"),
    Index(None, "workspace_id", "key", "created", postgresql_where=_has_key, sqlite_where=_has_key),
    Index(None, "flow_run_id", postgresql_where=_of_flow, sqlite_where=_of_flow),
    Index(None, "task_run_id", postgresql_where=_of_task, sqlite_where=_of_task),
)
contains("ix_artifacts__key_trigrams", artifacts.c.key)

artifact_collections = Table(
    "artifact_collections",
    metadata,
    *identity(),
    Column("key", Text, nullable=False),
    Column("latest_id", Id, nullable=False),
    *_content(),
    UniqueConstraint("workspace_id", "key"),
    Index(None, "latest_id"),
    Index(None, "workspace_id", "created"),
)
