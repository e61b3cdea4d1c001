"""Taking slots of limits and giving them back: the steps, for sync and async code alike (sdk.md, 15)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ostinato.concurrency.errors import AcquireConcurrencySlotTimeoutError, ConcurrencySlotAcquisitionError
from ostinato.concurrency.renewal import LEASE_SECONDS, logger
from ostinato.engine.steps import Offload, Plan, Request, Sleep
from ostinato_wire.concurrency import (
    ConcurrencyLeaseHolder,
    ConcurrencyLimitWithLeaseResponse,
    MinimalConcurrencyLimitResponse,
    SlotMode,
)
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.client.errors import OstinatoHTTPStatusError
    from ostinato.events import Event

DEFAULT_WAIT = 1.0
"""Seconds until slots are asked for again where the server does not say when."""
_GIVEN_UP = "Nobody waits for the slots any more."
TAKEN = 423
"""The status of the answer that there are not enough slots."""


def names_of(names: str | Iterable[str]) -> list[str]:
    """Return the names of limits, each once, in the order in which slots are taken everywhere."""
    return sorted({names} if isinstance(names, str) else set(names))


@dataclass
class Ask:
    """What is to be taken; times are in seconds."""

    names: list[str]
    slots: int
    timeout: float | None = None
    max_retries: int | None = None
    lease_duration: float = LEASE_SECONDS
    strict: bool = False
    holder: ConcurrencyLeaseHolder | None = None
    quiet: bool = False
    """Whether to say nothing of limits that do not exist."""
    given_up: bool = False
    """Whether nobody waits for the slots any more: what is granted now is given back."""


@dataclass(frozen=True)
class Held:
    """Slots that were taken; none if there are no such limits."""

    limits: list[MinimalConcurrencyLimitResponse]
    slots: int
    lease_id: UUID | None = None
    told: dict[UUID, Event | None] = field(default_factory=lambda: {})
    """The events by which their taking was told, by the id of the limit."""


def acquire(ask: Ask) -> Plan[Held]:
    """Take slots under a lease, waiting as long as `ask` allows.

    Raises AcquireConcurrencySlotTimeoutError, or ConcurrencySlotAcquisitionError if the server refuses, if there were
    too many tries, or if `strict` and a limit does not exist.
    """
    arguments: dict[str, Any] = {  # Any: keywords of the client's method
        "names": ask.names,
        "slots": ask.slots,
        "mode": SlotMode.CONCURRENCY,
        "lease_duration": ask.lease_duration,
        "holder": ask.holder,
    }
    answer: ConcurrencyLimitWithLeaseResponse
    answer = yield from _ask(ask, Request("increment_concurrency_slots_with_lease", arguments))
    problem = _GIVEN_UP if ask.given_up else _missing(ask, answer.limits)
    if problem:
        yield from _give_back(answer)
        raise ConcurrencySlotAcquisitionError(problem)
    held = Held(answer.limits, ask.slots, answer.lease_id if answer.limits else None)
    yield Offload(lambda: _tell_acquired(held))
    return held


def take_rate(ask: Ask) -> Plan[None]:
    """Take slots that drain by themselves, waiting as long as `ask` allows. Raises as `acquire` does."""
    arguments = {"names": ask.names, "slots": ask.slots, "mode": SlotMode.RATE_LIMIT}
    limits: list[MinimalConcurrencyLimitResponse]
    limits = yield from _ask(ask, Request("increment_concurrency_slots", arguments))
    problem = _missing(ask, limits)
    if problem:
        raise ConcurrencySlotAcquisitionError(problem)
    yield Offload(lambda: _tell_acquired(Held(limits, ask.slots)))


def release(held: Held) -> Plan[None]:
    """Give slots back. A server that cannot be reached is a warning: the lease ends by itself."""
    import httpx

    if held.lease_id is None:
        return
    try:
        yield Request("release_concurrency_slots_with_lease", {"lease_id": held.lease_id})
    except httpx.HTTPError as error:
        logger.warning("Slots could not be given back and are free when their lease ends: %s", error)
    yield Offload(lambda: _tell_released(held))


def _ask(ask: Ask, request: Request) -> Plan[Any]:  # Any: what the client's method returns
    """Send the request until it is granted."""
    from ostinato.client.errors import OstinatoHTTPStatusError

    deadline = None if ask.timeout is None else time.monotonic() + ask.timeout
    tries = 0
    while not ask.given_up:
        tries += 1
        try:
            return (yield request)
        except OstinatoHTTPStatusError as error:
            if error.status != TAKEN:
                raise ConcurrencySlotAcquisitionError(f"Slots of {ask.names} cannot be taken: {error}") from error
            wait = _retry_after(error)
        if ask.max_retries is not None and tries > ask.max_retries:
            raise ConcurrencySlotAcquisitionError(f"Slots of {ask.names} were not free after {tries} tries.")
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise AcquireConcurrencySlotTimeoutError(
                    f"Slots of {ask.names} were not free within {ask.timeout:g} second(s)."
                )
            wait = min(wait, left)
        yield Sleep(wait)
    raise ConcurrencySlotAcquisitionError(_GIVEN_UP)


def _retry_after(error: OstinatoHTTPStatusError) -> float:
    try:
        return max(0.0, float(error.response.headers.get("Retry-After", DEFAULT_WAIT)))
    except ValueError:
        return DEFAULT_WAIT


def _missing(ask: Ask, limits: list[MinimalConcurrencyLimitResponse]) -> str | None:
    """Return what is wrong if limits do not exist and that is an error; else warn of them."""
    known = {limit.name for limit in limits}
    missing = [name for name in ask.names if name not in known]
    if missing and ask.strict:
        return f"Concurrency limits {missing} do not exist."
    if missing and not ask.quiet:
        logger.warning("Concurrency limits %s do not exist - skipping acquisition.", missing)
    return None


def _give_back(answer: ConcurrencyLimitWithLeaseResponse) -> Plan[None]:
    if answer.limits:
        yield Request("release_concurrency_slots_with_lease", {"lease_id": answer.lease_id})


def _tell_acquired(held: Held) -> None:
    for limit in held.limits:
        held.told[limit.id] = _tell("acquired", held, limit, None)


def _tell_released(held: Held) -> None:
    for limit in held.limits:
        _tell("released", held, limit, held.told.get(limit.id))


def _tell(what: str, held: Held, limit: MinimalConcurrencyLimitResponse, follows: Event | None) -> Event | None:
    from ostinato.events import emit_event

    resource = {
        RESOURCE_ID: f"prefect.concurrency-limit.{limit.id}",
        RESOURCE_NAME: limit.name,
        "slots-acquired": str(held.slots),
        "limit": str(limit.limit),
    }
    related = [
        {RESOURCE_ID: f"prefect.concurrency-limit.{other.id}", RESOURCE_ROLE: "concurrency-limit"}
        for other in held.limits
        if other.id != limit.id
    ]
    return emit_event(f"prefect.concurrency-limit.{what}", resource, related=related, follows=follows)
