"""`emit_event`, the events client and the subscriber."""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import web

from ostinato.events import Event, Resource, emit_event, get_events_client, get_events_subscriber
from ostinato.events import worker as workers
from ostinato.exceptions import EventTooLarge
from ostinato.settings import temporary_settings
from tests.support.runs import flow_context, task_context
from tests.support.stub_api import EventsIn, serving

RESOURCE = {"prefect.resource.id": "shop.order.1"}


@pytest.fixture
def events(tmp_path: Path) -> Generator[EventsIn]:
    """Run a server that takes events."""
    taking = EventsIn()
    with serving(taking) as server, temporary_settings({"api.url": server.api_url, "home": tmp_path}):
        yield taking
        workers.stop_all()


def test_an_event_arrives_as_it_was_given(events: EventsIn) -> None:
    made = emit_event(
        "order.placed", RESOURCE, payload={"total": 3}, related=[RESOURCE | {"prefect.resource.role": "r"}]
    )
    assert made is not None
    assert workers.drain_all(10) == 0
    (stored,) = events.stored
    assert Event.model_validate(stored) == made
    assert stored["follows"] is None


def test_the_run_around_it_is_told_once(events: EventsIn) -> None:
    flow = flow_context(related=[{"prefect.resource.id": "prefect.flow-run.1", "prefect.resource.role": "flow-run"}])
    tag = {"prefect.resource.id": "prefect.tag.nightly", "prefect.resource.role": "tag"}
    with flow, task_context(flow) as task:
        emit_event("x", RESOURCE, related=[tag])
    workers.drain_all(10)
    ids = [labels["prefect.resource.id"] for labels in events.stored[0]["related"]]
    assert ids == ["prefect.tag.nightly", f"prefect.task-run.{task.task_run.id}", "prefect.flow-run.1"]


@pytest.mark.parametrize(("minutes", "is_kept"), [(4, True), (6, False)])
@pytest.mark.usefixtures("events")
def test_a_predecessor_counts_if_it_is_near(minutes: int, is_kept: bool) -> None:
    now = datetime.now(UTC)
    before = emit_event("a", RESOURCE, occurred=now - timedelta(minutes=minutes))
    after = emit_event("b", RESOURCE, occurred=now, follows=before)
    assert before is not None
    assert after is not None
    assert (after.follows == before.id) is is_kept


@pytest.mark.usefixtures("events")
def test_what_cannot_be_an_event_is_none_and_a_word_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert emit_event("x", {}) is None
    assert "prefect.resource.id" in caplog.text


def test_without_a_server_nothing_is_sent_and_nothing_raised() -> None:
    with temporary_settings({"api.url": None, "server.ephemeral.enabled": False}):
        assert emit_event("x", RESOURCE) is None


@pytest.mark.usefixtures("events")
def test_too_large_an_event_is_refused() -> None:
    with pytest.raises(EventTooLarge, match="1500000"):
        emit_event("x", RESOURCE, payload={"text": "x" * 1_500_000})


async def test_the_client_returns_when_its_events_are_safe(events: EventsIn) -> None:
    event = Event(occurred=datetime.now(UTC), event="x", resource=Resource(RESOURCE), id=uuid4())
    async with get_events_client() as client:
        await client.emit(event)
    assert [stored["id"] for stored in events.stored] == [str(event.id)]


class EventsOut:
    """Sends one batch of events per connection, then ends it with the given close code (None: cuts it)."""

    def __init__(self, *batches: tuple[list[str], int | None]) -> None:
        self.batches = list(batches)
        self.filters: list[dict[str, str]] = []
        self.ids = {name: str(uuid4()) for names, _ in batches for name in names}

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        ws = web.WebSocketResponse(protocols=("prefect",))
        await ws.prepare(request)
        assert (await ws.receive_json())["type"] == "auth"
        await ws.send_json({"type": "auth_success"})
        self.filters.append((await ws.receive_json())["filter"]["occurred"])
        names, code = self.batches.pop(0)
        for name in names:
            moment = "2026-01-01T00:10:00Z"
            body = {"event": name, "id": self.ids[name], "occurred": moment, "received": moment, "resource": RESOURCE}
            await ws.send_json({"type": "event", "event": body})
        if code is None:
            assert request.transport is not None
            request.transport.abort()
        else:
            await ws.close(code=code)
        return ws


async def test_a_subscriber_survives_a_cut_and_gives_each_event_once() -> None:
    out = EventsOut((["a", "b"], None), (["b", "c"], 1012), (["d"], 1000))
    with serving(out) as server, temporary_settings({"api.url": server.api_url}):
        async with get_events_subscriber() as events, asyncio.timeout(10):
            assert [event.event async for event in events] == ["a", "b", "c", "d"]
    assert out.filters[1]["since"] == "2026-01-01T00:09:00Z"
