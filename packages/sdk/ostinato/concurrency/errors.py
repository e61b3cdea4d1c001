"""What can go wrong with slots of concurrency limits."""

from __future__ import annotations

from ostinato.exceptions import OstinatoError


class ConcurrencySlotAcquisitionError(OstinatoError):
    """Slots could not be taken, and waiting would not help."""


class AcquireConcurrencySlotTimeoutError(TimeoutError, OstinatoError):
    """Slots were not free in time."""


class ConcurrencySlotLost(OstinatoError):
    """The lease of slots could not be renewed while they were in use: others may have them."""
