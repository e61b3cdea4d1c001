"""The slot of a deployment's concurrency limit that a run holds: its lease is renewed while the run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.concurrency.renewal import LeaseRenewal, logger
from ostinato.engine import termination

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato_wire.flow_runs import FlowRun


def lease_of(run: FlowRun) -> UUID | None:
    """Return the lease of the slot that the server gave to a run of a deployment with a concurrency limit."""
    return run.state.state_details.deployment_concurrency_lease_id if run.state is not None else None


def holding_slot(lease: UUID | None) -> LeaseRenewal:
    """Return what renews the lease in its block, and ends the run where that fails; without a lease it does nothing."""
    return LeaseRenewal(lease, _end_without_slot)


def _end_without_slot(problem: str) -> None:
    """End the run: others may have its slot of the deployment's concurrency limit."""
    why = f"The run lost its slot of the deployment's concurrency limit: {problem}"
    logger.error(why)
    if not termination.end_run(why):
        logger.warning("The run goes on without a slot: it is not the outermost flow of a main thread.")
