"""The policy of the settings: which rule decides, and how long anything is kept at most and at least."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ostinato_core.retention.policy import Policy, before
from ostinato_core.retention.rules import parse_event_rules, parse_run_rules
from ostinato_core.settings import ServerSettings

DAY = timedelta(days=1)


def policy(**settings: Any) -> Policy:  # Any: values of settings
    """Return the policy of settings."""
    return Policy.of(ServerSettings.model_validate({f"retention_{name}": value for name, value in settings.items()}))


def test_by_default_only_events_go() -> None:
    made = policy()

    assert (made.runs, made.logs, made.artifacts, made.events) == ((), None, None, 7 * DAY)
    assert made.shortest_run is None
    assert made.longest_run is None


def test_the_plain_setting_decides_on_what_no_rule_matches() -> None:
    made = policy(flow_runs='[{"tags": ["a"], "keep": "300d"}]', flow_runs_keep="90d")

    assert [rule.label for rule in made.runs] == ["tags=a: 300d", "all: 90d"]
    assert (made.shortest_run, made.longest_run) == (90 * DAY, 300 * DAY)


@pytest.mark.parametrize(
    "rules",
    [
        '[{"tags": ["a"], "keep": "forever"}, {"keep": "90d"}]',
        '[{"state_types": ["COMPLETED"], "keep": "90d"}]',
        '[{"keep": "forever"}]',
    ],
)
def test_runs_that_may_be_kept_for_ever_need_their_lines(rules: str) -> None:
    assert policy(flow_runs=rules).longest_run is None


def test_the_most_exact_rule_of_an_event_comes_first() -> None:
    rules = parse_event_rules('{"*": "1d", "a.*": "2d", "a.b": "3d", "a.b.*": "4d"}')

    assert [rule.event for rule in rules] == ["a.b", "a.b.*", "a.*", "*"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "Input should be a valid tuple"),
        ('[{"keep": "90d", "tag": "x"}]', "rule 1 tag: Extra inputs"),
        ('[{"keep": "90d"}, {"keep": "tomorrow"}]', "rule 2 keep: 'tomorrow' is no length of time"),
        ('[{"keep": "59m"}]', "rule 1 keep: 59m is too short: keep runs for 1h at least"),
        ('[{"keep": "1d", "state_types": ["PAUSED"]}]', "rule 1 state_types: PAUSED is no end of a run: use CANCELLED"),
        ("keep 90 days", "it is not a JSON list of rules"),
    ],
)
def test_a_bad_rule_is_named(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_run_rules(text)


def test_longer_than_time_itself_is_the_beginning_of_time() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)

    assert before(now, timedelta(days=10**7)) == datetime.min.replace(tzinfo=UTC)
    assert before(now, DAY) == now - DAY
