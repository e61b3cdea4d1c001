"""What is watched over time: the metrics of metric triggers, and service level agreements."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Table, Text, UniqueConstraint, text

from ostinato_core.db.tables.base import identity, metadata, workspace
from ostinato_core.db.types import Id, Timestamp

# One row for each enabled automation with a metric trigger.
metric_watches = Table(
    "metric_watches",
    metadata,
    Column("automation_id", Id, ForeignKey("automations.id", ondelete="CASCADE"), primary_key=True),
    workspace(),
    Column("trigger_id", Id, nullable=False),
    # Whether it has fired and not resolved, and since when what is measured says the contrary; null while it does not.
    Column("is_firing", Boolean, nullable=False),
    Column("contrary_since", Timestamp),
    Column("looked_at", Timestamp),
    Column("next_look", Timestamp, nullable=False),
    Index(None, "next_look"),
)

slas = Table(
    "slas",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    # Whose runs it is about: a deployment, or a tag. The resource is what the API calls it.
    Column("owner_resource", Text, nullable=False),
    Column("deployment_id", Id, ForeignKey("deployments.id", ondelete="CASCADE")),
    Column("tag", Text),
    Column("kind", Text, nullable=False),
    Column("seconds", Float(), nullable=False),
    Column("severity", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    # Deadlines before that are not judged: it was not there, was another one, or was disabled.
    Column("judged_from", Timestamp, nullable=False),
    # Until when another run must have completed (frequency only); null where that has passed and been told.
    Column("due", Timestamp),
    # The last deadline that was missed and told.
    Column("last_violated", Timestamp),
    UniqueConstraint("workspace_id", "owner_resource", "name"),
)
_of_deployment = text("deployment_id IS NOT NULL")
Index(None, slas.c.deployment_id, postgresql_where=_of_deployment, sqlite_where=_of_deployment)

# Up to which time all deadlines of a workspace have been judged.
sla_watch = Table(
    "sla_watch",
    metadata,
    Column("workspace_id", Id, primary_key=True),
    Column("judged_until", Timestamp, nullable=False),
)
