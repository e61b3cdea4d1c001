"""What the server keeps for itself: CSRF tokens, its configuration by name, and its processes."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, UniqueConstraint

from ostinato_core.db.tables.base import identity, metadata
from ostinato_core.db.types import Id, Json, Timestamp

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

configuration = Table(
    "configuration",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("value", Json, nullable=False),
    UniqueConstraint("workspace_id", "name"),
)

server_processes = Table(
    "server_processes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("started", Timestamp, nullable=False),
    Column("last_seen", Timestamp, nullable=False),
)
