"""Flows."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint

from ostinato_core.db.tables.base import contains, identity, metadata
from ostinato_core.db.types import Json

flows = Table(
    "flows",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("tags", Json, nullable=False),
    Column("labels", Json),
    UniqueConstraint("workspace_id", "name"),
    Index(None, "workspace_id", "created"),
)
contains("ix_flows__name_trigrams", flows.c.name)
