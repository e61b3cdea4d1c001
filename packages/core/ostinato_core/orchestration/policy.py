"""A policy: the rules that are asked, in order, and the transforms that always follow."""

from typing import Generic

from ostinato_core.orchestration.rule import ANY_OR_NONE, BaseRule
from ostinato_core.orchestration.transforms import Transform
from ostinato_core.orchestration.transition import RunT
from ostinato_wire.states import ALL_STATES, StateType


class Policy(Generic[RunT]):
    """Rules and transforms, looked up once for each pair of types."""

    def __init__(self, name: str, rules: tuple[BaseRule[RunT], ...], transforms: tuple[Transform[RunT], ...]) -> None:
        self.name = name
        self.rules = rules
        self.transforms = transforms
        self._by_pair = {
            (initial, proposed): tuple(rule for rule in rules if rule.edge.joins(initial, proposed))
            for initial in ANY_OR_NONE
            for proposed in ALL_STATES
        }

    def rules_for(self, initial: StateType | None, proposed: StateType) -> tuple[BaseRule[RunT], ...]:
        """Return the rules whose edge joins the pair, in order."""
        return self._by_pair[initial, proposed]

    def __repr__(self) -> str:
        return f"Policy({self.name!r})"
