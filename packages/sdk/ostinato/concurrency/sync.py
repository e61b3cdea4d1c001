"""`concurrency` and `rate_limit` for code that is not async."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ostinato.concurrency.errors import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
    ConcurrencySlotLost,
)
from ostinato.concurrency.loss import lost, on_loss, should_raise
from ostinato.concurrency.renewal import LEASE_SECONDS, LeaseRenewal
from ostinato.concurrency.slots import Ask, acquire, names_of, release, take_rate
from ostinato.engine.drivers import drive
from ostinato.engine.timeouts import interruptible

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from ostinato_wire.concurrency import ConcurrencyLeaseHolder

__all__ = [
    "AcquireConcurrencySlotTimeoutError",
    "ConcurrencySlotAcquisitionError",
    "ConcurrencySlotLost",
    "concurrency",
    "rate_limit",
]


@contextmanager
def concurrency(
    names: str | Iterable[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    max_retries: int | None = None,
    lease_duration: float = LEASE_SECONDS,
    strict: bool = False,
    holder: ConcurrencyLeaseHolder | None = None,
    suppress_warnings: bool = False,
    raise_on_lease_renewal_failure: bool | None = None,
) -> Generator[None]:
    """Hold `occupy` slots of each named limit while the block runs, waiting until they are free.

    The slots are held under a lease of `lease_duration` seconds (60 at least), renewed in the background; a process
    that dies gives them back when it ends. If it cannot be renewed, the block is interrupted and raises
    ConcurrencySlotLost, or goes on with a warning: `raise_on_lease_renewal_failure` decides, by default `strict`.
    Limits that do not exist are a warning, with `strict` an error. Raises AcquireConcurrencySlotTimeoutError after
    `timeout_seconds`, ConcurrencySlotAcquisitionError after `max_retries`.
    """
    wanted = names_of(names)
    if not wanted:
        yield
        return
    ask = Ask(wanted, occupy, timeout_seconds, max_retries, lease_duration, strict, holder, suppress_warnings)
    raises = should_raise(strict, raise_on_lease_renewal_failure)
    held = drive(acquire(ask))
    try:
        with interruptible(lambda: lost(wanted)) as interrupt:
            told = on_loss(wanted, interrupt.fire if raises else None)
            with LeaseRenewal(held.lease_id, told, lease_duration):
                yield
    finally:
        drive(release(held))


def rate_limit(
    names: str | Iterable[str], occupy: int = 1, timeout_seconds: float | None = None, strict: bool = False
) -> None:
    """Wait until `occupy` slots of each named limit are free and take them; they drain by the limit's decay.

    Limits that do not exist are a warning, with `strict` an error. Raises as `concurrency` does.
    """
    wanted = names_of(names)
    if wanted:
        drive(take_rate(Ask(wanted, occupy, timeout_seconds, strict=strict)))
