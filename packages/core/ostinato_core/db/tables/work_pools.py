"""Work pools, their queues and workers, and what workers are told to clean up."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from ostinato_core.db.tables.base import Columns, identity, metadata
from ostinato_core.db.tables.flow_runs import flow_runs
from ostinato_core.db.types import Id, Json, Timestamp


def _status() -> Columns:
    """Return the columns of a status, and of the event that told of it."""
    return (
        Column("status", Text),
        Column("status_event_id", Id),
        Column("status_changed", Timestamp),
    )


work_pools = Table(
    "work_pools",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("type", Text, nullable=False),
    Column("base_job_template", Json, nullable=False),
    Column("is_paused", Boolean, nullable=False),
    Column("concurrency_limit", Integer),
    Column("storage_configuration", Json, nullable=False),
    Column("default_queue_id", Id, nullable=False),
    *_status(),
    # Counts changes of the queues' order, so that two that happen at once are found out.
    Column("order_version", Integer, nullable=False),
    Column("retry_on_crash", Json),
    # Null: as the server's setting has it; 0: none.
    Column("pending_deadline_seconds", Integer),
    UniqueConstraint("workspace_id", "name"),
)
_is_ready = text("status = 'READY'")
Index("ix_work_pools__ready", work_pools.c.id, postgresql_where=_is_ready, sqlite_where=_is_ready)

work_queues = Table(
    "work_queues",
    metadata,
    *identity(),
    Column("work_pool_id", Id, ForeignKey("work_pools.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("is_paused", Boolean, nullable=False),
    Column("concurrency_limit", Integer),
    Column("priority", Integer, nullable=False),
    Column("filter", Json),
    Column("last_polled", Timestamp),
    *_status(),
    UniqueConstraint("work_pool_id", "name"),
    Index(None, "workspace_id", "name"),
    Index(None, "status", "last_polled"),
)

workers = Table(
    "workers",
    metadata,
    *identity(),
    Column("work_pool_id", Id, ForeignKey("work_pools.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("last_heartbeat_time", Timestamp, nullable=False),
    Column("heartbeat_interval_seconds", Integer),
    Column("status", Text, nullable=False),
    UniqueConstraint("work_pool_id", "name"),
    Index(None, "status", "last_heartbeat_time"),
)

worker_cleanup_messages = Table(
    "worker_cleanup_messages",
    metadata,
    *identity(),
    Column("work_pool_id", Id, ForeignKey("work_pools.id", ondelete="CASCADE"), nullable=False),
    Column("work_queue_id", Id),
    Column("kind", Text, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("target", Json, nullable=False),
    Column("data", Json, nullable=False),
    Column("delivery_count", Integer, nullable=False),
    # Both null: waiting for a worker.
    Column("reservation_token", Text),
    Column("lease_expires_at", Timestamp),
    Column("dead_letter_reason", Text),
    UniqueConstraint("workspace_id", "idempotency_key"),
    Index(None, "work_pool_id", "created"),
)
_is_reserved = text("lease_expires_at IS NOT NULL")
Index(
    "ix_worker_cleanup_messages__reserved",
    worker_cleanup_messages.c.lease_expires_at,
    postgresql_where=_is_reserved,
    sqlite_where=_is_reserved,
)

_in_line = text("state_type = 'SCHEDULED' AND work_queue_id IS NOT NULL")
Index(
    "ix_flow_runs__in_line",
    flow_runs.c.work_queue_id,
    flow_runs.c.next_scheduled_start_time,
    postgresql_where=_in_line,
    sqlite_where=_in_line,
)
_awaits_slot = text("state_name = 'AwaitingConcurrencySlot' AND work_queue_id IS NOT NULL")
Index(
    "ix_flow_runs__awaiting_slot",
    flow_runs.c.work_queue_id,
    flow_runs.c.expected_start_time,
    postgresql_where=_awaits_slot,
    sqlite_where=_awaits_slot,
)
_holds_slot = text("state_type IN ('PENDING', 'RUNNING', 'CANCELLING') AND work_queue_id IS NOT NULL")
Index(
    "ix_flow_runs__slots",
    flow_runs.c.work_queue_id,
    flow_runs.c.state_type,
    postgresql_where=_holds_slot,
    sqlite_where=_holds_slot,
)
