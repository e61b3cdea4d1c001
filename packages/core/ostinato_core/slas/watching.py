"""Watching over agreements: what a span of time has violated is told once, in the transaction that moves behind it."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from ostinato_core.deployments import repository as deployments
from ostinato_core.deployments.events import deployment_related
from ostinato_core.events.new_event import NewEvent
from ostinato_core.events.outbox import record
from ostinato_core.flow_runs.facts import objects_of, select_with_surroundings
from ostinato_core.maintenance.listening import heard_since
from ostinato_core.orchestration.state_event import RelatedObjects, related_resources
from ostinato_core.slas import repository
from ostinato_core.slas.operations import sla_json
from ostinato_core.slas.violations import Span, Violation, find_violations
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.events import MAXIMUM_RELATED_RESOURCES, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

EVENT: Final = "prefect.sla.violation"
LAG: Final = timedelta(seconds=2)
"""After which a deadline is judged: by then what happened in time has been committed."""
MOST_AT_ONCE: Final = timedelta(minutes=1)
"""Of deadlines that one transaction judges, where nobody has for longer."""
_NOT_TOLD: Final = ("created", "updated", "enabled", "due", "last_violated")


async def watch(tx: Transaction) -> tuple[int, timedelta] | None:
    """Judge the deadlines of the workspace that nobody has judged; return how many were missed, and what is left.

    None where there is nothing to judge now, or another process is doing it.
    """
    start = await repository.find_start(tx)
    if start is None or await heard_since(tx) >= tx.now:
        return None
    seen = await repository.judged_until(tx)
    begin = start if seen is None else max(seen, start)
    span = Span(begin, min(tx.now - LAG, begin + MOST_AT_ONCE))
    if span.end <= span.begin or not await repository.advance(tx, seen, span.end):
        return None
    violations = await find_violations(tx, span)
    if violations:
        await repository.note_violations(tx, _last_deadlines(violations))
    await record(tx, *await _events(tx, violations))
    return len(violations), tx.now - LAG - span.end


def _last_deadlines(violations: list[Violation]) -> dict[UUID, datetime]:
    """Return by the ids of agreements which of their deadlines was missed last."""
    return {each.sla["id"]: each.deadline for each in sorted(violations, key=lambda each: each.deadline)}


async def _events(tx: Transaction, violations: list[Violation]) -> list[NewEvent]:
    run_ids = sorted({each.flow_run_id for each in violations if each.flow_run_id is not None})
    runs = {row["id"]: row for row in await select_with_surroundings(tx, run_ids)} if run_ids else {}
    events: list[NewEvent] = []
    for each in violations:
        if each.flow_run_id is None:
            events.append(await _without_run(tx, each))
        elif each.flow_run_id in runs:  # else it was deleted just now
            events.append(_of_run(each, runs[each.flow_run_id]))
    return events


def _of_run(violation: Violation, run: Row) -> NewEvent:
    resource = {RESOURCE_ID: f"prefect.flow-run.{run['id']}", RESOURCE_NAME: run["name"]}
    return _event(violation, resource, related_resources(objects_of(run)))


async def _without_run(tx: Transaction, violation: Violation) -> NewEvent:
    """Return the event of a run that did not come: it is about whose runs they are, a deployment or a tag."""
    sla = violation.sla
    if sla["deployment_id"] is None:
        return _event(violation, {RESOURCE_ID: sla["owner_resource"], RESOURCE_NAME: sla["tag"]}, [])
    deployment = await deployments.get(tx, sla["deployment_id"])
    resource = {RESOURCE_ID: sla["owner_resource"], RESOURCE_NAME: deployment["name"]}
    tags = related_resources(RelatedObjects(tags=deployment["tags"]))
    return _event(violation, resource, [*deployment_related(deployment), *tags])


def _event(violation: Violation, resource: dict[str, str], related: list[dict[str, str]]) -> NewEvent:
    sla = violation.sla
    agreement = {
        RESOURCE_ID: f"prefect.sla.{sla['id']}",
        RESOURCE_ROLE: "sla",
        RESOURCE_NAME: sla["name"],
        "prefect.sla.severity": sla["severity"],
        "prefect.sla.kind": sla["kind"],
    }
    told = {name: value for name, value in sla_json(sla).items() if name not in _NOT_TOLD}
    return {
        "event": EVENT,
        "resource": resource,
        "related": [*related[: MAXIMUM_RELATED_RESOURCES - 1], agreement],
        "payload": {"sla": told | {"id": str(sla["id"])}, "deadline": violation.deadline.isoformat()},
    }
