"""The event sockets, spoken to as the reference client does (websockets.md, sections 1, 2 and 4)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

import aiohttp
import orjson
import pytest
from aiohttp import WSMsgType, web
from pydantic import SecretStr
from sqlalchemy import select

from ostinato_api.app import create_app
from ostinato_api.deps import Services
from ostinato_api.sockets.filtered import MOST_CHANNELS
from ostinato_core.clock import utc_now
from ostinato_core.db.tables import events
from ostinato_core.events import ingest
from ostinato_core.events.ingest import Ingestor
from ostinato_core.ids import new_id
from tests.support.events import iso, parsed, plain_event
from tests.support.ports import wait_until

pytestmark = pytest.mark.replicas

Client: TypeAlias = aiohttp.ClientWebSocketResponse[Any]  # Any: whether it decodes text


@asynccontextmanager
async def connect(base_url: str, path: str, *, token: str | None = None, auth: bool = True) -> AsyncGenerator[Client]:
    """Connect with the sub-protocol and, unless told otherwise, authenticate."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(base_url + path, protocols=("prefect",), autoping=False) as socket,
    ):
        assert socket.protocol == "prefect"
        if auth:
            await socket.send_json({"type": "auth", "token": token})
            assert (await frame(socket)) == {"type": "auth_success"}
        yield socket


async def frame(socket: Client) -> Any:  # Any: JSON
    message = await socket.receive(timeout=10)
    assert message.type is WSMsgType.TEXT, message
    return orjson.loads(message.data)


async def closing(socket: Client) -> tuple[int, str]:
    message = await socket.receive(timeout=10)
    assert message.type is WSMsgType.CLOSE, message
    return message.data, message.extra or ""


async def checkpoint(socket: Client) -> None:
    """Ping and await the pong, as the client does to confirm what it sent."""
    await socket.ping(b"checkpoint")
    message = await socket.receive(timeout=10)
    assert (message.type, bytes(message.data)) == (WSMsgType.PONG, b"checkpoint")


async def are_stored(services: Services, *sent: dict[str, Any]) -> list[bool]:
    ids = [UUID(event["id"]) for event in sent]
    rows = await services.database.lookup(lambda tx: tx.rows(select(events.c.id).where(events.c.id.in_(ids))))
    found = {row["id"] for row in rows}
    return [id in found for id in ids]


@pytest.fixture
def secret(services: Services) -> str:
    """The auth string that the server asks for."""
    services.settings = services.settings.model_copy(update={"api_auth_string": SecretStr("admin:hidden")})
    return "admin:hidden"


@pytest.mark.parametrize("path", ["/events/in", "/events/out"])
async def test_a_ping_is_answered_before_authentication(base_url: str, path: str) -> None:
    async with connect(base_url, path, auth=False) as socket:
        await checkpoint(socket)


@pytest.mark.one_process("sets the password within the server's process")
@pytest.mark.parametrize("path", ["/events/in", "/events/out"])
@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ('{"type": "hello"}', "Expected 'auth' message"),
        ("nonsense", "Expected 'auth' message"),
        ('{"type": "auth", "token": null}', "Auth required but no token provided"),
        ('{"type": "auth", "token": "admin:wrong"}', "Invalid token"),
    ],
)
async def test_who_cannot_authenticate_is_told_why(
    base_url: str, secret: str, path: str, first: str, reason: str
) -> None:
    async with connect(base_url, path, auth=False) as socket:
        await socket.send_str(first)
        assert await closing(socket) == (1008, reason)


@pytest.mark.one_process("sets the password within the server's process")
async def test_the_right_token_is_accepted(base_url: str, services: Services, secret: str) -> None:
    event = plain_event()
    async with connect(base_url, "/events/in", token=secret) as socket:
        await socket.send_json(event)
        await checkpoint(socket)
    assert await are_stored(services, event) == [True]


async def test_an_old_client_without_the_subprotocol_sends_events_at_once(base_url: str, services: Services) -> None:
    event = plain_event()
    async with aiohttp.ClientSession() as session, session.ws_connect(base_url + "/events/in") as socket:
        await socket.send_json(event)
    assert await are_stored(services, event) == [True]


@pytest.mark.one_process("sets the password within the server's process")
async def test_an_old_client_is_refused_where_credentials_are_needed(base_url: str, secret: str) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(base_url + "/events/in")
    assert refused.value.status == 403


@pytest.mark.one_process("stops the ingestor within the server's process")
async def test_a_pong_comes_only_after_all_that_was_sent_before_is_committed(base_url: str, services: Services) -> None:
    stopped = services.ingestor
    services.ingestor = Ingestor(services.database)
    event = plain_event()
    async with connect(base_url, "/events/in") as socket:
        await socket.send_json(event)
        await socket.ping(b"checkpoint")
        pong = asyncio.create_task(socket.receive(timeout=20))
        async with connect(base_url, "/events/in") as other:
            await checkpoint(other)
        assert await are_stored(services, event) == [False]
        assert not pong.done()
        async with services.ingestor:
            assert (await pong).type is WSMsgType.PONG
            assert await are_stored(services, event) == [True]
    services.ingestor = stopped


async def test_events_sent_before_an_orderly_close_are_stored(base_url: str, services: Services) -> None:
    sent = [plain_event() for _ in range(300)]
    async with connect(base_url, "/events/in") as socket:
        for event in sent:
            await socket.send_json(event)
        await socket.close(code=1000)
    assert await are_stored(services, *sent) == [True] * 300


@pytest.mark.one_process("reads the log of the server's process")
async def test_an_invalid_event_is_skipped_and_the_others_are_stored(
    base_url: str, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    good, too_large = [plain_event(), plain_event()], plain_event(payload={"text": "x" * 1_500_001})
    async with connect(base_url, "/events/in") as socket:
        for each in (good[0], {"event": "no resource"}, ["no object"], too_large, good[1]):
            await socket.send_str(orjson.dumps(each).decode())
        await checkpoint(socket)
    assert await are_stored(services, *good, too_large) == [True, True, False]
    assert "3 events of a connection were skipped" in caplog.text


async def test_a_frame_that_is_not_json_ends_the_connection_and_loses_nothing(
    base_url: str, services: Services
) -> None:
    event = plain_event()
    async with connect(base_url, "/events/in") as socket:
        await socket.send_json(event)
        await socket.send_str("{nonsense")
        code, reason = await closing(socket)
    assert (code, reason[:20]) == (1003, "A frame is not JSON:")
    assert await are_stored(services, event) == [True]


@pytest.mark.one_process("stops the ingestor within the server's process")
async def test_a_client_is_told_to_come_again_where_events_cannot_be_stored(base_url: str, services: Services) -> None:
    stopped = services.ingestor
    services.ingestor = Ingestor(services.database)
    async with services.ingestor:
        pass
    async with connect(base_url, "/events/in") as socket:
        await socket.send_json(plain_event())
        assert (await closing(socket))[0] == 1013
    services.ingestor = stopped


@pytest.mark.parametrize("path", ["/events/in", "/events/out"])
async def test_a_shutdown_closes_with_service_restart(services: Services, path: str) -> None:
    runner = web.AppRunner(create_app(services), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with connect(f"http://{host}:{port}/api", path) as socket:
        stopping = asyncio.create_task(runner.cleanup())
        assert (await closing(socket))[0] == 1012
        await socket.close()
        await stopping


def wanted(**criteria: Any) -> dict[str, Any]:  # Any: JSON
    until = iso(utc_now() + timedelta(days=365))
    return {
        "type": "filter",
        "filter": {"occurred": {"since": iso(utc_now() - timedelta(minutes=1)), "until": until}} | criteria,
    }


async def test_stored_events_come_first_then_live_ones_each_once(base_url: str, services: Services) -> None:
    name = f"n.{new_id()}"
    services.settings = services.settings.model_copy(update={"events_websocket_backfill_page_size": 3})
    before = [plain_event(name) for _ in range(10)]
    await services.ingestor.submit(parsed(*before))
    async with connect(base_url, "/events/out") as socket:
        await socket.send_json(wanted(event={"name": [name]}))
        first = await frame(socket)
        live = [plain_event(name) for _ in range(5)]
        await services.ingestor.submit(parsed(plain_event("other"), *live))
        received = [first, *[await frame(socket) for _ in range(14)]]
    assert [each["event"]["id"] for each in received] == [each["id"] for each in [*before, *live]]
    assert {each["type"] for each in received} == {"event"}
    members = {"occurred", "event", "resource", "related", "payload", "id", "follows", "received"}
    assert set(first["event"]) == members


async def test_an_event_stored_while_the_stream_begins_is_sent_exactly_once(base_url: str, services: Services) -> None:
    name = f"n.{new_id()}"
    sent: list[dict[str, Any]] = []
    enough = asyncio.Event()

    async def emit() -> None:
        while not enough.is_set():
            event = plain_event(name)
            sent.append(event)
            await services.ingestor.submit(parsed(event))

    emitting = asyncio.create_task(emit())
    seen: list[str] = []
    async with connect(base_url, "/events/out") as socket:
        await socket.send_json(wanted(event={"name": [name]}))
        while len(seen) < 60:
            seen.append((await frame(socket))["event"]["id"])
        enough.set()
        await emitting
        while len(seen) < len(sent):
            seen.append((await frame(socket))["event"]["id"])
    assert sorted(seen) == sorted(event["id"] for event in sent)


async def test_one_socket_carries_channels_whose_filters_change(base_url: str, services: Services) -> None:
    one, other, third = (f"n.{new_id()}" for _ in range(3))
    await services.ingestor.submit(parsed(*(stored := [plain_event(name) for name in (one, other, third)])))
    async with connect(base_url, "/events/out") as socket:
        await socket.send_json(wanted(event={"name": [one]}))
        first = await frame(socket)
        await socket.send_json({"type": "nothing", "channel": "page"})
        await socket.send_json(wanted(event={"name": [other]}) | {"channel": "page"})
        second = await frame(socket)
        await socket.send_json(wanted(event={"name": [third]}) | {"channel": "page"})
        replaced = await frame(socket)
        await socket.send_json({"type": "filter", "channel": "page", "filter": None})
        await checkpoint(socket)
        await services.ingestor.submit(parsed(*(live := [plain_event(name) for name in (other, third, one)])))
        last = await frame(socket)
    assert [each["event"]["id"] for each in (first, second, replaced)] == [each["id"] for each in stored]
    assert [each.get("channel") for each in (first, second, replaced)] == [None, "page", "page"]
    assert (last["event"]["id"], "channel" in last) == (live[2]["id"], False)


async def test_a_client_has_so_many_channels_and_no_more(base_url: str) -> None:
    async with connect(base_url, "/events/out") as socket:
        await socket.send_json(wanted(event={"name": ["none"]}))
        for index in range(MOST_CHANNELS):
            await socket.send_json(wanted(event={"name": ["none"]}) | {"channel": f"c{index}"})
        code, told = await closing(socket)
    assert (code, told) == (1002, f"Too many channels: {MOST_CHANNELS} at most")


async def test_live_events_are_filtered_by_related_resources_too(base_url: str, services: Services) -> None:
    name, flow = f"n.{new_id()}", f"flow.{new_id()}"
    related = [{"prefect.resource.id": flow, "prefect.resource.role": "flow"}]
    async with connect(base_url, "/events/out") as socket:
        await socket.send_json(wanted(related={"id": [flow]}) | {"backfill": False})
        # An event of each kind until one comes through: subscribing has no acknowledgement.
        mine = plain_event(name, related=related)
        receiving = asyncio.create_task(frame(socket))
        while not receiving.done():
            mine = plain_event(name, related=related)
            await services.ingestor.submit(parsed(plain_event(name), mine))
            await asyncio.wait([receiving], timeout=0.1)
    assert (await receiving)["event"]["related"] == related


async def test_without_an_end_of_time_no_live_event_matches(base_url: str, services: Services) -> None:
    name = f"n.{new_id()}"
    await services.ingestor.submit(parsed(before := plain_event(name)))
    async with connect(base_url, "/events/out") as socket, connect(base_url, "/events/out") as other:
        await socket.send_json({"type": "filter", "filter": {"event": {"name": [name]}}})
        await other.send_json(wanted(event={"name": [name]}))
        assert [(await frame(each))["event"]["id"] for each in (socket, other)] == [before["id"]] * 2
        await services.ingestor.submit(parsed(after := plain_event(name)))
        assert (await frame(other))["event"]["id"] == after["id"]
        await checkpoint(socket)


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ({"type": "subscribe"}, "Expected 'filter' message"),
        ({"type": "filter"}, "Invalid filter: 'filter'"),
        ({"type": "filter", "filter": {"order": "UP"}}, "Invalid filter: order: "),
        ({"type": "filter", "filter": {"text": {"query": "x" * 201}}}, "Invalid filter: text.query: "),
        ({"type": "filter", "filter": {"resource": {"labels": {"é" * 200: 1}}}}, "Invalid filter: resource.labels.é"),
    ],
)
async def test_a_wrong_filter_frame_is_told_why(base_url: str, first: dict[str, Any], reason: str) -> None:
    async with connect(base_url, "/events/out") as socket:
        await socket.send_json(first)
        code, told = await closing(socket)
    assert code == 1002
    assert told.startswith(reason)
    assert len(told.encode()) <= 123


@pytest.mark.one_process("changes a setting within the server's process")
async def test_a_stream_that_is_turned_off_accepts_and_stays_silent(base_url: str, services: Services) -> None:
    services.settings = services.settings.model_copy(update={"events_stream_out_enabled": False})
    name = f"n.{new_id()}"
    await services.ingestor.submit(parsed(plain_event(name)))
    async with connect(base_url, "/events/out") as socket:
        await socket.send_json(wanted(event={"name": [name]}))
        await checkpoint(socket)


@pytest.mark.one_process("counts the subscribers within the server's process")
async def test_a_subscriber_who_goes_is_forgotten(base_url: str, services: Services) -> None:
    name = f"n.{new_id()}"
    await services.ingestor.submit(parsed(plain_event(name)))
    async with connect(base_url, "/events/out") as socket:
        await socket.send_json(wanted(event={"name": [name]}))
        await frame(socket)
        assert services.tail.subscribers == 1
    assert services.tail.subscribers == 0


@pytest.mark.one_process("changes a setting within the server's process")
async def test_the_server_pings_to_learn_whether_the_client_is_there(base_url: str, services: Services) -> None:
    services.settings = services.settings.model_copy(update={"api_websocket_ping_interval": 0.1})
    async with connect(base_url, "/events/in") as socket:
        for _ in range(2):
            message = await socket.receive(timeout=10)
            assert message.type is WSMsgType.PING
            await socket.pong(message.data)


@pytest.mark.one_process("stops the ingestor within the server's process")
async def test_a_client_is_not_read_from_while_too_much_waits_to_be_written(
    base_url: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "CAPACITY", 10)
    stopped = services.ingestor
    services.ingestor = Ingestor(services.database)
    sent = [plain_event() for _ in range(50)]
    async with connect(base_url, "/events/in") as socket:
        for event in sent:
            await socket.send_json(event)

        async def is_full() -> bool:
            return services.ingestor.waiting >= 10

        await wait_until(is_full, what="the ingestor being full")
        async with connect(base_url, "/events/in") as other:
            await checkpoint(other)
        assert services.ingestor.waiting == 10
        async with services.ingestor:
            await checkpoint(socket)
    assert await are_stored(services, *sent) == [True] * 50
    services.ingestor = stopped
