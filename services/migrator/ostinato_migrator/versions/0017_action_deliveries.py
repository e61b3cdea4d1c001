"""What is to be done for automations that have fired: one row for each action of each firing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")
TABLE = "action_deliveries"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("automation_name", sa.Text(), nullable=False),
        sa.Column("firing_id", sa.Uuid(), nullable=False),
        sa.Column("action_index", sa.Integer(), nullable=False),
        sa.Column("action", JSON, nullable=False),
        sa.Column("firing", JSON, nullable=False),
        sa.Column("triggering_event_id", sa.Uuid(), nullable=True),
        sa.Column("firing_event_id", sa.Uuid(), nullable=False),
        sa.Column("firing_event", JSON, nullable=True),
        sa.Column("is_outbound", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tries_before", sa.Integer(), nullable=False),
        sa.Column("due", TIME, nullable=True),
        sa.Column("claimed_until", TIME, nullable=True),
        sa.Column("trace_event_id", sa.Uuid(), nullable=True),
        sa.Column("result", JSON, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_action_deliveries"),
    )
    for columns in (
        ["is_outbound", "due"],
        ["firing_id", "action_index"],
        ["workspace_id", "created"],
        ["automation_id", "created"],
    ):
        op.create_index(f"ix_{TABLE}__{'_'.join(columns)}", TABLE, columns)


def downgrade() -> None:
    """Remove the table."""
    op.drop_table(TABLE)
