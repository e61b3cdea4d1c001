"""The tables of deployments and their schedules, and the index of the runs that a deployment has yet to begin."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")

WAITING = "ix_flow_runs__waiting_of_deployment"


def _is_postgres() -> bool:
    return context.get_context().dialect.name == "postgresql"


def upgrade() -> None:
    """Make the tables."""
    _index_waiting_runs()
    _deployments()
    _deployment_schedules()


def downgrade() -> None:
    """Remove them."""
    op.drop_table("deployment_schedules")
    op.drop_table("deployments")
    op.drop_index(WAITING, "flow_runs")


def _index_waiting_runs() -> None:
    columns = ["deployment_id", "next_scheduled_start_time"]
    waits = sa.text("next_scheduled_start_time IS NOT NULL")
    if not _is_postgres():
        op.create_index(WAITING, "flow_runs", columns, sqlite_where=waits)
        return
    with op.get_context().autocommit_block():
        # One that was interrupted leaves an index that is not valid.
        op.drop_index(WAITING, "flow_runs", if_exists=True, postgresql_concurrently=True)
        op.create_index(WAITING, "flow_runs", columns, postgresql_where=waits, postgresql_concurrently=True)


def _identity() -> tuple[sa.Column, ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
    )


def _deployments() -> None:
    op.create_table(
        "deployments",
        *_identity(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Text()),
        sa.Column("description", sa.Text()),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("last_polled", TIME),
        sa.Column("concurrency_limit_id", sa.Uuid()),
        sa.Column("concurrency_options", JSON),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("parameter_openapi_schema", JSON),
        sa.Column("enforce_parameter_schema", sa.Boolean(), nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("pull_steps", JSON),
        sa.Column("work_queue_id", sa.Uuid()),
        sa.Column("path", sa.Text()),
        sa.Column("entrypoint", sa.Text()),
        sa.Column("storage_document_id", sa.Uuid()),
        sa.Column("infrastructure_document_id", sa.Uuid()),
        sa.Column("job_variables", JSON, nullable=False),
        sa.Column("created_by", JSON),
        sa.Column("updated_by", JSON),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name="fk_deployments__flow_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_deployments"),
        sa.UniqueConstraint("flow_id", "name", name="uq_deployments__flow_id_name"),
    )
    for column in ("name", "created", "updated"):
        op.create_index(f"ix_deployments__workspace_id_{column}", "deployments", ["workspace_id", column])
    for column in ("work_queue_id", "concurrency_limit_id"):
        is_set = sa.text(f"{column} IS NOT NULL")
        name = f"ix_deployments__{column}"
        op.create_index(name, "deployments", [column], postgresql_where=is_set, sqlite_where=is_set)
    ready = sa.text("status = 'READY'")
    op.create_index(
        "ix_deployments__ready", "deployments", ["last_polled"], postgresql_where=ready, sqlite_where=ready
    )
    if _is_postgres():
        op.create_index("ix_deployments__tags", "deployments", ["tags"], postgresql_using="gin")
        op.create_index(
            "ix_deployments__name_trigrams",
            "deployments",
            ["name"],
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops"},
        )


def _deployment_schedules() -> None:
    op.create_table(
        "deployment_schedules",
        *_identity(),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("schedule", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("max_scheduled_runs", sa.Integer()),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("slug", sa.Text()),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployments.id"], name="fk_deployment_schedules__deployment_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deployment_schedules"),
        sa.UniqueConstraint("deployment_id", "slug", name="uq_deployment_schedules__deployment_id_slug"),
    )
