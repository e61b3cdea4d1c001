"""The indexes by which Postgres finds task runs by a part of their names, and those in a state in the order of lists."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BY_STATE = "ix_task_runs__workspace_id_state_type_expected_start_time"
BY_NAME = "ix_task_runs__name_trigrams"


def upgrade() -> None:
    """Make the indexes while others go on writing."""
    if op.get_context().dialect.name != "postgresql":
        return
    with op.get_context().autocommit_block():
        _drop()  # one that was interrupted leaves an index that is not valid
        columns = ["workspace_id", "state_type", "expected_start_time"]
        op.create_index(BY_STATE, "task_runs", columns, postgresql_concurrently=True)
        op.create_index(
            BY_NAME,
            "task_runs",
            ["name"],
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops"},
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    """Drop them."""
    if op.get_context().dialect.name != "postgresql":
        return
    with op.get_context().autocommit_block():
        _drop()


def _drop() -> None:
    for name in (BY_STATE, BY_NAME):
        op.drop_index(name, "task_runs", postgresql_concurrently=True, if_exists=True)
