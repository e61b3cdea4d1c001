"""Deployments, and the schedules by which runs of them are made."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from ostinato_core.db.tables.base import contains, identity, members, metadata
from ostinato_core.db.types import Id, Json, Timestamp

deployments = Table(
    "deployments",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("flow_id", Id, ForeignKey("flows.id", ondelete="CASCADE"), nullable=False),
    Column("version", Text),
    Column("description", Text),
    Column("paused", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("last_polled", Timestamp),
    Column("concurrency_limit_id", Id),
    Column("concurrency_options", Json),
    Column("parameters", Json, nullable=False),
    Column("parameter_openapi_schema", Json),
    Column("enforce_parameter_schema", Boolean, nullable=False),
    Column("tags", Json, nullable=False),
    Column("labels", Json, nullable=False),
    Column("pull_steps", Json),
    Column("work_queue_id", Id),
    Column("path", Text),
    Column("entrypoint", Text),
    Column("storage_document_id", Id),
    Column("infrastructure_document_id", Id),
    Column("job_variables", Json, nullable=False),
    Column("created_by", Json),
    Column("updated_by", Json),
    # As the wire's VersionInfo.
    Column("version_info", Json),
    Column("retry_on_crash", Json),
    # How many runs may be due and wait; null for any number.
    Column("max_queued", Integer),
    UniqueConstraint("flow_id", "name"),
)
Index(None, deployments.c.workspace_id, deployments.c.name)
Index(None, deployments.c.workspace_id, deployments.c.created)
Index(None, deployments.c.workspace_id, deployments.c.updated)
contains("ix_deployments__name_trigrams", deployments.c.name)
members("ix_deployments__tags", deployments.c.tags)
_has_queue = text("work_queue_id IS NOT NULL")
Index(None, deployments.c.work_queue_id, postgresql_where=_has_queue, sqlite_where=_has_queue)
_has_limit = text("concurrency_limit_id IS NOT NULL")
Index(None, deployments.c.concurrency_limit_id, postgresql_where=_has_limit, sqlite_where=_has_limit)
_is_bounded = text("max_queued IS NOT NULL")
Index("ix_deployments__max_queued", deployments.c.id, postgresql_where=_is_bounded, sqlite_where=_is_bounded)
# The foreman asks for the ready ones, of all workspaces.
_is_ready = text("status = 'READY'")
Index("ix_deployments__ready", deployments.c.last_polled, postgresql_where=_is_ready, sqlite_where=_is_ready)

deployment_schedules = Table(
    "deployment_schedules",
    metadata,
    *identity(),
    Column("deployment_id", Id, ForeignKey("deployments.id", ondelete="CASCADE"), nullable=False),
    Column("schedule", Json, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("max_scheduled_runs", Integer),
    Column("parameters", Json, nullable=False),
    Column("slug", Text),
    # Which late runs still start (null: all), and by how many seconds they may be late (null: any).
    Column("catchup", Text),
    Column("max_late_seconds", Float()),
    # When the scheduler looks at it again, null for never; and up to which date it has made runs, null for none.
    Column("next_look", Timestamp),
    Column("made_until", Timestamp),
    UniqueConstraint("deployment_id", "slug"),
)
_is_looked_at = text("next_look IS NOT NULL")
Index(
    "ix_deployment_schedules__next_look",
    deployment_schedules.c.next_look,
    postgresql_where=_is_looked_at,
    sqlite_where=_is_looked_at,
)
