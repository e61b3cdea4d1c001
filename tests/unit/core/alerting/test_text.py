"""What messages are about, and the words of one that stands for several."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from ostinato_core.alerting.about import about, kind_of, line_of
from ostinato_core.alerting.gathering import Gathered
from ostinato_core.alerting.text import gathered_text
from ostinato_wire.alerting import Alerting, Digest, DigestEvery, GroupBy

START = datetime(2026, 3, 1, 10, tzinfo=UTC)


def failure(
    run: str = "grumpy-cat", deployment: str | None = "import", message: str = ""
) -> dict[str, Any]:  # Any: JSON
    related = [{"prefect.resource.id": "prefect.flow.f", "prefect.resource.name": "load"}]
    if deployment is not None:
        related.append({"prefect.resource.id": f"prefect.deployment.{deployment}", "prefect.resource.name": deployment})
    resource = {"prefect.resource.id": f"prefect.flow-run.{run}", "prefect.resource.name": run}
    return {
        "event": "prefect.flow-run.Failed", "resource": resource, "related": related,
        "payload": {"validated_state": {"message": message}},
    }  # fmt: skip


def key(by: GroupBy, event: dict[str, Any] | None) -> str:  # Any: JSON
    return about(Alerting(group_by=by), "watch", event).key


def test_messages_of_a_deployment_are_one_group() -> None:
    first, second, other = failure("a"), failure("b"), failure("c", "export")
    assert key(GroupBy.DEPLOYMENT, first) == key(GroupBy.DEPLOYMENT, second) != key(GroupBy.DEPLOYMENT, other)
    assert key(GroupBy.FLOW, first) == key(GroupBy.FLOW, other)
    matter = about(Alerting(group_by=GroupBy.DEPLOYMENT), "watch", first)
    assert (matter.words, matter.deployment_id) == ("deployment 'import'", None)
    id_ = UUID(int=5)
    found = about(Alerting(group_by=GroupBy.DEPLOYMENT), "watch", failure("a", str(id_)))
    assert (found.deployment_id, found.flow_id) == (id_, None)


def test_what_has_no_deployment_belongs_to_the_automation() -> None:
    assert key(GroupBy.DEPLOYMENT, failure(deployment=None)) == key(GroupBy.DEPLOYMENT, None) == ""
    assert about(Alerting(group_by=GroupBy.DEPLOYMENT), "watch", None).words == "automation 'watch'"


def test_a_digest_is_one_group() -> None:
    alerting = Alerting(group_by=GroupBy.DEPLOYMENT, digest=Digest(every=DigestEvery.DAY))
    assert about(alerting, "watch", failure()).key == ""


def test_a_cause_is_the_same_whatever_numbers_it_has() -> None:
    one = failure("a", message="Row 17 of 0x7f3a at 3fa85f64-5717-4562-b3fc-2c963f66afa6 is bad")
    two = failure("b", "export", "Row 4 of 0x1 at 0a985f64-5717-4562-b3fc-2c963f66afa6 is bad")
    assert key(GroupBy.CAUSE, one) == key(GroupBy.CAUSE, two) != key(GroupBy.CAUSE, failure(message="Disk is full"))
    assert (
        about(Alerting(group_by=GroupBy.CAUSE), "watch", failure(message="Disk\nis full")).words
        == "Failed: 'Disk is full'"
    )


def test_one_message_stays_as_it_is() -> None:
    alone = Gathered("x", 1, START, START, [("runs (Failed)", 1)], [("a", 1)])
    assert gathered_text(None, "s", "b") == gathered_text(alone, "s", "b") == ("s", "b")


def test_a_message_for_several_counts_and_lists_them() -> None:
    lines = [(f"run {number}", 1) for number in range(30)] + [("often", 3)]
    gathered = Gathered(
        "deployment 'import'", 40, START, START + timedelta(minutes=5), [("runs (Failed)", 40)], lines
    )  # fmt: skip
    subject, body = gathered_text(gathered, "Failed", "The first body.")
    assert subject == "Failed (40 times)"
    shown = body.split("\n")
    assert shown[0] == "40 runs (Failed) of deployment 'import' from 2026-03-01 10:00 to 10:05 UTC:"
    assert shown[2:4] == ["- often (3 times)", "- run 0"]
    assert shown[22] == "- and 18 more"
    assert shown[-2:] == ["The first of them:", "The first body."]


def test_lines_say_what_happened_to_what() -> None:
    assert line_of(failure()) == "'grumpy-cat' of deployment 'import': Failed"
    assert kind_of(failure()) == "runs (Failed)"
    other: dict[str, Any] = {
        "event": "worker.stopped",
        "resource": {"prefect.resource.id": "w.1"},
        "related": [],
        "payload": {},
    }  # Any: JSON
    assert (line_of(other), kind_of(other)) == ("'w.1': worker.stopped", "events (worker.stopped)")
    assert line_of(None) == "an event that did not come"
