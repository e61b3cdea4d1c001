"""Finding the triggers that an event concerns: the same as if all were asked, and few are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.automations.triggers.index import TriggerIndex
from tests.unit.core.automations.scene import automation, happened, reactive

FLOW = {"prefect.resource.id": "prefect.flow.1", "prefect.resource.role": "flow", "prefect.resource.name": "etl"}
TAG = {"prefect.resource.id": "prefect.tag.x", "prefect.resource.role": "tag"}


def found(trigger: dict[str, Any], **event: Any) -> list[tuple[str, ...]]:
    """Return the keys under which a trigger counts an event."""
    return [key for _, key in TriggerIndex([automation(trigger)]).interested(happened(**event))]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({}, True, id="nothing"),
        pytest.param({"expect": ["a"]}, True, id="name"),
        pytest.param({"expect": ["b"]}, False, id="other name"),
        pytest.param({"expect": ["b"], "after": ["a"]}, True, id="name to begin with"),
        pytest.param({"match": {"prefect.resource.id": "thing"}}, True, id="id"),
        pytest.param({"match": {"prefect.resource.id": ["x", "thing"]}}, True, id="one of ids"),
        pytest.param({"match": {"prefect.resource.id": "th*"}}, True, id="pattern"),
        pytest.param({"match": {"prefect.resource.id": "thin[fg]"}}, True, id="brackets"),
        pytest.param({"match": {"prefect.resource.id": "thin[!g]"}}, False, id="other brackets"),
        pytest.param({"match": {"prefect.resource.id": "!other"}}, True, id="negated"),
        pytest.param({"match": {"prefect.resource.id": "!thing"}}, False, id="negated and equal"),
        pytest.param({"match": {"absent": "!x"}}, False, id="a label that is absent"),
        pytest.param({"match": {"color": "red", "prefect.resource.id": "thing"}}, True, id="two labels"),
        pytest.param({"match": {"color": "blue", "prefect.resource.id": "thing"}}, False, id="one of two labels"),
        pytest.param({"match_related": {"prefect.resource.id": "prefect.flow.1"}}, True, id="related"),
        pytest.param({"match_related": {"prefect.resource.id": "prefect.flow.2"}}, False, id="not related"),
        pytest.param(
            {"match_related": {"prefect.resource.id": "prefect.flow.1", "prefect.resource.role": "tag"}},
            False,
            id="two labels of two related",
        ),
        pytest.param(
            {"match_related": [{"prefect.resource.role": "flow"}, {"prefect.resource.id": "prefect.tag.*"}]},
            True,
            id="two related",
        ),
        pytest.param({"match_related": [{"prefect.resource.role": "flow"}, {"no": "label"}]}, False, id="one of two"),
        pytest.param({"match_related": [dict[str, str]()]}, True, id="any related"),
    ],
)
def test_an_event_concerns_a_trigger(asked: dict[str, Any], expected: bool) -> None:
    keys = found(reactive(**asked) | asked, labels={"color": "red"}, related=[FLOW, TAG])
    assert keys == ([()] if expected else [])


def test_keys_are_values_of_labels_in_the_order_of_labels() -> None:
    for_each = ["z", "prefect.resource.id", "related:flow:prefect.resource.name", "related:flow:no", "related:x:y"]
    other = {"prefect.resource.id": "prefect.flow.2", "prefect.resource.role": "flow", "prefect.resource.name": "2"}
    assert found(reactive(for_each=for_each), related=[TAG, FLOW, other]) == [("thing", "", "etl", "", "")]


def test_log_lines_concern_nobody() -> None:
    assert found(reactive(), name="prefect.log.write") == []


def test_an_automation_that_cannot_be_read_leaves_the_others() -> None:
    broken = {**automation(reactive("a")), "trigger": {"type": "event", "posture": "Sideways"}}
    of_other_kind = {**automation(reactive("a")), "trigger": {"type": "metric"}}
    index = TriggerIndex([broken, automation(reactive("a")), of_other_kind])
    assert len(index.interested(happened())) == 1


NAMES = st.sampled_from(["a", "b", "a.*", "*", "a.b"])
VALUES = st.sampled_from(["x", "y", "x*", "!x", "?", "[xy]"])
LABELS = st.sampled_from(["prefect.resource.id", "prefect.resource.role", "l", "m"])
SPECIFICATIONS = st.dictionaries(LABELS, VALUES | st.lists(VALUES, min_size=1, max_size=3), max_size=3)
TRIGGERS = st.fixed_dictionaries(
    {
        "expect": st.lists(NAMES, max_size=2),
        "after": st.lists(NAMES, max_size=2),
        "match": SPECIFICATIONS,
        "match_related": st.lists(SPECIFICATIONS, max_size=2),
    }
)
RESOURCES = st.dictionaries(LABELS, st.sampled_from(["x", "y", "xy"]), max_size=4)


@given(st.lists(TRIGGERS, max_size=6), st.lists(st.tuples(RESOURCES, st.lists(RESOURCES, max_size=3)), max_size=6))
def test_the_index_finds_what_asking_all_would(triggers: list[dict[str, Any]], events: list[Any]) -> None:
    index = TriggerIndex([automation(reactive() | trigger) for trigger in triggers])
    for number, (labels, related) in enumerate(events):
        event = happened(["a", "b", "a.b"][number % 3], labels=labels, related=related)
        asked = [
            watch.id
            for watch in index.watches.values()
            if (watch.role(event.event).expected or watch.role(event.event).starts) and watch.matches(event)
        ]
        assert [interest.watch.id for interest, _ in index.interested(event)] == asked
