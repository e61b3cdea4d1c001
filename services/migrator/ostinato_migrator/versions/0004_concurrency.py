"""The tables of concurrency limits and their leases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "concurrency_limits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column("slot_decay_per_second", sa.Float(), nullable=False),
        sa.Column("avg_slot_occupancy_seconds", sa.Float(), nullable=False),
        sa.Column("unleased_slots", sa.Float(), nullable=False),
        sa.Column("drained_at", TIME, nullable=False),
        sa.Column("denied_slots", sa.Float(), nullable=False),
        sa.Column("denied_at", TIME, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_concurrency_limits"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_concurrency_limits__workspace_id_name"),
    )
    op.create_table(
        "concurrency_leases",
        sa.Column("lease_id", sa.Uuid(), nullable=False),
        sa.Column("limit_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("drains", sa.Boolean(), nullable=False),
        sa.Column("holder_type", sa.Text(), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("created", TIME, nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.PrimaryKeyConstraint("lease_id", "limit_id", name="pk_concurrency_leases"),
    )
    op.create_index("ix_concurrency_leases__limit_id_expires", "concurrency_leases", ["limit_id", "expires"])
    op.create_index("ix_concurrency_leases__expires", "concurrency_leases", ["expires"])
    op.create_index(
        "ix_concurrency_leases__holder_id",
        "concurrency_leases",
        ["holder_id"],
        postgresql_where=sa.text("holder_id IS NOT NULL"),
        sqlite_where=sa.text("holder_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Remove both tables."""
    op.drop_table("concurrency_leases")
    op.drop_table("concurrency_limits")
