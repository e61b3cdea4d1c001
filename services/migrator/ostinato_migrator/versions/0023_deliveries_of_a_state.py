"""Deliveries of a state, the newest first: who looks for the few that failed does not read all that arrived."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_action_deliveries__workspace_id_state_created", "action_deliveries", ["workspace_id", "state", "created"]
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_action_deliveries__workspace_id_state_created", "action_deliveries")
