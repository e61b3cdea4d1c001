"""Variables: named values that flows and deployments read, and the searches that a person keeps."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint

from ostinato_core.db.tables.base import contains, identity, members, metadata
from ostinato_core.db.types import Json

variables = Table(
    "variables",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("value", Json),
    Column("tags", Json, nullable=False),
    UniqueConstraint("workspace_id", "name"),
    Index(None, "workspace_id", "created"),
)
contains("ix_variables__name_trigrams", variables.c.name)
members("ix_variables__tags", variables.c.tags)

saved_searches = Table(
    "saved_searches",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("filters", Json, nullable=False),
    UniqueConstraint("workspace_id", "name"),
)
