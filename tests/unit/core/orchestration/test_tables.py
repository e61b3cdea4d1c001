"""Every rule of every policy has a table, with changes that concern it, and one that does not if there is such."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from ostinato_core.orchestration.policies import (
    FLOW_CORE,
    FLOW_LATE,
    FLOW_MINIMAL,
    TASK_BACKGROUND,
    TASK_CLIENT,
    TASK_CORE,
    TASK_MINIMAL,
)
from ostinato_core.orchestration.rule import ANY_OR_NONE, BaseRule
from ostinato_core.orchestration.states import RunState
from ostinato_wire.states import ALL_STATES
from tests.support.orchestration import Row

POLICIES = (FLOW_CORE, FLOW_MINIMAL, FLOW_LATE, TASK_CORE, TASK_BACKGROUND, TASK_CLIENT, TASK_MINIMAL)
RULES: dict[str, BaseRule[Any]] = {type(rule).__name__: rule for policy in POLICIES for rule in policy.rules}


def rows_of(rule: BaseRule[Any]) -> Iterator[Row]:
    """Yield the rows of the tables in the test file of a rule."""
    name = type(rule).__module__.rpartition(".")[2]
    module = importlib.import_module(f"tests.unit.core.orchestration.rules.test_{name}")
    for test in vars(module).values():
        for mark in getattr(test, "pytestmark", ()):
            if mark.name == "parametrize":
                yield from (row for given in mark.args[1] if isinstance(row := first_of(given), Row))


def first_of(given: object) -> object:
    """Return the first parameter of a set with a name, or a parameter that has none."""
    values: object = getattr(given, "values", None)
    return values[0] if isinstance(values, tuple) and values else given  # pyright: ignore[reportUnknownVariableType]  # as pytest holds them


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_has_a_table(rule: BaseRule[Any]) -> None:
    rows = list(rows_of(rule))
    concerns = [rule.edge.joins(kind(row.current), row.proposed.type) for row in rows]
    everything = all(rule.edge.joins(current, proposed) for current in ANY_OR_NONE for proposed in ALL_STATES)

    assert any(concerns)
    assert everything or not all(concerns)


def kind(state: RunState | None) -> Any:  # Any: a type of state, or None
    """Return the type of a state, if there is one."""
    return state.type if state else None
