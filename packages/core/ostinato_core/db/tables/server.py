"""What the server keeps for itself: CSRF tokens."""

from sqlalchemy import Column, Index, Table, Text

from ostinato_core.db.tables.base import metadata
from ostinato_core.db.types import Id, Timestamp

csrf_tokens = Table(
    "csrf_tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created", Timestamp, nullable=False),
    Column("updated", Timestamp, nullable=False),
    Column("client", Text, nullable=False, unique=True),
    Column("token", Text, nullable=False),
    Column("expiration", Timestamp, nullable=False),
    Index(None, "expiration"),
)
