"""`concurrency` and `rate_limit` for async code."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ostinato.concurrency.errors import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
    ConcurrencySlotLost,
)
from ostinato.concurrency.loss import lost, on_loss, should_raise
from ostinato.concurrency.renewal import LEASE_SECONDS, LeaseRenewal
from ostinato.concurrency.slots import Ask, Held, acquire, names_of, release, take_rate
from ostinato.engine.drivers import adrive

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from ostinato_wire.concurrency import ConcurrencyLeaseHolder

__all__ = [
    "AcquireConcurrencySlotTimeoutError",
    "ConcurrencySlotAcquisitionError",
    "ConcurrencySlotLost",
    "concurrency",
    "rate_limit",
]


@asynccontextmanager
async def concurrency(
    names: str | Iterable[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    max_retries: int | None = None,
    lease_duration: float = LEASE_SECONDS,
    strict: bool = False,
    holder: ConcurrencyLeaseHolder | None = None,
    suppress_warnings: bool = False,
    raise_on_lease_renewal_failure: bool | None = None,
) -> AsyncGenerator[None]:
    """Hold slots of limits while the block runs: see `ostinato.concurrency.sync.concurrency`.

    A block that lost its slots is cancelled and raises ConcurrencySlotLost.
    """
    wanted = names_of(names)
    if not wanted:
        yield
        return
    ask = Ask(wanted, occupy, timeout_seconds, max_retries, lease_duration, strict, holder, suppress_warnings)
    raises = should_raise(strict, raise_on_lease_renewal_failure)
    held = await _acquired(ask)
    try:
        async with _cancellable(wanted) as cancel:
            with LeaseRenewal(held.lease_id, on_loss(wanted, cancel if raises else None), lease_duration):
                yield
    finally:
        await asyncio.shield(adrive(release(held)))


_abandoned: set[asyncio.Task[Held]] = set()
"""Requests for slots that nobody waits for any more: they end by themselves, and are kept until then."""


async def _acquired(ask: Ask) -> Held:
    """Take slots; if this is cancelled meanwhile, slots that are granted later are given back at once."""
    task = asyncio.create_task(adrive(acquire(ask)))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            ask.given_up = True
            _abandoned.add(task)
            task.add_done_callback(_forget)
        raise


def _forget(task: asyncio.Task[Held]) -> None:
    _abandoned.discard(task)
    if not task.cancelled():
        task.exception()  # looked at: nobody else will


@asynccontextmanager
async def _cancellable(names: list[str]) -> AsyncGenerator[Callable[[], None]]:
    """Yield a function, for any thread, that cancels the block, which then raises ConcurrencySlotLost."""
    loop, task, cancelled = asyncio.get_running_loop(), asyncio.current_task(), asyncio.Event()

    def cancel() -> None:
        if task is not None and not left.is_set():
            cancelled.set()
            task.cancel()

    left = asyncio.Event()
    try:
        yield lambda: _call_in(loop, cancel)
    except asyncio.CancelledError:
        if cancelled.is_set() and task is not None and task.uncancel() == 0:
            raise lost(names) from None
        raise
    finally:
        left.set()


def _call_in(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(function)
    except RuntimeError:  # the loop has been closed: the block has ended
        return


async def rate_limit(
    names: str | Iterable[str], occupy: int = 1, timeout_seconds: float | None = None, strict: bool = False
) -> None:
    """Wait until `occupy` slots of each named limit are free and take them; they drain by the limit's decay.

    Limits that do not exist are a warning, with `strict` an error. Raises as `concurrency` does.
    """
    wanted = names_of(names)
    if wanted:
        await adrive(take_rate(Ask(wanted, occupy, timeout_seconds, strict=strict)))
