"""Automations, and the resources that own them or that they act on."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from ostinato_core.db.tables.base import identity, members, metadata, workspace
from ostinato_core.db.types import Id, Json

automations = Table(
    "automations",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("tags", Json, nullable=False),
    Column("trigger", Json, nullable=False),
    Column("actions", Json, nullable=False),
    Column("actions_on_trigger", Json, nullable=False),
    Column("actions_on_resolve", Json, nullable=False),
    Index(None, "workspace_id", "name"),
    Index(None, "workspace_id", "updated"),
)
members("ix_automations__tags", automations.c.tags)

automation_resources = Table(
    "automation_resources",
    metadata,
    Column("id", Id, primary_key=True),
    workspace(),
    Column("automation_id", Id, ForeignKey("automations.id", ondelete="CASCADE"), nullable=False),
    Column("resource_id", Text, nullable=False),
    Column("is_owner", Boolean, nullable=False),
    UniqueConstraint("automation_id", "resource_id"),
    Index(None, "workspace_id", "resource_id"),
)
