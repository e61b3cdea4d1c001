"""The event of a flow run's new state: names, order and spelling."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from ostinato_core.orchestration.state_event import RelatedObjects, related_resources, state_event
from ostinato_wire.events import Event
from ostinato_wire.states import StateType
from tests.support.orchestration import EARLIER, FLOW_RUN, NOW, flow_run, state

S = StateType


def uuid(number: int) -> UUID:
    return UUID(int=number)


def resource(kind: str, number: int, role: str, name: str, **labels: str) -> dict[str, str]:
    found = {"prefect.resource.id": f"prefect.{kind}.{uuid(number)}", "prefect.resource.role": role}
    return found | {"prefect.resource.name": name} | labels


def tag(name: str) -> dict[str, str]:
    return {"prefect.resource.id": f"prefect.tag.{name}", "prefect.resource.role": "tag"}


def test_related_resources_come_in_order() -> None:
    objects = RelatedObjects(
        flow=(uuid(1), "etl"),
        deployment=(uuid(2), "prod"),
        work_queue=(uuid(3), "default"),
        work_pool=(uuid(4), "p1"),
        work_pool_type="process",
        parent_task_run=(uuid(5), "child-0"),
        tags=["b", "a", "b"],
        created_by=("AUTOMATION", uuid(6), "my automation"),
    )
    pool = resource("work-pool", 4, "work-pool", "p1") | {"prefect.work-pool.type": "process"}
    assert related_resources(objects) == [
        resource("flow", 1, "flow", "etl"),
        resource("deployment", 2, "deployment", "prod"),
        resource("work-queue", 3, "work-queue", "default"),
        pool,
        resource("task-run", 5, "task-run", "child-0"),
        tag("a"),
        tag("b"),
        resource("automation", 6, "creator", "my automation"),
    ]


@pytest.mark.parametrize(
    ("created_by", "expected"),
    [
        (("DEPLOYMENT", uuid(6), "d"), [resource("deployment", 6, "creator", "d")]),
        (("SCHEDULE", uuid(6), "s"), []),
        (("USER", None, "u"), []),
        (None, []),
    ],
)
def test_only_automations_and_deployments_are_creators(
    created_by: tuple[str | None, UUID | None, str | None] | None, expected: list[dict[str, str]]
) -> None:
    assert related_resources(RelatedObjects(created_by=created_by)) == expected


def test_tags_give_way_when_there_are_too_many() -> None:
    objects = RelatedObjects(
        flow=(uuid(1), "etl"), tags=[f"{i:03}" for i in range(200)], created_by=("DEPLOYMENT", uuid(6), "d")
    )
    found = related_resources(objects)
    assert len(found) == 100
    assert (found[1], found[98], found[99]["prefect.resource.role"]) == (tag("000"), tag("097"), "creator")


def validated(event: Any) -> Event:  # any spelling that the wire takes
    return Event.model_validate(event)


def test_a_first_state_follows_nothing() -> None:
    new = state(S.PENDING, at=NOW)
    event = validated(state_event(flow_run(), None, new, []))
    assert event.model_dump() == {
        "id": new.id,
        "occurred": NOW,
        "follows": None,
        "event": "prefect.flow-run.Pending",
        "resource": {
            "prefect.resource.id": f"prefect.flow-run.{FLOW_RUN}",
            "prefect.resource.name": "quiet-otter",
            "prefect.run-count": "0",
            "prefect.state-message": "",
            "prefect.state-name": "Pending",
            "prefect.state-timestamp": "2026-03-04T05:06:07.000089+00:00",
            "prefect.state-type": "PENDING",
        },
        "related": [],
        "payload": {
            "intended": {"from": None, "to": "PENDING"},
            "initial_state": None,
            "validated_state": {"type": "PENDING", "name": "Pending"},
        },
    }


def test_a_later_state_tells_both_states() -> None:
    old, new = state(S.RUNNING, message="hello"), state(S.PAUSED, "Suspended", at=NOW, pause_reschedule=True)
    event = validated(state_event(flow_run(run_count=3), old, new, [tag("a")]))
    assert event.follows == old.id
    assert event.related == [tag("a")]
    assert event.resource["prefect.run-count"] == "3"
    assert event.payload == {
        "intended": {"from": "RUNNING", "to": "PAUSED"},
        "initial_state": {"type": "RUNNING", "name": "Running", "message": "hello"},
        "validated_state": {"type": "PAUSED", "name": "Suspended", "pause_reschedule": "true"},
    }


def test_a_pause_in_the_process_says_so() -> None:
    event = validated(state_event(flow_run(), state(S.PAUSED), state(S.RUNNING, at=NOW), []))
    assert event.payload["initial_state"] == {"type": "PAUSED", "name": "Paused", "pause_reschedule": "false"}


@pytest.mark.parametrize(("later", "follows"), [(299, True), (300, False)])
def test_a_state_follows_one_of_the_last_five_minutes(later: int, follows: bool) -> None:
    old, new = state(S.PENDING), state(S.RUNNING, at=EARLIER + timedelta(seconds=later))
    assert validated(state_event(flow_run(), old, new, [])).follows == (old.id if follows else None)


def test_long_messages_are_cut() -> None:
    event = validated(state_event(flow_run(), None, state(S.FAILED, at=NOW, message="x" * 100_001), []))
    assert len(event.resource["prefect.state-message"]) == 100_000
    assert len(event.payload["validated_state"]["message"]) == 100_000
