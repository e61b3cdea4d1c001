"""Which partitions of logs and of states of task runs nothing needs any more, on Postgres."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ostinato_core.db.partitions import Partition
from ostinato_core.retention.partitions import is_empty, is_needed_by_runs, past_partitions
from ostinato_core.retention.policy import Policy, before, cutoff
from ostinato_core.transaction import Database

TABLES: Final = ("logs", "task_run_states")
EMPTY_AFTER: Final = timedelta(days=1)
"""How long ago a partition must have ended to be dropped because it is empty."""


@dataclass(frozen=True, slots=True)
class Unneeded:
    """A partition that may be dropped, and why."""

    partition: Partition
    rule: str


async def unneeded_partitions(database: Database, policy: Policy, table: str, now: datetime) -> list[Unneeded]:
    """Return the partitions of a table that may be dropped, the oldest first; none on SQLite."""
    if database.dialect.name != "postgresql":
        return []
    past = await past_partitions(database, table, before(now, timedelta(0)))
    found = [(partition, await _rule(database, policy, partition, now)) for partition in past]
    return [Unneeded(partition, rule) for partition, rule in found if rule is not None]


async def _rule(database: Database, policy: Policy, partition: Partition, now: datetime) -> str | None:
    by_age = policy.logs if partition.table == "logs" else None
    if by_age is not None and partition.end <= before(now, by_age):
        return "age"
    longest = cutoff(now, policy.longest_run)
    if longest is not None and partition.end <= longest and not await is_needed_by_runs(database, partition, longest):
        return "no run needs them"
    if partition.end <= before(now, EMPTY_AFTER) and await is_empty(database, partition):
        return "empty"
    return None
