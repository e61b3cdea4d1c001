"""Until when a schedule's run may still start, and how many runs of a deployment may wait."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Add the columns, which are null and so cost no rewriting, and an index that is empty at first."""
    op.add_column("flow_runs", sa.Column("start_before", TIME, nullable=True))
    op.add_column("deployments", sa.Column("max_queued", sa.Integer(), nullable=True))
    bounded = sa.text("max_queued IS NOT NULL")
    op.create_index(
        "ix_deployments__max_queued", "deployments", ["id"], postgresql_where=bounded, sqlite_where=bounded
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_deployments__max_queued", "deployments")
    op.drop_column("deployments", "max_queued")
    op.drop_column("flow_runs", "start_before")
