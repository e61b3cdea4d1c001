"""Slots of the limits of a task run's tags: taken before it runs, given back when it has ended (sdk.md, 15.3)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ostinato.concurrency.loss import on_loss
from ostinato.concurrency.renewal import LeaseRenewal, logger
from ostinato.concurrency.slots import Ask, Held, acquire, names_of, release
from ostinato.engine.steps import Plan, Sleep
from ostinato_wire.concurrency import ConcurrencyLeaseHolder, HolderType

if TYPE_CHECKING:
    from ostinato.engine.task_run import TaskRun

LEASE_SECONDS = 60.0
FORGOTTEN_AFTER = 5.0
"""Seconds for which it is remembered that tags have no limits: most have none, and each run would ask."""
REMEMBERED = 1000
AWAY_PAUSE = 5.0
"""Seconds until a server is asked again that was away for all tries of the client."""

_without_limits: dict[tuple[str, ...], float] = {}
"""Tags without limits -> when that is to be asked again (monotonic seconds)."""


class TagSlots:
    """The slots of one task run. A run whose slots are lost goes on, with a warning."""

    def __init__(self, run: TaskRun) -> None:
        self._run = run
        self._held: Held | None = None
        self._renewal: LeaseRenewal | None = None

    def take(self) -> Plan[None]:
        """Wait until there is a slot of each limit, and take them."""
        tags = tuple(sorted(self._run.tags))
        if _without_limits.get(tags, 0.0) > time.monotonic():
            return
        names = names_of(f"tag:{tag}" for tag in tags)
        holder = ConcurrencyLeaseHolder(type=HolderType.TASK_RUN, id=self._run.id)
        ask = Ask(names, 1, lease_duration=LEASE_SECONDS, holder=holder, quiet=True)
        held = yield from _acquired_despite_outages(ask, known_to_be_free=tags in _without_limits)
        if held is None or held.lease_id is None:
            _remember(tags)
            return
        self._held = held
        self._renewal = LeaseRenewal(held.lease_id, on_loss(names, None), LEASE_SECONDS)
        self._renewal.start()

    def give_back(self) -> Plan[None]:
        """Give the slots back, if there are any."""
        self.stop_renewing()
        if self._held is not None:
            held, self._held = self._held, None
            yield from release(held)

    def stop_renewing(self) -> None:
        """Leave the slots to the end of their lease."""
        if self._renewal is not None:
            self._renewal.stop()


def _acquired_despite_outages(ask: Ask, *, known_to_be_free: bool) -> Plan[Held | None]:
    """Take slots, waiting for a server that is away; None if that had no such limits when it was last there."""
    import httpx

    while True:
        try:
            return (yield from acquire(ask))
        except httpx.TransportError as error:
            if known_to_be_free:
                return None
            logger.warning("A task run waits: the server that grants slots of %s is away: %s", ask.names, error)
            yield Sleep(AWAY_PAUSE)


def _remember(tags: tuple[str, ...]) -> None:
    if len(_without_limits) >= REMEMBERED:
        _without_limits.clear()
    _without_limits[tags] = time.monotonic() + FORGOTTEN_AFTER
