"""Where the version of each deployment comes from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the column, which is null and so costs no rewriting."""
    op.add_column("deployments", sa.Column("version_info", JSON, nullable=True))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("deployments", "version_info")
