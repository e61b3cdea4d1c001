"""The indexes by which background loops find what is late, stalled, ended or expired, in all workspaces."""

import sqlalchemy as sa
from alembic import context, op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_flow_runs__on_time": (
        "flow_runs",
        ["next_scheduled_start_time"],
        "state_type = 'SCHEDULED' AND state_name = 'Scheduled'",
    ),
    "ix_flow_runs__stalled": (
        "flow_runs",
        ["state_type", "state_timestamp", "id"],
        "state_type IN ('PAUSED', 'CANCELLING', 'CANCELLED')",
    ),
    "ix_flow_runs__ended": (
        "flow_runs",
        ["state_timestamp", "id"],
        "state_type IN ('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')",
    ),
    "ix_work_pools__ready": ("work_pools", ["id"], "status = 'READY'"),
    "ix_worker_cleanup_messages__reserved": (
        "worker_cleanup_messages",
        ["lease_expires_at"],
        "lease_expires_at IS NOT NULL",
    ),
}


def upgrade() -> None:
    """Make the indexes."""
    if context.get_context().dialect.name != "postgresql":
        for name, (table, columns, where) in INDEXES.items():
            op.create_index(name, table, columns, sqlite_where=sa.text(where))
        return
    with op.get_context().autocommit_block():
        for name, (table, columns, where) in INDEXES.items():
            # One that was interrupted leaves an index that is not valid.
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
            op.create_index(name, table, columns, postgresql_where=sa.text(where), postgresql_concurrently=True)


def downgrade() -> None:
    """Remove them."""
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(name, table)
