"""The rules of retention as SQL: which rule says that a run or an event is due."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Table, Text, and_, case, false, func, literal, null, or_, select, true

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import deployments, events, flows
from ostinato_core.db.types import Timestamp
from ostinato_core.retention.policy import Policy, before
from ostinato_core.retention.rules import EventRule, RunRule
from ostinato_wire.states import TERMINAL_STATES


def has_ended(table: Table) -> ColumnElement[bool]:
    """Whether a flow run or task run is in a state that ends it."""
    return table.c.state_type.in_(sorted(TERMINAL_STATES))


def due_rule(
    dialect: Dialect, table: Table, policy: Policy, now: datetime
) -> ColumnElement[Any]:  # Any: a number or null
    """The number, from 0, of the rule by which a run of `table` that has ended is due; null where it is kept."""
    cases: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = []  # Any: a number or null
    for number, rule in enumerate(policy.runs):
        verdict: ColumnElement[Any] = null()  # Any: as above
        if rule.keep is not None:
            verdict = case((table.c.end_time < _time(before(now, rule.keep)), literal(number, Integer)))
        cases.append((_matches(dialect, table, rule), verdict))
    return case(*cases, else_=null()) if cases else null()


def is_due(dialect: Dialect, table: Table, policy: Policy, now: datetime) -> ColumnElement[bool]:
    """Whether a run of `table` has ended and a rule says that it goes."""
    return and_(has_ended(table), due_rule(dialect, table, policy, now).is_not(None))


def longer_rules(policy: Policy) -> list[EventRule]:
    """Return the rules of events that are kept longer than the default."""
    default = policy.events
    if default is None:
        return []
    return [rule for rule in policy.event_rules if rule.keep is None or rule.keep > default]


def is_of(policy: Policy, rule: EventRule | None) -> ColumnElement[bool]:
    """Whether `rule` is the one that decides on an event; None stands for the default."""
    if rule is not None:
        return _is_of(policy, rule)
    return ~or_(false(), *(_names(each.event) for each in policy.event_rules))


def _is_of(policy: Policy, rule: EventRule) -> ColumnElement[bool]:
    earlier = policy.event_rules[: policy.event_rules.index(rule)]
    return and_(_names(rule.event), ~or_(false(), *(_names(each.event) for each in earlier)))


def _names(event: str) -> ColumnElement[bool]:
    if event.endswith("*"):
        # Not LIKE, which SQLite does without regard to case.
        start = event.removesuffix("*")
        return func.substr(events.c.event, 1, len(start), type_=Text) == literal(start, Text)
    return events.c.event == event


def _matches(dialect: Dialect, table: Table, rule: RunRule) -> ColumnElement[bool]:
    return and_(true(), *_conditions(dialect, table, rule))


def _conditions(dialect: Dialect, table: Table, rule: RunRule) -> Iterator[ColumnElement[bool]]:
    if rule.state_types:
        yield table.c.state_type.in_([state.value for state in rule.state_types])
    if rule.states:
        yield table.c.state_name.in_(rule.states)
    if rule.tags:
        yield dialect.contains_all(table.c.tags, rule.tags)
    if rule.flows:
        named = select(flows.c.id).where(flows.c.name.in_(rule.flows))
        yield table.c.flow_id.in_(named) if "flow_id" in table.c else false()
    if rule.deployments:
        yield table.c.deployment_id.in_(_deployments(rule)) if "deployment_id" in table.c else false()


def _deployments(rule: RunRule) -> Any:  # Any: a SELECT of ids
    full_name = flows.c.name + "/" + deployments.c.name
    named = or_(deployments.c.name.in_(rule.deployments), full_name.in_(rule.deployments))
    return select(deployments.c.id).join(flows, flows.c.id == deployments.c.flow_id).where(named)


def _time(moment: datetime) -> ColumnElement[datetime]:
    return literal(moment, Timestamp())
