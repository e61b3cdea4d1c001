"""The filter of log lines, as a condition."""

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import logs
from ostinato_core.filters import criteria, text_search
from ostinato_core.filters.criteria import Condition
from ostinato_wire.logs import LevelFilter, LogFilter


def log_matches(dialect: Dialect, wanted: LogFilter) -> Condition:
    """Return the condition on a row of `logs`."""
    conditions: list[Condition | None] = []
    if wanted.level is not None:
        conditions.append(_level(wanted.level))
    if wanted.timestamp is not None:
        conditions.append(criteria.interval(logs.c.timestamp, wanted.timestamp))
    if wanted.flow_run_id is not None:
        conditions.append(criteria.any_or_none_of(dialect, logs.c.flow_run_id, wanted.flow_run_id.any_, None))
    if wanted.task_run_id is not None:
        conditions.append(criteria.nullable(dialect, logs.c.task_run_id, wanted.task_run_id))
    if wanted.text is not None:
        searched = logs.c.message + " " + logs.c.name
        query = text_search.parse(wanted.text.query)
        conditions.append(query.condition(lambda term: criteria.contains(dialect, searched, term)))
    return criteria.combine(wanted.operator, conditions)


def _level(wanted: LevelFilter) -> Condition:
    least = None if wanted.ge_ is None else logs.c.level >= wanted.ge_
    most = None if wanted.le_ is None else logs.c.level <= wanted.le_
    return criteria.combine(criteria.Operator.AND, (least, most))
