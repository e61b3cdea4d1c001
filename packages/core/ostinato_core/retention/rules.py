"""The rules of retention as an operator writes them in the environment, read and checked."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from ostinato_core.retention.durations import format_duration, parse_duration
from ostinato_wire.states import TERMINAL_STATES, StateType

SHORTEST: Final = timedelta(hours=1)
"""Runs are kept at least so long: what a schedule made is not to be made again because it is gone."""

Keep = Annotated[timedelta | None, BeforeValidator(parse_duration)]
Names = tuple[str, ...]


class RunRule(BaseModel):
    """How long the runs are kept that match all of the members given. A run counts from its end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep: Keep
    """None is for ever."""
    state_types: tuple[StateType, ...] = ()
    states: Names = ()
    """Names of states, as `TimedOut`."""
    tags: Names = ()
    """The run has all of them."""
    flows: Names = ()
    """Names of flows."""
    deployments: Names = ()
    """Names of deployments, as `name` or `flow/name`."""

    @property
    def label(self) -> str:
        """The rule in a few words."""
        members = self.model_dump(mode="json", exclude={"keep"})
        parts = [f"{name}={','.join(values)}" for name, values in members.items() if values]
        return f"{' '.join(parts) or 'all'}: {format_duration(self.keep)}"


@dataclass(frozen=True, slots=True)
class EventRule:
    """How long the events of a type are kept; a type that ends in `*` stands for all that begin like it."""

    event: str
    keep: timedelta | None

    @property
    def label(self) -> str:
        """The rule in a few words."""
        return f"{self.event}: {format_duration(self.keep)}"


_LEAST: Final = format_duration(SHORTEST)
_RULES: Final = TypeAdapter(tuple[RunRule, ...])
_EVENTS: Final = TypeAdapter(dict[str, Keep])


def parse_run_rules(text: str) -> tuple[RunRule, ...]:
    """Return the rules of a JSON list. Errors: ValueError that names the rule, the member and the remedy."""
    given = _json(text, "a JSON list of rules", '[{"state_types": ["COMPLETED"], "keep": "14d"}, {"keep": "90d"}]')
    try:
        rules = _RULES.validate_python(given)
    except ValidationError as error:
        raise ValueError(_first(error, "rule")) from None
    for number, rule in enumerate(rules, start=1):
        _check(number, rule)
    return rules


def parse_event_rules(text: str) -> tuple[EventRule, ...]:
    """Return the rules of a JSON object: exact types first, then beginnings, the longest first. Errors: ValueError."""
    given = _json(text, "a JSON object", '{"prefect.flow-run.heartbeat": "1h", "billing.*": "forever"}')
    try:
        keeps = _EVENTS.validate_python(given)
    except ValidationError as error:
        raise ValueError(_first(error, "event")) from None
    rules = [EventRule(event, keep) for event, keep in keeps.items()]
    return tuple(sorted(rules, key=lambda rule: (rule.event.endswith("*"), -len(rule.event), rule.event)))


def parse_keep_of_runs(text: str) -> timedelta | None:
    """Return how long runs are kept. Errors: ValueError."""
    keep = parse_duration(text)
    if keep is not None and keep < SHORTEST:
        raise ValueError(f"{text!r} is too short for runs: keep them for {format_duration(SHORTEST)} at least")
    return keep


def _json(text: str, what: str, example: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"it is not {what} ({error}): write it as {example}") from None


def _first(error: ValidationError, noun: str) -> str:
    problem = error.errors(include_url=False)[0]
    place = [str(part + 1) if isinstance(part, int) else part for part in problem["loc"]]
    message = problem["msg"].removeprefix("Value error, ")
    return f"{' '.join((noun, *place))}: {message}" if place else message


def _check(number: int, rule: RunRule) -> None:
    if rule.keep is not None and rule.keep < SHORTEST:
        short = format_duration(rule.keep)
        raise ValueError(f"rule {number} keep: {short} is too short: keep runs for {_LEAST} at least")
    alive = [state for state in rule.state_types if state not in TERMINAL_STATES]
    if alive:
        ended = ", ".join(sorted(TERMINAL_STATES))
        raise ValueError(f"rule {number} state_types: {alive[0]} is no end of a run: use {ended}")
