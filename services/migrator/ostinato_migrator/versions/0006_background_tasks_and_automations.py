"""The queue of background task runs, the register of their workers, and automations."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    _task_run_queue()
    _task_workers()
    _automations()
    _automation_resources()


def downgrade() -> None:
    """Remove the tables."""
    for table in ("automation_resources", "automations", "task_workers", "task_run_queue"):
        op.drop_table(table)


def _task_run_queue() -> None:
    op.create_table(
        "task_run_queue",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("task_run_id", sa.Uuid(), nullable=False),
        sa.Column("task_key", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["task_run_id"], ["task_runs.id"], name="fk_task_run_queue__task_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_task_run_queue"),
        sa.UniqueConstraint("task_run_id", name="uq_task_run_queue__task_run_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_task_run_queue__workspace_id_task_key_rank_position",
        "task_run_queue",
        ["workspace_id", "task_key", "rank", "position"],
    )


def _task_workers() -> None:
    op.create_table(
        "task_workers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("task_keys", JSON, nullable=False),
        sa.Column("last_contact", TIME, nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_task_workers"),
    )
    op.create_index("ix_task_workers__workspace_id_expires", "task_workers", ["workspace_id", "expires"])


def _automations() -> None:
    op.create_table(
        "automations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("trigger", JSON, nullable=False),
        sa.Column("actions", JSON, nullable=False),
        sa.Column("actions_on_trigger", JSON, nullable=False),
        sa.Column("actions_on_resolve", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_automations"),
    )
    op.create_index("ix_automations__workspace_id_name", "automations", ["workspace_id", "name"])
    op.create_index("ix_automations__workspace_id_updated", "automations", ["workspace_id", "updated"])
    if context.get_context().dialect.name == "postgresql":
        op.create_index("ix_automations__tags", "automations", ["tags"], postgresql_using="gin")


def _automation_resources() -> None:
    op.create_table(
        "automation_resources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("is_owner", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automations.id"], name="fk_automation_resources__automation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_automation_resources"),
        sa.UniqueConstraint("automation_id", "resource_id", name="uq_automation_resources__automation_id_resource_id"),
    )
    op.create_index(
        "ix_automation_resources__workspace_id_resource_id", "automation_resources", ["workspace_id", "resource_id"]
    )
