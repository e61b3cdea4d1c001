"""What `make bench` measures beside the workloads, one part a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.options import Options
from benchmarks.report import Table
from benchmarks.systems import System


@dataclass
class Findings:
    """What parts have found: tables, and whether everything in them was right."""

    tables: list[Table] = field(default_factory=list[Table])
    is_right: bool = True

    def add(self, table: Table, *, is_right: bool = True) -> None:
        """Take a table in."""
        self.tables.append(table)
        self.is_right = self.is_right and is_right


@dataclass(frozen=True)
class Asked:
    """What a part is to measure, and whom it tells how far it is, a line at a time."""

    options: Options
    systems: Sequence[System]
    tell: Callable[[str], None]


Part = Callable[[Asked, Findings], None]
