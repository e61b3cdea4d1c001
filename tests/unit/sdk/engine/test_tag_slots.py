"""Task runs with tags hold slots of the tags' limits while they run."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import httpx
import pytest
from uuid_utils.compat import uuid7

from ostinato import flow, tags, task
from ostinato.engine import tag_slots
from ostinato_wire.concurrency import ConcurrencyLeaseHolder, MinimalConcurrencyLimitResponse
from tests.support.engine import FakeServer


@pytest.fixture(autouse=True)
def forget() -> Generator[None]:
    """Forget what other tests learnt of tags."""
    vars(tag_slots)["_without_limits"].clear()
    yield
    vars(tag_slots)["_without_limits"].clear()


@task(tags=["database"], retries=1)
def query(server: FakeServer, seen: list[int], fail: bool = False) -> None:
    seen.append(len(server.asked_slots) - len(server.released))
    if fail:
        raise ValueError("no")


def test_a_slot_of_each_tag_is_held_while_a_task_runs_with_its_retries(server: FakeServer) -> None:
    server.limits = [MinimalConcurrencyLimitResponse(id=uuid7(), name="tag:database", limit=2)]
    seen: list[int] = []

    @flow
    def work() -> None:
        with tags("b"):
            query(server, seen, fail=True, return_state=True)

    work()
    assert seen == [1, 1]
    (asked,) = server.asked_slots
    assert asked["names"] == ["tag:b", "tag:database"]
    assert (asked["slots"], asked["lease_duration"]) == (1, 60.0)
    holder: ConcurrencyLeaseHolder = asked["holder"]
    assert server.task_events[0]["resource"]["prefect.resource.id"] == f"prefect.task-run.{holder.id}"
    assert len(server.released) == 1
    names = [event["event"] for event in server.events]
    assert names.index("prefect.concurrency-limit.acquired") < names.index("prefect.task-run.Running")
    assert names.index("prefect.concurrency-limit.released") > names.index("prefect.task-run.Failed")


def test_tags_without_limits_are_asked_for_once_in_a_while(server: FakeServer) -> None:
    seen: list[int] = []
    query(server, seen)
    query(server, seen)
    assert len(server.asked_slots) == 1
    assert server.released == []


def test_tasks_without_tags_ask_for_nothing(server: FakeServer) -> None:
    @task
    def plain() -> None: ...

    plain()
    assert server.asked_slots == []


def away(_: FakeServer, **arguments: object) -> None:
    raise httpx.ConnectError("nobody there")


def test_a_run_waits_for_a_server_that_is_away(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_slots, "AWAY_PAUSE", 0.0)
    grant, tries = FakeServer.increment_concurrency_slots_with_lease, list[int]()

    def late(asked: FakeServer, **arguments: Any) -> Any:  # Any: as the server takes and gives
        tries.append(1)
        return grant(asked, **arguments) if len(tries) > 2 else away(asked)

    monkeypatch.setattr(FakeServer, "increment_concurrency_slots_with_lease", late)
    seen: list[int] = []
    query(server, seen)
    assert (len(tries), seen) == (3, [1])


def test_a_run_whose_tags_had_no_limits_does_not_wait(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_slots, "FORGOTTEN_AFTER", 0.0)
    seen: list[int] = []
    query(server, seen)
    monkeypatch.setattr(FakeServer, "increment_concurrency_slots_with_lease", away)
    query(server, seen)
    assert len(seen) == 2
