"""Workspaces: whose everything is. One exists from the first migration."""

from sqlalchemy import Column, Table, Text

from ostinato_core.db.tables.base import metadata
from ostinato_core.db.types import Id, Timestamp

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created", Timestamp, nullable=False),
    Column("updated", Timestamp, nullable=False),
    Column("name", Text, nullable=False, unique=True),
)
