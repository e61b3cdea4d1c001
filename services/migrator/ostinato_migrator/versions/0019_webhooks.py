"""Inbound webhooks, and the marks of what they have received."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("old_slug", sa.Text(), nullable=True),
        sa.Column("old_expires", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks__slug", "webhooks", ["slug"], unique=True)
    op.create_index("ix_webhooks__old_slug", "webhooks", ["old_slug"], unique=True)
    op.create_index("ix_webhooks__workspace_id_name", "webhooks", ["workspace_id", "name"])
    op.create_table(
        "webhook_receipts",
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_webhook_receipts__webhook_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("webhook_id", "delivery", name="pk_webhook_receipts"),
    )
    op.create_index("ix_webhook_receipts__webhook_id_expires", "webhook_receipts", ["webhook_id", "expires"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("webhook_receipts")
    op.drop_table("webhooks")
