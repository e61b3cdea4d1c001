"""The index by which retention finds background task runs."""

import sqlalchemy as sa
from alembic import context, op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME = "ix_task_runs__ended_alone"


def upgrade() -> None:
    """Make the index, on Postgres while others go on writing."""
    columns = ["workspace_id", "end_time"]
    alone = sa.text("flow_run_id IS NULL AND end_time IS NOT NULL")
    if context.get_context().dialect.name != "postgresql":
        op.create_index(NAME, "task_runs", columns, sqlite_where=alone)
        return
    with op.get_context().autocommit_block():
        # One that was left half made is not valid.
        op.drop_index(NAME, "task_runs", if_exists=True, postgresql_concurrently=True)
        op.create_index(NAME, "task_runs", columns, postgresql_where=alone, postgresql_concurrently=True)


def downgrade() -> None:
    """Remove the index."""
    op.drop_index(NAME, "task_runs")
