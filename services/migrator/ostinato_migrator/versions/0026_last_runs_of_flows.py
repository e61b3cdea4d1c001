"""The runs of a flow in the order of their start, so that its last ones are found without reading all."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

NAME = "ix_flow_runs__flow_started"
COLUMNS = ["flow_id", sa.text("coalesce(start_time, expected_start_time)")]


def upgrade() -> None:
    """Make the index, on Postgres while others go on writing."""
    if not _is_postgres():
        op.create_index(NAME, "flow_runs", COLUMNS)
        # It keeps no statistics of its own here: of which flow a run is says as much as its idempotency key does.
        op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('flow_runs', '{NAME}', '1000000 50000 1')")
        op.execute("ANALYZE sqlite_master")
        return
    with op.get_context().autocommit_block():
        _drop()  # one that was interrupted leaves an index that is not valid
        op.create_index(NAME, "flow_runs", COLUMNS, postgresql_concurrently=True)


def downgrade() -> None:
    """Drop it."""
    if not _is_postgres():
        op.execute(f"DELETE FROM sqlite_stat1 WHERE idx = '{NAME}'")
        op.drop_index(NAME, "flow_runs")
        return
    with op.get_context().autocommit_block():
        _drop()


def _is_postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _drop() -> None:
    op.drop_index(NAME, "flow_runs", postgresql_concurrently=True, if_exists=True)
