"""When the scheduler looks at a schedule again, how it catches up, and runs under keys that outlive a redeployment."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
INDEX = "ix_deployment_schedules__next_look"


def upgrade() -> None:
    """Add the columns, have every schedule looked at at once, and let its runs be made again under their new keys."""
    for column in (
        sa.Column("catchup", sa.Text(), nullable=True),
        sa.Column("max_late_seconds", sa.Float(), nullable=True),
        sa.Column("next_look", TIME, nullable=True),
        sa.Column("made_until", TIME, nullable=True),
    ):
        op.add_column("deployment_schedules", column)
    _forget_waiting_runs()
    op.execute(
        f"UPDATE deployment_schedules SET next_look = {_now()} "  # noqa: S608 - a constant
        "WHERE active AND deployment_id IN (SELECT id FROM deployments WHERE NOT paused)"
    )
    op.create_index(
        INDEX,
        "deployment_schedules",
        ["next_look"],
        postgresql_where=sa.text("next_look IS NOT NULL"),
        sqlite_where=sa.text("next_look IS NOT NULL"),
    )


def downgrade() -> None:
    """Remove them; the runs go, too, because their keys mean nothing to the code before."""
    _forget_waiting_runs()
    op.drop_index(INDEX, "deployment_schedules")
    for name in ("made_until", "next_look", "max_late_seconds", "catchup"):
        op.drop_column("deployment_schedules", name)


def _forget_waiting_runs() -> None:
    op.execute(
        "DELETE FROM flow_runs WHERE auto_scheduled AND run_count = 0 AND state_type = 'SCHEDULED' "  # noqa: S608 - a constant
        f"AND state_name <> 'AwaitingConcurrencySlot' AND next_scheduled_start_time > {_now()}"
    )


def _now() -> str:
    if context.get_context().dialect.name == "postgresql":
        return "now()"
    return "CAST(strftime('%s', 'now') AS INTEGER) * 1000000"
