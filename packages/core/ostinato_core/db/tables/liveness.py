"""Signs of life: the last heartbeat of each flow run that runs, and since when heartbeats can be taken in at all."""

from sqlalchemy import Column, Float, ForeignKey, Integer, SmallInteger, Table

from ostinato_core.db.tables.base import metadata, workspace
from ostinato_core.db.types import Id, Timestamp

# On Postgres its pages are filled by half: a beat then finds room beside its row, and no index has to be touched.
flow_run_heartbeats = Table(
    "flow_run_heartbeats",
    metadata,
    Column("flow_run_id", Id, ForeignKey("flow_runs.id", ondelete="CASCADE"), primary_key=True),
    workspace(),
    # By this server's clock; what silence is measured from.
    Column("last_heartbeat", Timestamp, nullable=False),
    # By the clock of the run's process; what gaps are measured by.
    Column("last_occurred", Timestamp, nullable=False),
    # Which start of the run beats: a gap between two starts tells nothing.
    Column("run_count", Integer, nullable=False),
    Column("gap_seconds", Float()),
    Column("interval_seconds", Float()),
)

ingest_watch = Table(
    "ingest_watch",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("alive_since", Timestamp, nullable=False),
    Column("last_alive", Timestamp, nullable=False),
)
