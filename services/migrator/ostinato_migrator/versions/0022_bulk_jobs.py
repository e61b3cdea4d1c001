"""Changes of many flow runs at once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")
TABLE = "bulk_jobs"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("filters", JSON, nullable=False),
        sa.Column("state", JSON, nullable=True),
        sa.Column("force", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("refusals", JSON, nullable=False),
        sa.Column("position", sa.Uuid(), nullable=False),
        sa.Column("begins", TIME, nullable=False),
        sa.Column("started", TIME, nullable=True),
        sa.Column("ended", TIME, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_by", JSON, nullable=True),
        sa.Column("due", TIME, nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("told", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_jobs"),
    )
    op.create_index("ix_bulk_jobs__due", TABLE, ["due"])
    op.create_index("ix_bulk_jobs__workspace_id_created", TABLE, ["workspace_id", "created"])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table(TABLE)
