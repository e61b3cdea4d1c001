"""Incidents, and what people say of them."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from ostinato_core.db.tables.base import identity, members, metadata, workspace
from ostinato_core.db.types import Id, Json, Timestamp

incidents = Table(
    "incidents",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("start_time", Timestamp, nullable=False),
    Column("end_time", Timestamp),
    Column("tags", Json, nullable=False),
    Column("related_resources", Json, nullable=False),
    Index(None, "workspace_id", "start_time"),
    Index(None, "workspace_id", "status", "start_time"),
)
members("ix_incidents__tags", incidents.c.tags)

incident_comments = Table(
    "incident_comments",
    metadata,
    Column("id", Id, primary_key=True),
    workspace(),
    Column("created", Timestamp, nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False),
    Column("text", Text, nullable=False),
    Index(None, "incident_id", "id"),
)
