"""By whose firings an event came about."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from ostinato_core.automations.triggers.lineage import Lineage, as_resource, lineage_of
from tests.unit.core.automations.scene import happened

TRIGGERED, FAILED = "prefect.automation.triggered", "prefect.automation.action.failed"


def of_firing(event: UUID) -> list[dict[str, str]]:
    return [{"prefect.resource.id": f"prefect.event.{event}", "prefect.resource.role": "automation-triggered-event"}]


def test_most_events_came_of_no_firing() -> None:
    assert lineage_of(happened("prefect.automation.created", resource=as_resource(uuid4()))) == Lineage()


def test_a_firing_tells_of_those_before_it() -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    cause = happened("a")
    one = happened(TRIGGERED, resource=as_resource(first), payload={"triggering_event": cause.content()})
    two = happened(TRIGGERED, resource=as_resource(second), payload={"triggering_event": one.content()})
    lineage = lineage_of(happened(FAILED, resource=as_resource(third), related=of_firing(two.id)))
    assert lineage == Lineage(frozenset({as_resource(third)}), two.id)
    assert lineage_of(two) == Lineage(frozenset({as_resource(first), as_resource(second)}))


@pytest.mark.parametrize(
    "payload", [{}, {"triggering_event": None}, {"triggering_event": "a"}, {"triggering_event": [1]}]
)
def test_what_a_client_sends_under_such_a_name_does_no_harm(payload: dict[str, Any]) -> None:
    related = [{"prefect.resource.id": "no id", "prefect.resource.role": "automation-triggered-event"}]
    assert lineage_of(happened(TRIGGERED, payload=payload, related=related)) == Lineage(frozenset({"thing"}))
    cause = {"event": TRIGGERED, "resource": 3, "related": "no", "payload": None}
    assert lineage_of(happened(TRIGGERED, payload={"triggering_event": cause})) == Lineage(frozenset({"thing", ""}))
