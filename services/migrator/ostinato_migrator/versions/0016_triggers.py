"""What triggers remember, and a place in the log from which the automations that there are begin to be evaluated."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")
TABLES = ("trigger_followers", "trigger_firings", "trigger_buckets", "trigger_cursors")


def upgrade() -> None:
    """Make the tables, and let what is stored now be read by nobody."""
    op.create_table(
        "trigger_cursors",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("is_idle", sa.Boolean(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_trigger_cursors"),
    )
    _buckets()
    _firings()
    _followers()
    _begin_at_the_end()


def downgrade() -> None:
    """Remove them."""
    for table in TABLES:
        op.drop_table(table)


def _buckets() -> None:
    op.create_table(
        "trigger_buckets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("trigger_id", sa.Uuid(), nullable=False),
        sa.Column("key", JSON, nullable=False),
        sa.Column("begins", TIME, nullable=False),
        sa.Column("ends", TIME, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_event", JSON, nullable=True),
        sa.Column("is_proactive", sa.Boolean(), nullable=False),
        _of_automation("trigger_buckets"),
        sa.PrimaryKeyConstraint("id", name="pk_trigger_buckets"),
    )
    op.create_index("ix_trigger_buckets__automation_id", "trigger_buckets", ["automation_id"])
    columns = ["workspace_id", "is_proactive", "ends"]
    op.create_index("ix_trigger_buckets__workspace_id_is_proactive_ends", "trigger_buckets", columns)


def _firings() -> None:
    op.create_table(
        "trigger_firings",
        sa.Column("trigger_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("firing", JSON, nullable=False),
        _of_automation("trigger_firings"),
        sa.PrimaryKeyConstraint("trigger_id", "child_id", name="pk_trigger_firings"),
    )
    op.create_index("ix_trigger_firings__automation_id", "trigger_firings", ["automation_id"])


def _followers() -> None:
    op.create_table(
        "trigger_followers",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("event", JSON, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_trigger_followers"),
    )
    op.create_index("ix_trigger_followers__leader_id", "trigger_followers", ["leader_id"])
    op.create_index("ix_trigger_followers__workspace_id_until", "trigger_followers", ["workspace_id", "until"])


def _of_automation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["automation_id"], ["automations.id"], name=f"fk_{table}__automation_id", ondelete="CASCADE"
    )


def _begin_at_the_end() -> None:
    end = "0, COALESCE((SELECT MAX(position) FROM events), 0)"
    if op.get_context().dialect.name == "postgresql":
        end = "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) - 1, 9223372036854775807"
    op.execute(
        "INSERT INTO trigger_cursors (workspace_id, revision, is_idle, transaction_id, position) "
        f"SELECT DISTINCT workspace_id, 1, FALSE, {end} FROM automations"
    )
