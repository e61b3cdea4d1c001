"""Runs that wait for a slot of their deployment: where they stand, and how many of them can have one now."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, Float, Select, and_, case, func, literal_column, or_, select

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import concurrency_leases, concurrency_limits, deployments, flow_runs

_RUN = flow_runs.c

AWAITS_SLOT: Final = _RUN.state_name == literal_column("'AwaitingConcurrencySlot'")
"""Whether a run was refused a slot when it was about to start."""

DUE: Final[ColumnElement[datetime]] = case(
    (AWAITS_SLOT, _RUN.expected_start_time), else_=_RUN.next_scheduled_start_time
)
"""Where a run stands in the line. One that was refused a slot keeps its place, though its next try is later."""


HAS_LIMIT: Final = deployments.join(concurrency_limits, concurrency_limits.c.id == deployments.c.concurrency_limit_id)
"""Deployments with their limits."""


def makes_wait(dialect: Dialect) -> ColumnElement[bool]:
    """Whether the limit makes runs wait, of a row of `HAS_LIMIT`.

    Runs of a deployment that cancels what finds no slot are not held back: they are to be cancelled.
    """
    strategy = dialect.json_text(deployments.c.concurrency_options, "collision_strategy")
    is_patient = or_(strategy.is_(None), strategy != literal_column("'CANCEL_NEW'"))
    return and_(deployments.c.concurrency_limit_id.is_not(None), concurrency_limits.c.active, is_patient)


def rooms(
    dialect: Dialect,
    deployment_ids: Select[Any],  # Any: one column of ids
    now: ColumnElement[datetime],
) -> CTE:
    """The deployments (`id`) whose limit makes runs wait, with their free slots as of `now` (`free`)."""
    limits, leases = concurrency_limits.c, concurrency_leases.c
    leased = (
        select(func.coalesce(func.sum(leases.slots), 0))
        .where(leases.limit_id == limits.id, leases.expires > now, ~leases.drains)
        .correlate(concurrency_limits)
        .scalar_subquery()
    )
    decayed = limits.unleased_slots - limits.slot_decay_per_second * dialect.seconds_between(now, limits.drained_at)
    nothing = literal_column("0", Float())
    unleased = case((decayed > nothing, decayed), else_=nothing)
    return (
        select(deployments.c.id, (limits.limit - leased - unleased).label("free"))
        .select_from(HAS_LIMIT)
        .where(deployments.c.id.in_(deployment_ids), makes_wait(dialect))
        # Once for each deployment, not once for each of its runs, whatever the planner expects.
        .cte("rooms")
        .prefix_with("MATERIALIZED")
    )
