"""`/logs/out`: live lines that a filter matches (websockets.md, section 5)."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from ostinato_api.deps import Services
from ostinato_core.ids import new_id
from ostinato_core.logs import live
from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until
from tests.support.sockets import Client, closing, connect, frame

PATH = "/logs/out"


def line(run: str, message: str = "hello", level: int = 20, task_run_id: str | None = None) -> Json:
    return {
        "name": "prefect.flow_runs",
        "level": level,
        "message": message,
        "timestamp": datetime.now(UTC).isoformat(),
        "flow_run_id": run,
        "task_run_id": task_run_id,
    }


async def follow(stack: AsyncExitStack, base_url: str, services: Services, wanted: Json) -> Client:
    """Connect and return once the server passes lines on."""
    before = services.live_logs.followers
    socket = await stack.enter_async_context(connect(base_url, PATH))
    await socket.send_json({"type": "filter", "filter": wanted})
    await wait_until(lambda: more_than(services, before))
    return socket


async def more_than(services: Services, followers: int) -> bool:
    return services.live_logs.followers > followers


@pytest.mark.one_process("asks the server's process whether it follows yet")
async def test_lines_come_as_they_are_stored_and_only_those_that_are_wanted(
    base_url: str, services: Services, client: Api
) -> None:
    run, other, task = str(new_id()), str(new_id()), str(new_id())
    async with AsyncExitStack() as stack:
        socket = await follow(stack, base_url, services, {"flow_run_id": {"any_": [run]}, "level": {"ge_": 20}})
        without = await follow(stack, base_url, services, {"task_run_id": {"is_null_": False}})
        lines = [line(other), line(run, "quiet", 10), line(run, "one"), line(run, "two", 40, task)]
        await client.post("/logs/", lines)
        first, second = await frame(socket), await frame(socket)
        assert first["type"] == "log"
        assert [first["log"]["message"], second["log"]["message"]] == ["one", "two"]
        stored = await client.post("/logs/filter", {"logs": {"flow_run_id": {"any_": [run]}, "level": {"ge_": 20}}})
        expected = [{**each, "created": None, "updated": None} for each in stored.json]
        assert [first["log"], second["log"]] == expected
        assert (await frame(without))["log"]["task_run_id"] == task


@pytest.mark.one_process("asks the server's process whether it follows yet")
async def test_nothing_that_was_stored_before_comes(base_url: str, services: Services, client: Api) -> None:
    run = str(new_id())
    await client.post("/logs/", [line(run, "before")])
    async with AsyncExitStack() as stack:
        socket = await follow(stack, base_url, services, {"flow_run_id": {"any_": [run]}})
        await client.post("/logs/", [line(run, "after")])
        assert (await frame(socket))["log"]["message"] == "after"


@pytest.mark.one_process("follows lines within the server's process")
async def test_one_who_reads_too_slowly_loses_lines_and_nothing_grows(services: Services, client: Api) -> None:
    run = str(new_id())
    wanted = live.LogFilter.model_validate({"flow_run_id": {"any_": [run]}})
    async with services.live_logs.follow(wanted) as follower:
        await client.post("/logs/", [line(run, str(number)) for number in range(live.BACKLOG + 44)])
        await wait_until(lambda: has_lost(follower, 44))
        got = [await anext(follower) for _ in range(live.BACKLOG)]
        assert len(got) == live.BACKLOG
        await client.post("/logs/", [line(run, "again")])
        assert b"again" in (await anext(follower)).json
    assert services.live_logs.followers == 0


async def has_lost(follower: live.Follower, count: int) -> bool:
    return follower.lost == count


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("nonsense", "Expected 'filter' message"),
        ('{"type": "filter"}', "Invalid filter: 'filter'"),
        ('{"type": "filter", "filter": {"level": {"ge_": "high"}}}', "Invalid filter: level.ge_: "),
    ],
)
async def test_a_filter_that_is_none_is_refused(base_url: str, sent: str, reason: str) -> None:
    async with connect(base_url, PATH) as socket:
        await socket.send_str(sent)
        code, told = await closing(socket)
        assert code == 1002
        assert told.startswith(reason)


@pytest.mark.one_process("changes a setting within the server's process")
async def test_where_it_is_switched_off_the_socket_accepts_and_stays_silent(
    base_url: str, services: Services, client: Api
) -> None:
    services.settings = services.settings.model_copy(update={"logs_stream_out_enabled": False})
    run = str(new_id())
    async with connect(base_url, PATH) as socket:
        await socket.send_json({"type": "filter", "filter": {}})
        await client.post("/logs/", [line(run)])
        with pytest.raises(asyncio.TimeoutError):
            await frame(socket, seconds=0.2)
