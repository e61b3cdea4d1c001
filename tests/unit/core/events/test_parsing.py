"""What is taken for an event, and what it says of a task run."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ostinato_core.events.parsing import InvalidEvent, NotJson, parse
from ostinato_core.events.task_run_changes import TaskRunChange
from ostinato_core.ids import new_id
from ostinato_wire.events import Event
from ostinato_wire.states import StateDetails
from tests.support.events import START, plain_event, task_run_event

value = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "2026-11-22", "1", "x" * 1025])
member = st.sampled_from(["occurred", "event", "resource", "related", "payload", "id", "follows", "unknown"])
related = {"prefect.resource.id": "a", "prefect.resource.role": "b"}
labels = st.dictionaries(st.sampled_from([*related, "x"]), value, max_size=3)
many = st.lists(st.just(related), min_size=99, max_size=101)
replacement = value | st.lists(value, max_size=2) | labels | many


@given(changes=st.dictionaries(member, replacement, max_size=2), dropped=st.sets(member, max_size=1))
def test_a_frame_is_an_event_exactly_where_the_wire_says_so(changes: dict[str, Any], dropped: set[str]) -> None:
    event = {name: value for name, value in (plain_event() | changes).items() if name not in dropped}
    frame = orjson.dumps(event)
    try:
        expected = Event.model_validate_json(frame)
    except ValidationError:
        with pytest.raises(InvalidEvent):
            parse(frame)
        return
    entry = parse(frame).entry
    assert (entry.id, entry.occurred, entry.event, entry.follows) == (
        expected.id, expected.occurred, expected.event, expected.follows,
    )  # fmt: skip
    assert orjson.loads(entry.resource) == expected.resource
    assert orjson.loads(entry.related) == expected.related
    assert orjson.loads(entry.payload) == expected.payload


@pytest.mark.parametrize("frame", [b"", b"{", b"nonsense", b"{'a': 1}", b'{"a":1}}'])
def test_what_is_no_json_is_told_apart(frame: bytes) -> None:
    with pytest.raises(NotJson):
        parse(frame)


@pytest.mark.parametrize(
    "frame",
    [
        b'{"event": "\\ud800"}',
        b"[" * 100_000 + b"]" * 100_000,
        orjson.dumps(plain_event(occurred="0001-01-01T00:00:00+01:00")),
        b"5",
    ],
)
def test_json_of_which_no_event_can_be_made_is_invalid(frame: bytes) -> None:
    with pytest.raises(InvalidEvent):
        parse(frame)


def test_numbers_that_orjson_cannot_write_are_stored() -> None:
    def payload(text: bytes) -> str:
        return parse(
            orjson.dumps(plain_event()).replace(b'"payload":{}', b'"payload":{"n":' + text + b"}")
        ).entry.payload

    assert payload(b"123456789012345678901234567890") == '{"n":123456789012345678901234567890}'
    assert payload(b"NaN") == '{"n":null}'
    with pytest.raises(InvalidEvent, match="payload"):
        payload(b'NaN,"large":123456789012345678901234567890')


def test_an_event_above_the_limit_is_invalid() -> None:
    frame = orjson.dumps(plain_event(payload={"x": "y" * 100}))
    assert parse(frame, len(frame)).size == len(frame)
    with pytest.raises(InvalidEvent, match=f"{len(frame) - 1} bytes at most"):
        parse(frame, len(frame) - 1)


def change_of(event: dict[str, Any]) -> TaskRunChange | None:  # Any: JSON
    return parse(orjson.dumps(event)).change


def test_a_task_run_event_tells_of_its_run() -> None:
    flow_run_id, id = new_id(), new_id()
    members = {"name": "n", "total_run_time": 1.5, "start_time": "2026-11-22T05:20:00+01:00", "end_time": None}
    change = change_of(task_run_event(flow_run_id, id, "RUNNING", members=members, details={"retriable": True}))
    assert change is not None
    assert (change.flow_run_id, change.task_run_id, change.timestamp, change.type) == (
        flow_run_id,
        id,
        START,
        "RUNNING",
    )
    assert change.columns == {
        "task_key": "extract-1a2b", "dynamic_key": "0", "name": "n", "total_run_time": 1.5,
        "start_time": START, "end_time": None,
    }  # fmt: skip
    details = orjson.loads(change.state_details)
    assert set(details) == set(StateDetails.model_fields)
    assert (details["retriable"], UUID(details["task_run_id"])) == (True, id)


def test_details_are_complete_without_any_in_the_event() -> None:
    flow_run_id, id = new_id(), new_id()
    with_flow, without = (change_of(task_run_event(each, id, "PENDING")) for each in (flow_run_id, None))
    assert with_flow is not None
    assert without is not None
    assert StateDetails.model_validate_json(with_flow.state_details) == StateDetails(
        flow_run_id=flow_run_id, task_run_id=id
    )
    assert StateDetails.model_validate_json(without.state_details) == StateDetails(task_run_id=id)


DROP = object()


def spoiled(path: str, value: object) -> dict[str, Any]:  # Any: JSON
    """Return a task run event with one member, at a path of names, changed or dropped."""
    event = task_run_event(None, new_id(), "RUNNING")
    *parents, last = path.split("/")
    inner = event
    for name in parents:
        inner = inner[name]
    if value is DROP:
        del inner[last]
    else:
        inner[last] = value
    return event


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("event", "prefect.flow-run.Running"),
        ("resource/prefect.orchestration", "server"),
        ("resource/prefect.orchestration", DROP),
    ],
)
def test_other_events_tell_of_no_run(path: str, value: object) -> None:
    assert change_of(spoiled(path, value)) is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("resource/prefect.resource.id", "prefect.task-run.none"),
        ("payload/task_run", DROP),
        ("payload/validated_state", None),
        ("payload/validated_state/type", "DANCING"),
        ("payload/validated_state/state_details", {"cache_expiration": "never"}),
        ("payload/task_run/task_key", DROP),
        ("payload/task_run/run_count", 2**31),
        ("payload/task_run/start_time", "0001-01-01T00:00:00+01:00"),
        ("related", [{"prefect.resource.id": "x", "prefect.resource.role": "flow-run"}]),
    ],
)
def test_an_event_whose_run_makes_no_sense_is_an_event_all_the_same(
    path: str, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    event = spoiled(path, value)
    assert change_of(event) is None
    assert event["id"] in caplog.text


def test_a_state_without_a_name_is_named_after_its_type() -> None:
    change = change_of(spoiled("payload/validated_state/name", DROP))
    assert change is not None
    assert (change.name, change.timestamp - START) == ("Running", timedelta(0))
