"""What a round of retention tells of a transaction."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deleted:
    """What one transaction has deleted: so many rows of a kind, because of a rule."""

    kind: str
    rule: str
    rows: int
    bytes: int = 0
    """What the disk has back at once."""
