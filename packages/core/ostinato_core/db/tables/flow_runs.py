"""Flow runs, the history of their states, and their inputs."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, func, text

from ostinato_core.db.tables.base import (
    contains,
    current_state,
    identity,
    lists,
    members,
    metadata,
    state_history,
    workspace,
)
from ostinato_core.db.types import Id, Json, Timestamp

flow_runs = Table(
    "flow_runs",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("flow_id", Id, ForeignKey("flows.id", ondelete="CASCADE"), nullable=False),
    *current_state(),
    Column("deployment_id", Id),
    Column("deployment_version", Text),
    Column("work_queue_id", Id),
    Column("work_queue_name", Text),
    Column("flow_version", Text),
    Column("parameters", Json, nullable=False),
    Column("idempotency_key", Text),
    Column("context", Json, nullable=False),
    Column("empirical_policy", Json, nullable=False),
    Column("tags", Json, nullable=False),
    Column("labels", Json, nullable=False),
    Column("parent_task_run_id", Id),
    Column("run_count", Integer, nullable=False),
    Column("expected_start_time", Timestamp),
    Column("next_scheduled_start_time", Timestamp),
    Column("start_time", Timestamp),
    Column("end_time", Timestamp),
    Column("total_run_time", Float(), nullable=False),
    Column("auto_scheduled", Boolean, nullable=False),
    Column("infrastructure_document_id", Id),
    Column("infrastructure_pid", Text),
    Column("created_by", Json),
    Column("job_variables", Json),
    # A run of a schedule that does not catch up is not given to workers from then on; null for no such time.
    Column("start_before", Timestamp),
    UniqueConstraint("flow_id", "idempotency_key"),
)
_started = func.coalesce(flow_runs.c.start_time, flow_runs.c.expected_start_time)
# What else they hold spares Postgres the rows themselves, for sums over many runs.
Index(
    "ix_flow_runs__started",
    flow_runs.c.workspace_id,
    _started,
    postgresql_include=["start_time", "expected_start_time", "state_type"],
)
Index(
    None,
    flow_runs.c.workspace_id,
    flow_runs.c.expected_start_time,
    postgresql_include=["state_type", "state_name", "start_time", "state_timestamp", "total_run_time"],
)
Index("ix_flow_runs__state_type_started", flow_runs.c.workspace_id, flow_runs.c.state_type, _started)
Index("ix_flow_runs__state_name_started", flow_runs.c.workspace_id, flow_runs.c.state_name, _started)
Index(None, flow_runs.c.workspace_id, flow_runs.c.name)
contains("ix_flow_runs__name_trigrams", flow_runs.c.name)
lists("ix_flow_runs__tag_lists", flow_runs.c.workspace_id, flow_runs.c.tags)
members("ix_flow_runs__tags", flow_runs.c.tags)
Index(None, flow_runs.c.workspace_id, flow_runs.c.end_time)
_waits = text("next_scheduled_start_time IS NOT NULL")
Index(None, flow_runs.c.next_scheduled_start_time, postgresql_where=_waits, sqlite_where=_waits)
_has_parent = text("parent_task_run_id IS NOT NULL")
Index(None, flow_runs.c.parent_task_run_id, postgresql_where=_has_parent, sqlite_where=_has_parent)
_has_deployment = text("deployment_id IS NOT NULL")
Index(
    "ix_flow_runs__deployment_started",
    flow_runs.c.workspace_id,
    flow_runs.c.deployment_id,
    _started,
    postgresql_where=_has_deployment,
    sqlite_where=_has_deployment,
)
# All runs of a flow are in its workspace.
Index("ix_flow_runs__flow_started", flow_runs.c.flow_id, _started)
# The runs that a deployment has yet to begin: few, however many it has had.
Index(
    "ix_flow_runs__waiting_of_deployment",
    flow_runs.c.deployment_id,
    flow_runs.c.next_scheduled_start_time,
    postgresql_where=_waits,
    sqlite_where=_waits,
)
# What background loops look for, in all workspaces: runs that are not late yet, that wait for somebody, that ended.
_is_on_time = text("state_type = 'SCHEDULED' AND state_name = 'Scheduled'")
Index(
    "ix_flow_runs__on_time",
    flow_runs.c.next_scheduled_start_time,
    postgresql_where=_is_on_time,
    sqlite_where=_is_on_time,
)
_is_stalled = text("state_type IN ('PAUSED', 'CANCELLING', 'CANCELLED')")
Index(
    "ix_flow_runs__stalled",
    flow_runs.c.state_type,
    flow_runs.c.state_timestamp,
    flow_runs.c.id,
    postgresql_where=_is_stalled,
    sqlite_where=_is_stalled,
)
_has_ended = text("state_type IN ('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')")
Index(
    "ix_flow_runs__ended",
    flow_runs.c.state_timestamp,
    flow_runs.c.id,
    postgresql_where=_has_ended,
    sqlite_where=_has_ended,
)

flow_run_states = Table(
    "flow_run_states",
    metadata,
    Column("id", Id, primary_key=True),
    workspace(),
    Column("flow_run_id", Id, ForeignKey("flow_runs.id", ondelete="CASCADE"), nullable=False),
    Column("timestamp", Timestamp, nullable=False),
    *state_history(),
    UniqueConstraint("flow_run_id", "timestamp"),
)

flow_run_inputs = Table(
    "flow_run_inputs",
    metadata,
    *identity(),
    Column("flow_run_id", Id, ForeignKey("flow_runs.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("sender", Text),
    UniqueConstraint("flow_run_id", "key"),
)
