"""The indexes by which lists and counts of flow runs find states, deployments and times among very many runs."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STARTED = sa.text("coalesce(start_time, expected_start_time)")
HAS_DEPLOYMENT = sa.text("deployment_id IS NOT NULL")

OLD_STATES = "ix_flow_runs__workspace_id_state_type_state_timestamp"
OLD_DEPLOYMENT = "ix_flow_runs__deployment_id"
EXPECTED = "ix_flow_runs__workspace_id_expected_start_time"
BY_START = "ix_flow_runs__started"
SPARE = "{}__new"
"""The name under which the successor of an index is made while that one still answers."""


def upgrade() -> None:
    """Make the new indexes, then drop those that they replace."""
    if _is_postgres():
        with op.get_context().autocommit_block():
            _make(concurrently=True)
            _replace(EXPECTED, ["workspace_id", "expected_start_time"], EXPECTED_COVERS)
            _replace(BY_START, ["workspace_id", STARTED], STARTED_COVERS)
            for name in (OLD_STATES, OLD_DEPLOYMENT):
                op.drop_index(name, "flow_runs", postgresql_concurrently=True, if_exists=True)
            _analyze()
        return
    _make(concurrently=False)
    for name in (OLD_STATES, OLD_DEPLOYMENT):
        op.drop_index(name, "flow_runs")


def downgrade() -> None:
    """Bring the old indexes back."""
    postgres = _is_postgres()
    old = {
        OLD_STATES: (["workspace_id", "state_type", "state_timestamp"], None),
        OLD_DEPLOYMENT: (["deployment_id"], HAS_DEPLOYMENT),
    }
    if not postgres:
        for name, (columns, where) in old.items():
            op.create_index(name, "flow_runs", columns, sqlite_where=where)
        for name in NEW:
            op.drop_index(name, "flow_runs")
        return
    with op.get_context().autocommit_block():
        for name, (columns, where) in old.items():
            _anew(name, columns, where)
        _replace(EXPECTED, ["workspace_id", "expected_start_time"], [])
        _replace(BY_START, ["workspace_id", STARTED], [])
        for name in NEW:
            op.drop_index(name, "flow_runs", postgresql_concurrently=True, if_exists=True)
        _analyze()


NEW = {
    "ix_flow_runs__state_type_started": (["workspace_id", "state_type", STARTED], None),
    "ix_flow_runs__state_name_started": (["workspace_id", "state_name", STARTED], None),
    "ix_flow_runs__deployment_started": (["workspace_id", "deployment_id", STARTED], HAS_DEPLOYMENT),
}
EXPECTED_COVERS = ["state_type", "state_name", "start_time", "state_timestamp", "total_run_time"]
STARTED_COVERS = ["start_time", "expected_start_time", "state_type"]


def _is_postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _analyze() -> None:
    """Let it be known from here on, not only after the next vacuum, how the values of expressions are spread.

    Not of an empty table: one that was never looked at is taken for ten pages and read by its indexes from the first
    row on, one that is known to be empty is scanned, by plans that connections keep while it grows.
    """
    op.execute("DO $$ BEGIN IF EXISTS (SELECT FROM flow_runs) THEN ANALYZE flow_runs; END IF; END $$")


def _make(*, concurrently: bool) -> None:
    for name, (columns, where) in NEW.items():
        if concurrently:
            _anew(name, columns, where)
        else:
            op.create_index(name, "flow_runs", columns, sqlite_where=where)


def _anew(name: str, columns: list[str | sa.TextClause], where: sa.TextClause | None) -> None:
    # One that was interrupted leaves an index that is not valid.
    op.drop_index(name, "flow_runs", postgresql_concurrently=True, if_exists=True)
    op.create_index(name, "flow_runs", columns, postgresql_where=where, postgresql_concurrently=True)


def _replace(name: str, columns: list[str | sa.TextClause], covered: list[str]) -> None:
    spare = SPARE.format(name)
    op.drop_index(spare, "flow_runs", postgresql_concurrently=True, if_exists=True)
    op.create_index(spare, "flow_runs", columns, postgresql_include=covered, postgresql_concurrently=True)
    op.drop_index(name, "flow_runs", postgresql_concurrently=True, if_exists=True)
    op.execute(f"ALTER INDEX {spare} RENAME TO {name}")
