"""Automations, the resources that own them or that they act on, and what is to be done for those that have fired."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from ostinato_core.db.tables.base import identity, members, metadata, workspace
from ostinato_core.db.types import Id, Json, Timestamp

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

action_deliveries = Table(
    "action_deliveries",
    metadata,
    *identity(),
    # No foreign key: what has been done outlives the automation.
    Column("automation_id", Id, nullable=False),
    Column("automation_name", Text, nullable=False),
    Column("firing_id", Id, nullable=False),
    Column("action_index", Integer, nullable=False),
    Column("action", Json, nullable=False),
    Column("firing", Json, nullable=False),
    Column("triggering_event_id", Id),
    Column("firing_event_id", Id, nullable=False),
    Column("firing_event", Json),
    Column("is_outbound", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tries_before", Integer, nullable=False),
    Column("due", Timestamp),
    Column("claimed_until", Timestamp),
    Column("trace_event_id", Id),
    Column("result", Json),
    Column("reason", Text),
    Column("ended", Timestamp),
    Index(None, "is_outbound", "due"),
    Index(None, "firing_id", "action_index"),
    Index(None, "workspace_id", "created"),
    Index(None, "workspace_id", "state", "created"),
    Index(None, "automation_id", "created"),
)
"""One action of one firing. `due` is when to look at it next, null once it has ended; `firing_event` is the event by
which the server told of the firing, where that is the triggering event of the action. Of all `attempts`, so many as
`tries_before` were made before somebody asked for it to be sent again.
"""
