"""Groups of messages that become one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")
TABLE = "alert_groups"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("action_index", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=True),
        sa.Column("flow_id", sa.Uuid(), nullable=True),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("due", TIME, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first", TIME, nullable=False),
        sa.Column("last", TIME, nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("lines", JSON, nullable=False),
        sa.Column("closed", TIME, nullable=True),
        sa.Column("awaits_resolution", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
        sa.UniqueConstraint("carrier_id", name=f"uq_{TABLE}__carrier_id"),
    )
    is_open, waits = sa.text("closed IS NULL"), sa.text("awaits_resolution")
    op.create_index(
        f"uq_{TABLE}__open",
        TABLE,
        ["automation_id", "action_index", "key"],
        unique=True,
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
    op.create_index(
        f"ix_{TABLE}__awaits_resolution", TABLE, ["closed"], postgresql_where=waits, sqlite_where=waits
    )


def downgrade() -> None:
    """Remove the table."""
    op.drop_table(TABLE)
