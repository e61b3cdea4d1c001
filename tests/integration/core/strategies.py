"""Random filters as a client sends them, whose values occur in a population now and then."""

from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ostinato_core.ids import new_id
from tests.integration.core.population import (
    CREATORS,
    KEYS,
    NAMES,
    STATE_NAMES,
    STATE_TYPES,
    TAGS,
    TIMES,
    Population,
    Row,
)

T = TypeVar("T")
Filters = SearchStrategy[Row]

OPERATORS = st.sampled_from(["and_", "or_"])
BOOLEANS = st.booleans()
TIME_TEXTS = [time.isoformat() for time in TIMES]
LIKES = st.sampled_from(["", "e", "TL", "t_", "%-2", "k\\s", "50%", "\\"])
QUERIES = ["", "alpha", "BETA", "-beta", "+beta gamma", '"beta gamma"', "100%", "b%a", "a_p", "back\\slash", "-a +l"]


def members(**optional: SearchStrategy[T]) -> SearchStrategy[dict[str, T]]:
    """Objects that have some of the members."""
    return st.fixed_dictionaries({}, optional=optional)


def criteria(**optional: SearchStrategy[Any]) -> Filters:  # Any: each criterion has a shape of its own
    """Filters with few of the criteria: with many, an AND finds nothing and an OR everything."""
    names = st.lists(st.sampled_from(sorted(optional)), min_size=0, max_size=2, unique=True)
    few = names.flatmap(lambda chosen: st.fixed_dictionaries({name: optional[name] for name in chosen}))
    return st.builds(_combined_by, OPERATORS, few)


def _combined_by(operator: str, filter_: Row) -> Row:
    return {**filter_, "operator": operator}


def lists(values: list[T]) -> SearchStrategy[list[T]]:
    """Short lists of the values, also empty ones."""
    return st.lists(st.sampled_from(values), max_size=3)


def ids_of(rows: list[Row]) -> SearchStrategy[list[str]]:
    """Short lists of ids, one of which does not exist."""
    known: list[UUID] = [row["id"] for row in rows[:10]]
    return lists([str(id_) for id_ in (*known, new_id())])


def times(*, nullable: bool) -> Filters:
    """Intervals."""
    time = st.none() | st.sampled_from(TIME_TEXTS)
    interval = members(before_=time, after_=time)
    return members(is_null_=BOOLEANS) | interval if nullable else interval


def texts(values: list[str]) -> Filters:
    """Values, or none of them."""
    return members(any_=lists(values), not_any_=lists(values))


def nullables(values: SearchStrategy[list[str]]) -> Filters:
    """Values or their absence."""
    return members(any_=values, is_null_=BOOLEANS, operator=OPERATORS)


def tags(*, any_: bool) -> Filters:
    """Tags."""
    always = {"all_": lists(TAGS), "is_null_": BOOLEANS, "operator": OPERATORS}
    return members(**always, **({"any_": lists(TAGS)} if any_ else {}))


NAMED = members(any_=lists(NAMES), like_=LIKES)
STATES = members(type=texts(STATE_TYPES), name=texts(STATE_NAMES), operator=OPERATORS)


def flow_filters(made: Population) -> Filters:
    """Filters of flows."""
    ids = ids_of(made.flows)
    return criteria(
        id=members(any_=ids, not_any_=ids),
        deployment=members(is_null_=BOOLEANS),
        name=NAMED,
        tags=tags(any_=False),
    )


def flow_run_filters(made: Population) -> Filters:
    """Filters of flow runs."""
    ids = ids_of(made.flow_runs)
    creators = lists([str(creator) for creator in CREATORS])
    keys = [run["idempotency_key"] for run in made.flow_runs[:10] if run["idempotency_key"]]
    return criteria(
        id=members(any_=ids, not_any_=ids),
        name=NAMED,
        tags=tags(any_=True),
        state=STATES,
        flow_version=members(any_=lists(KEYS)),
        start_time=times(nullable=True),
        end_time=times(nullable=True),
        expected_start_time=times(nullable=False),
        next_scheduled_start_time=times(nullable=False),
        deployment_id=nullables(ids),
        work_queue_name=nullables(lists(KEYS)),
        parent_flow_run_id=members(any_=ids_of(_parents(made)), operator=OPERATORS),
        parent_task_run_id=nullables(ids_of(made.task_runs)),
        idempotency_key=texts(keys),
        created_by=members(id_=creators, type_=lists(["SCHEDULE"]), is_null_=BOOLEANS, operator=OPERATORS),
    )


def _parents(made: Population) -> list[Row]:
    """Flow runs that have child runs."""
    tasks = {run["parent_task_run_id"] for run in made.flow_runs}
    parents = {task["flow_run_id"] for task in made.task_runs if task["id"] in tasks}
    return [run for run in made.flow_runs if run["id"] in parents]


def task_run_filters(made: Population) -> Filters:
    """Filters of task runs."""
    run_ids = st.none() | ids_of(made.flow_runs)
    return criteria(
        id=members(any_=ids_of(made.task_runs)),
        name=NAMED,
        tags=tags(any_=False),
        state=STATES,
        start_time=times(nullable=True),
        end_time=times(nullable=True),
        expected_start_time=times(nullable=False),
        subflow_runs=members(exists_=BOOLEANS),
        flow_run_id=members(any_=run_ids, is_null_=st.none() | BOOLEANS, operator=OPERATORS),
    )


def log_filters(made: Population) -> Filters:
    """Filters of log lines."""
    level = st.sampled_from([10, 20, 25, 40])
    return criteria(
        level=members(ge_=level, le_=level),
        timestamp=times(nullable=False),
        flow_run_id=members(any_=ids_of(made.flow_runs[:3])),
        task_run_id=nullables(ids_of(made.task_runs[:3])),
        text=st.fixed_dictionaries({"query": st.sampled_from(QUERIES)}),
    )


def bodies(made: Population) -> Filters:
    """Bodies that restrict by some of the nouns."""
    return criteria(
        flows=flow_filters(made),
        flow_runs=flow_run_filters(made),
        task_runs=task_run_filters(made),
        deployments=st.just({}),
    )
