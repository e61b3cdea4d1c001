"""The loops, one a file."""

from collections.abc import Sequence

from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Loop
from ostinato_scheduler.loops.make_partitions import MakePartitions


def all_loops(database: Database) -> Sequence[Loop]:
    """Return every loop, on a database."""
    return [MakePartitions(database)]
