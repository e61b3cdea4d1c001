"""When each agreement was last violated."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Add the column."""
    op.add_column("slas", sa.Column("last_violated", TIME, nullable=True))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("slas", "last_violated")
