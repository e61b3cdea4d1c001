"""What a metric trigger measures: one number over the runs of all that it matches, within its range until now.

The database sums up by flow, deployment and work queue; which of these sums count is then decided as for the related
resources of events, so that patterns and negations mean the same everywhere.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from ostinato_core.db.tables import deployments, flow_runs, flows, work_pools, work_queues
from ostinato_core.events.filters.labels import ShellPattern, read_labels
from ostinato_core.events.filters.predicate import labels_test
from ostinato_core.orchestration.state_event import RelatedObjects, related_resources
from ostinato_core.states import estimates
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.events import RESOURCE_ID, RESOURCE_ROLE, ResourceSpecification
from ostinato_wire.metric_triggers import Metric, MetricTrigger

_RUN = flow_runs.c
_STARTED: Final = func.coalesce(_RUN.start_time, _RUN.expected_start_time)
_UNSUCCESSFUL: Final = ("FAILED", "CRASHED")
_ANY_RUN: Final = "prefect.flow-run.*"
_WILD: Final = re.compile(r"[*?!]")
_KINDS: Final = {
    "prefect.flow.": _RUN.flow_id,
    "prefect.deployment.": _RUN.deployment_id,
    "prefect.work-queue.": _RUN.work_queue_id,
}


async def measure(tx: Transaction, trigger: MetricTrigger, late_after: float) -> float | None:
    """Return the value of a trigger's metric; None where no run is to be measured.

    `late_after`: how many seconds after its time a run becomes Late that has not begun.
    """
    wanted = specifications(trigger)
    amount, chosen = _MEASURES[trigger.metric.name](tx, tx.now - trigger.metric.range, late_after)
    narrowed = [condition for each in wanted if (condition := _by_ids(tx, each)) is not None]
    rows = await tx.rows(_sums(tx, amount, and_(chosen, *narrowed), by_tags=any(map(_may_mean_tags, wanted))))
    tests = [labels_test(read_labels(each, kind=ShellPattern)) for each in wanted]
    counted = [row for row in rows if _meets(row, tests)]
    runs = sum(row["runs"] for row in counted)
    return sum(float(row["amount"]) for row in counted) / runs if runs else None


def specifications(trigger: MetricTrigger) -> list[ResourceSpecification]:
    """Return what objects around a run must meet, one each. `match` may say it too, or that any run will do."""
    means_any = trigger.match.keys() == {RESOURCE_ID} and list(_values(trigger.match, RESOURCE_ID)) == [_ANY_RUN]
    own = [] if means_any else [trigger.match]
    return [each for each in (*own, *trigger.related()) if each]


Measure = tuple[ColumnElement[Any], ColumnElement[bool]]  # Any: numbers of several types
"""What is added up of each run, and of which runs."""


def _successes(tx: Transaction, since: datetime, late_after: float) -> Measure:
    """Of runs that left Pending and began or ended within the range, those whose last state is no failure."""
    amount = case((_RUN.state_type.in_(_UNSUCCESSFUL), 0), else_=1)
    left_pending = or_(_RUN.start_time.is_not(None), _RUN.state_type.in_(("COMPLETED", *_UNSUCCESSFUL)))
    return amount, or_(
        and_(_STARTED.between(since, tx.now), left_pending),
        and_(_RUN.end_time >= since, left_pending),
    )


def _duration(tx: Transaction, since: datetime, late_after: float) -> Measure:
    """Of runs that ended within the range and had begun, the seconds in Running."""
    return _RUN.total_run_time, and_(_RUN.end_time >= since, _RUN.start_time.is_not(None))


def _lateness(tx: Transaction, since: datetime, late_after: float) -> Measure:
    """Of runs that began within the range, or should have, and of all that are late now, the seconds in Late."""
    seconds = tx.dialect.seconds(estimates.lateness(tx.dialect, flow_runs, tx.now)) - late_after
    waits = _RUN.state_type.in_(("SCHEDULED", "PENDING"))
    return case((seconds > 0, seconds), else_=0.0), or_(
        and_(_STARTED.between(since, tx.now), or_(_RUN.start_time.is_not(None), waits)),
        and_(_RUN.state_name == "Late", _RUN.start_time.is_(None)),
    )


_MEASURES: Final[Mapping[Metric, Callable[[Transaction, datetime, float], Measure]]] = {
    Metric.SUCCESSES: _successes,
    Metric.DURATION: _duration,
    Metric.LATENESS: _lateness,
}


def _sums(
    tx: Transaction,
    amount: ColumnElement[Any],  # Any: numbers of several types
    chosen: ColumnElement[bool],
    *,
    by_tags: bool,
) -> Select[Any]:  # Any: columns of many types
    """Sums over runs of one flow, deployment and work queue each, with the names of what they belong to."""
    kept = [_RUN.flow_id, _RUN.deployment_id, _RUN.work_queue_id, *([_RUN.tags] if by_tags else [])]
    # Else SQLite would read all runs there are by an index in whose order the groups come.
    keys = [tx.dialect.unindexed(column).label(column.name) for column in kept]
    group = (
        select(*keys, func.count().label("runs"), func.sum(amount).label("amount"))
        .where(_RUN.workspace_id == tx.workspace_id, chosen)
        .group_by(*keys)
        .subquery()
    )
    return (
        select(
            *group.c,
            flows.c.name.label("flow_name"),
            flows.c.tags.label("flow_tags"),
            deployments.c.name.label("deployment_name"),
            deployments.c.tags.label("deployment_tags"),
            work_queues.c.name.label("queue_name"),
            work_pools.c.id.label("work_pool_id"),
            work_pools.c.name.label("work_pool_name"),
            work_pools.c.type.label("work_pool_type"),
        )
        .select_from(group)
        .join(flows, flows.c.id == group.c.flow_id)
        .outerjoin(deployments, deployments.c.id == group.c.deployment_id)
        .outerjoin(work_queues, work_queues.c.id == group.c.work_queue_id)
        .outerjoin(work_pools, work_pools.c.id == work_queues.c.work_pool_id)
    )


def _meets(row: Row, tests: Iterable[Callable[[Mapping[str, str]], bool]]) -> bool:
    related = related_resources(
        RelatedObjects(
            flow=(row["flow_id"], row["flow_name"]),
            deployment=_named(row, "deployment"),
            work_queue=(row["work_queue_id"], row["queue_name"]) if row["queue_name"] is not None else None,
            work_pool=_named(row, "work_pool"),
            work_pool_type=row["work_pool_type"],
            tags=[*row.get("tags", ()), *row["flow_tags"], *(row["deployment_tags"] or ())],
        )
    )
    return all(any(map(test, related)) for test in tests)


def _named(row: Row, kind: str) -> tuple[UUID, str] | None:
    name: str | None = row[f"{kind}_name"]
    return None if name is None else (row[f"{kind}_id"], name)


def _by_ids(tx: Transaction, wanted: ResourceSpecification) -> ColumnElement[bool] | None:
    """Return the condition by which an index finds the runs, where a specification names nothing but ids of a kind."""
    values = _values(wanted, RESOURCE_ID)
    for prefix, column in _KINDS.items():
        try:
            ids = [UUID(value.removeprefix(prefix)) for value in values if value.startswith(prefix)]
        except ValueError:
            return None  # a pattern
        if ids:
            return tx.dialect.is_one_of(column, ids) if len(ids) == len(values) else None
    return None


def _may_mean_tags(wanted: ResourceSpecification) -> bool:
    """Whether a specification may be met by a tag: only then are runs told apart by their tags."""
    ids, roles = _values(wanted, RESOURCE_ID), _values(wanted, RESOURCE_ROLE)
    is_of_others = bool(ids) and all(value.startswith((*_KINDS, "prefect.work-pool.")) for value in ids)
    return not is_of_others and (not roles or any(value == "tag" or _WILD.search(value) for value in roles))


def _values(wanted: ResourceSpecification, label: str) -> Sequence[str]:
    given = wanted.get(label, ())
    return [given] if isinstance(given, str) else given
