"""What the rules about slots of deployments share: the member that names the lease, and what clients know of leases."""

import re
from datetime import timedelta
from typing import Final
from uuid import UUID

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, DeploymentStanding, RunT

LEASE: Final = "deployment_concurrency_lease_id"
"""The member of a state's details that names the lease on the slot of its deployment."""

LIMIT_REACHED: Final = "Deployment concurrency limit reached."

_RENEWS_SINCE = (3, 4, 11)
_TAKES_NO_SLOT = frozenset({"3.0.0rc20", "3.0.0", "3.0.1", "3.0.2", "3.0.3"})
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(.*)")
_UNFINISHED = re.compile(r"\.?(a|b|rc|dev)\d*")


def lease_of(state: RunState | None) -> UUID | None:
    """Return the lease that a state names."""
    named: str | None = state.details.get(LEASE) if state else None
    return UUID(named) if named else None


def name_lease(state: RunState, lease_id: UUID | None) -> None:
    """Let a state name a lease, or none."""
    state.details[LEASE] = str(lease_id) if lease_id else None


def renews_leases(client_version: str | None) -> bool:
    """Whether a client of this version renews the leases of its runs; one that does not tell its version does not."""
    match = _VERSION.fullmatch(client_version or "")
    if match is None:
        return False
    numbers = (int(match[1]), int(match[2]), int(match[3]))
    return numbers > _RENEWS_SINCE or (numbers == _RENEWS_SINCE and not _UNFINISHED.match(match[4]))


def takes_slots(client_version: str | None) -> bool:
    """Whether runs of a client of this version take slots of their deployment."""
    return client_version not in _TAKES_NO_SLOT


def grace_period(deployment: DeploymentStanding, ports: Ports) -> timedelta:
    """Return how long a slot is kept for a run that does not renew its lease."""
    return deployment.grace_period if deployment.grace_period is not None else ports.slot_times.lease


async def give_back(change: Change[RunT], ports: Ports) -> None:
    """Give back the slots that were taken for this change; a failed transaction does so by itself."""
    if change.taken is not None and not change.failed:
        await ports.release_lease(change.taken)
    change.taken = None
