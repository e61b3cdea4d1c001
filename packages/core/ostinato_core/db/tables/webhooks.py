"""Inbound webhooks, and the marks of what they have received, so that nothing is taken twice."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from ostinato_core.db.tables.base import identity, metadata, workspace
from ostinato_core.db.types import Id, Timestamp

webhooks = Table(
    "webhooks",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("template", Text, nullable=False),
    # Found by this alone, in whatever workspace it is.
    Column("slug", Text, nullable=False),
    Column("signature", Text, nullable=False),
    # Ciphertext of the secret and the one before it as JSON, and the id of the key that opens it.
    Column("secrets", Text),
    Column("key_id", Text),
    Column("old_slug", Text),
    Column("old_expires", Timestamp),
    Index(None, "slug", unique=True),
    Index(None, "old_slug", unique=True),
    Index(None, "workspace_id", "name"),
)

webhook_receipts = Table(
    "webhook_receipts",
    metadata,
    Column("webhook_id", Id, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    # What names a delivery: the sender's id, or where it signs none, a digest of its signature.
    Column("delivery", Text, nullable=False),
    workspace(),
    Column("expires", Timestamp, nullable=False),
    PrimaryKeyConstraint("webhook_id", "delivery"),
    Index(None, "webhook_id", "expires"),
)
