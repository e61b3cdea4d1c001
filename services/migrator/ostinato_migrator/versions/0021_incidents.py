"""Incidents, and what people say of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("start_time", TIME, nullable=False),
        sa.Column("end_time", TIME, nullable=True),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("related_resources", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents__workspace_id_start_time", "incidents", ["workspace_id", "start_time"])
    op.create_index("ix_incidents__workspace_id_status_start_time", "incidents", ["workspace_id", "status", "start_time"])
    if op.get_context().dialect.name == "postgresql":
        op.create_index("ix_incidents__tags", "incidents", ["tags"], postgresql_using="gin")
    op.create_table(
        "incident_comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_incident_comments__incident_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_incident_comments"),
    )
    op.create_index("ix_incident_comments__incident_id_id", "incident_comments", ["incident_id", "id"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("incident_comments")
    op.drop_table("incidents")
