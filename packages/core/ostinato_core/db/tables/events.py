"""The log of events: written in the transaction of the change that they tell of, read by a cursor."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint, text

from ostinato_core.db.tables.base import metadata, only_on_postgres, workspace
from ostinato_core.db.types import Id, Json, Timestamp

events = Table(
    "events",
    metadata,
    # What a cursor reads: rows in order of their making. On Postgres transactions commit in another order than they
    # begin, so a reader there also needs the transaction's number, and stops before the oldest one still open.
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("transaction_id", BigInteger, nullable=False, server_default=text("0")),
    Column("id", Id, nullable=False),
    workspace(),
    Column("occurred", Timestamp, nullable=False),
    Column("received", Timestamp, nullable=False),
    Column("event", Text, nullable=False),
    Column("resource_id", Text, nullable=False),
    Column("resource", Json, nullable=False),
    Column("related", Json, nullable=False),
    Column("payload", Json, nullable=False),
    Column("follows", Id),
    # The time is part of the key because Postgres partitions the log by it; duplicates share it.
    UniqueConstraint("id", "occurred"),
    Index(None, "workspace_id", "occurred"),
    Index(None, "workspace_id", "event", "occurred"),
    Index(None, "resource_id", "occurred"),
    only_on_postgres(Index(None, "transaction_id", "position")),
    sqlite_autoincrement=True,
    postgresql_partition_by="RANGE (occurred)",
)
