"""What is done when the lease of slots that are in use cannot be renewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.concurrency.errors import ConcurrencySlotLost
from ostinato.concurrency.renewal import logger

if TYPE_CHECKING:
    from collections.abc import Callable


def should_raise(strict: bool, chosen: bool | None) -> bool:
    """Return whether a loss ends the block: as chosen, else as `strict` says."""
    return strict if chosen is None else chosen


def on_loss(names: list[str], interrupt: Callable[[], None] | None) -> Callable[[str], None]:
    """Return what a renewal calls when it failed: it interrupts the block, or warns if there is no `interrupt`."""

    def told(problem: str) -> None:
        if interrupt is None:
            logger.warning(
                "Slots of %s are no longer reserved, and the code that needs them goes on: %s", names, problem
            )
        else:
            logger.error("Slots of %s were lost, and the code is stopped: %s", names, problem)
            interrupt()

    return told


def lost(names: list[str]) -> ConcurrencySlotLost:
    """Return the error of a block whose slots were lost."""
    return ConcurrencySlotLost(f"The lease of slots of {names} could not be renewed: others may have them.")
