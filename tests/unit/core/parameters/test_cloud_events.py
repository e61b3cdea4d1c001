"""CloudEvents as events: both modes of the HTTP binding."""

import orjson
import pytest

from ostinato_core.parameters.cloud_events import from_cloud_event
from tests.support.json import Json

REQUIRED = {"id": "1", "source": "/shop", "specversion": "1.0", "type": "paid"}
BINARY = {f"ce-{name}": value for name, value in REQUIRED.items()}


def event(body: Json, headers: dict[str, str]) -> Json:
    return orjson.loads(from_cloud_event(body, headers))


def test_both_modes_make_the_same_event() -> None:
    binary = event({"a": 1}, BINARY)
    structured = event({**REQUIRED, "data": {"a": 1}}, {"content-type": "application/cloudevents+json"})

    assert binary == structured
    assert (binary["event"], binary["resource"]["prefect.resource.id"], binary["payload"]) == (
        "paid", "/shop", {"data": {"a": 1}},
    )  # fmt: skip
    assert "occurred" not in binary


def test_a_cloud_event_is_known_by_its_members_too() -> None:
    assert event({**REQUIRED, "subject": "7", "extra": 5, "none": None}, {})["resource"] == {
        "prefect.resource.id": "7", "cloudevents.subject": "7", "cloudevents.extra": "5",
        **{f"cloudevents.{name}": value for name, value in REQUIRED.items()},
    }  # fmt: skip


def test_ids_are_of_source_and_id() -> None:
    first, again, other = (event(None, {**BINARY, "ce-source": source})["id"] for source in ("/a", "/a", "/b"))
    uuid = "364ea388-8572-4498-a404-532ad76bed1f"

    assert first == again != other
    assert event(None, {**BINARY, "ce-id": uuid})["id"] == uuid


def test_data_may_be_bytes() -> None:
    assert event({**REQUIRED, "data_base64": "AA=="}, {})["payload"] == {"data_base64": "AA=="}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (None, {}),
        ([REQUIRED], {"content-type": "application/cloudevents-batch+json"}),
        ("text", {"content-type": "application/cloudevents+json"}),
        ({**REQUIRED, "type": ""}, {}),
    ],
)
def test_what_is_none_is_refused(body: Json, headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="CloudEvent"):
        from_cloud_event(body, headers)
