"""What triggers remember: how far the log is read, what was counted, which children fired, which events wait."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table

from ostinato_core.db.tables.base import metadata, workspace
from ostinato_core.db.types import Id, Json, Timestamp

# One row a workspace that has ever had an automation. Whoever evaluates holds its lock, and so does who changes an
# automation: `revision` counts these changes. Where no automation is enabled it is idle, and nobody reads on.
trigger_cursors = Table(
    "trigger_cursors",
    metadata,
    Column("workspace_id", Id, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("is_idle", Boolean, nullable=False),
    Column("transaction_id", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
)

trigger_buckets = Table(
    "trigger_buckets",
    metadata,
    # Made of the trigger's id and the key, which may be too long for an index.
    Column("id", Id, primary_key=True),
    workspace(),
    Column("automation_id", Id, ForeignKey("automations.id", ondelete="CASCADE"), nullable=False),
    Column("trigger_id", Id, nullable=False),
    Column("key", Json, nullable=False),
    Column("begins", Timestamp, nullable=False),
    Column("ends", Timestamp, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("last_event", Json),
    Column("is_proactive", Boolean, nullable=False),
    Index(None, "automation_id"),
    Index(None, "workspace_id", "is_proactive", "ends"),
)
"""What event triggers have counted, by key."""

trigger_firings = Table(
    "trigger_firings",
    metadata,
    Column("trigger_id", Id, primary_key=True),
    Column("child_id", Id, primary_key=True),
    workspace(),
    Column("automation_id", Id, ForeignKey("automations.id", ondelete="CASCADE"), nullable=False),
    Column("firing", Json, nullable=False),
    Index(None, "automation_id"),
)
"""The last firing of each child of a compound or sequence trigger, until that has fired."""

trigger_followers = Table(
    "trigger_followers",
    metadata,
    Column("event_id", Id, primary_key=True),
    workspace(),
    Column("leader_id", Id, nullable=False),
    Column("until", Timestamp, nullable=False),
    Column("event", Json, nullable=False),
    Index(None, "leader_id"),
    Index(None, "workspace_id", "until"),
)
"""Events that came before the ones that they follow."""
