"""Background task runs: the durable queue, its order, and who is handed what (websockets.md, section 6)."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

import orjson
import pytest

from ostinato_api.deps import Services
from ostinato_api.services import open_services
from ostinato_core.db.tables import task_run_queue
from ostinato_core.ids import new_id
from ostinato_core.settings import ServerSettings
from ostinato_core.task_workers import dispatcher
from tests.integration.sockets.conftest import address, serve
from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until
from tests.support.sockets import Client, closing, connect, frame

pytestmark = pytest.mark.replicas

PATH = "/task_runs/subscriptions/scheduled"
DEFERRED = {"deferred": True, "task_parameters_id": "00000000-0000-4000-8000-000000000001"}


async def subscribe(stack: AsyncExitStack, base_url: str, *keys: str, client_id: str = "host-1") -> Client:
    socket = await stack.enter_async_context(connect(base_url, PATH))
    await socket.send_json({"type": "subscribe", "keys": list(keys), "client_id": client_id})
    return socket


async def acknowledged(socket: Client) -> Json:
    run = await frame(socket)
    await socket.send_json({"type": "ack"})
    return run


def a_key() -> str:
    return f"module.task-{new_id().hex}"


async def delay(client: Api, key: str, name: str = "Scheduled") -> str:
    """Make a background task run as `task.delay()` does."""
    state = {"type": "SCHEDULED", "name": name, "state_details": DEFERRED}
    run = await client.created("/task_runs/", {"task_key": key, "dynamic_key": str(new_id()), "state": state})
    return run["id"]


async def is_queued(services: Services, run_id: str) -> bool:
    query = task_run_queue.select().where(task_run_queue.c.task_run_id == UUID(run_id))
    return bool(await services.database.lookup(lambda tx: tx.rows(query)))


async def test_a_run_comes_as_the_api_answers_it_and_the_queue_is_first_in_first_out(
    base_url: str, client: Api
) -> None:
    key = a_key()
    ids = [await delay(client, key) for _ in range(3)]
    async with AsyncExitStack() as stack:
        socket = await subscribe(stack, base_url, key)
        first = await acknowledged(socket)
        answer = await client.get(f"/task_runs/{first['id']}")
        shown = answer.json
        for each in (first, shown):
            each.pop("estimated_start_time_delta")
        assert first == shown
        assert first["state"]["state_details"]["task_parameters_id"] == DEFERRED["task_parameters_id"]
        assert [first["id"]] + [(await acknowledged(socket))["id"] for _ in range(2)] == ids


async def test_one_who_waits_gets_a_run_as_soon_as_it_is_queued(base_url: str, client: Api) -> None:
    key = a_key()
    async with AsyncExitStack() as stack:
        socket = await subscribe(stack, base_url, a_key(), key)
        await wait_until(lambda: is_registered(client, key))
        run_id = await delay(client, key)
        assert (await frame(socket, seconds=dispatcher.LATEST * 0.8))["id"] == run_id


async def is_registered(client: Api, key: str) -> bool:
    answer = await client.post("/task_workers/filter", {"task_worker_filter": {"task_keys": [key]}})
    return len(answer.json) == 1


async def test_keys_are_served_in_their_order_and_retries_first(base_url: str, client: Api) -> None:
    first, second = a_key(), a_key()
    later = await delay(client, second)
    plain = await delay(client, first)
    retried = await delay(client, first, name="AwaitingRetry")
    async with AsyncExitStack() as stack:
        socket = await subscribe(stack, base_url, first, second)
        assert [(await acknowledged(socket))["id"] for _ in range(3)] == [retried, plain, later]


async def test_a_run_that_is_scheduled_by_set_state_is_queued_once(base_url: str, client: Api) -> None:
    key = a_key()
    body = {"task_key": key, "dynamic_key": str(new_id()), "state": {"type": "PENDING", "state_details": DEFERRED}}
    run = await client.created("/task_runs/", body)
    for _ in range(2):
        state = {"type": "SCHEDULED", "state_details": DEFERRED}
        answer = await client.post(f"/task_runs/{run['id']}/set_state", {"state": state, "force": True})
        assert answer.json["status"] == "ACCEPT"
    other = await delay(client, key)
    async with AsyncExitStack() as stack:
        socket = await subscribe(stack, base_url, key)
        assert [(await acknowledged(socket))["id"] for _ in range(2)] == [run["id"], other]


async def test_a_run_that_is_not_deferred_is_not_queued(client: Api, services: Services) -> None:
    body = {"task_key": a_key(), "dynamic_key": str(new_id()), "state": {"type": "SCHEDULED"}}
    run = await client.created("/task_runs/", body)
    assert not await is_queued(services, run["id"])


async def test_a_run_that_was_moved_on_meanwhile_is_passed_over(base_url: str, client: Api, services: Services) -> None:
    key = a_key()
    cancelled, other = await delay(client, key), await delay(client, key)
    await client.post(f"/task_runs/{cancelled}/set_state", {"state": {"type": "CANCELLED"}, "force": True})
    async with AsyncExitStack() as stack:
        socket = await subscribe(stack, base_url, key)
        assert (await acknowledged(socket))["id"] == other
    assert not await is_queued(services, cancelled)


@pytest.mark.parametrize("ending", ["lost", "quit", "nonsense"])
async def test_a_run_without_an_ack_goes_first_to_another(base_url: str, client: Api, ending: str) -> None:
    key = a_key()
    first, second = await delay(client, key), await delay(client, key)
    async with AsyncExitStack() as stack:
        socket = await subscribe(stack, base_url, key)
        assert (await frame(socket))["id"] == first
        if ending == "lost":
            await socket.close()
        else:
            await socket.send_json({"type": ending})
            expected = (1000, "") if ending == "quit" else (4001, "Protocol violation: expected 'ack' message")
            assert await closing(socket) == expected
    async with AsyncExitStack() as stack:
        socket = await subscribe(stack, base_url, key)
        assert [(await acknowledged(socket))["id"] for _ in range(2)] == [first, second]


async def test_every_run_goes_to_one_connection_of_any_process(base_url: str, other_url: str, client: Api) -> None:
    key = a_key()
    ids = [await delay(client, key) for _ in range(24)]
    got: list[str] = []

    async def work(url: str) -> None:
        async with AsyncExitStack() as stack:
            socket = await subscribe(stack, url, key)
            while len(got) < len(ids):
                try:
                    got.append((await frame(socket, seconds=1.5))["id"])
                except TimeoutError:
                    continue  # the others may have got the rest; else the test's own limit ends this
                await socket.send_json({"type": "ack"})

    await asyncio.gather(*(work(url) for url in (base_url, other_url, base_url, other_url)))
    assert sorted(got) == sorted(ids)


async def test_what_one_process_accepts_another_delivers_within_a_second(other_url: str, client: Api) -> None:
    key = a_key()
    async with AsyncExitStack() as stack:
        socket = await subscribe(stack, other_url, key)
        await wait_until(lambda: is_registered(client, key))
        run_id = await delay(client, key)
        assert (await frame(socket, seconds=dispatcher.LATEST + 3))["id"] == run_id


async def test_a_claim_of_a_process_that_died_lapses(
    monkeypatch: pytest.MonkeyPatch, settings: ServerSettings, base_url: str, client: Api
) -> None:
    key = a_key()
    run_id = await delay(client, key)
    async with open_services(settings) as dying, dying.task_runs.subscribe("host-2", [key]) as subscription:
        monkeypatch.setattr(dispatcher, "LEASE", dispatcher.LEASE / 10)
        assert str((await subscription.next())["id"]) == run_id
        async with AsyncExitStack() as stack:
            # The claim is not renewed before it lapses: as good as a process that is gone.
            socket = await subscribe(stack, base_url, key)
            assert (await acknowledged(socket))["id"] == run_id
        # What the dead process says of it now has no effect.
        await subscription.confirm()


async def test_the_queue_survives_a_restart(settings: ServerSettings) -> None:
    key = a_key()
    async with open_services(settings) as services:
        runner = await serve(services)
        async with Api(address(runner)) as client:
            run_id = await delay(client, key)
        await runner.cleanup()
    async with open_services(settings) as services:
        runner = await serve(services)
        async with AsyncExitStack() as stack:
            socket = await subscribe(stack, address(runner), key)
            assert (await acknowledged(socket))["id"] == run_id
        await runner.cleanup()


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("nonsense", "expected 'subscribe' message"),
        ('{"type": "hello"}', "expected 'subscribe' message"),
        ('{"type": "subscribe", "client_id": "c"}', "expected 'keys' in subscribe message"),
        ('{"type": "subscribe", "keys": [], "client_id": "c"}', "expected 'keys' in subscribe message"),
        ('{"type": "subscribe", "keys": [1], "client_id": "c"}', "expected 'keys' in subscribe message"),
        ('{"type": "subscribe", "keys": ["k"]}', "expected 'client_id' in subscribe message"),
    ],
)
async def test_a_subscription_that_is_none_is_refused(base_url: str, sent: str, reason: str) -> None:
    async with connect(base_url, PATH) as socket:
        await socket.send_str(sent)
        assert await closing(socket) == (4001, f"Protocol violation: {reason}")


async def test_the_register_shows_the_workers_of_all_processes_while_they_are_connected(
    base_url: str, other_url: str, client: Api
) -> None:
    ours, theirs = a_key(), a_key()
    async with AsyncExitStack() as stack:
        await subscribe(stack, base_url, ours, client_id=f"a-{ours}")
        await subscribe(stack, other_url, theirs, ours, client_id=f"b-{ours}")
        await subscribe(stack, other_url, theirs, client_id=f"a-{ours}")
        for key in (ours, theirs):
            await wait_until(lambda key=key: has_workers(client, key, 2))
        answer = await client.post("/task_workers/filter", {"task_worker_filter": {"task_keys": [ours, "other"]}})
        found = {worker["identifier"]: set(worker["task_keys"]) for worker in answer.json}
        assert found == {f"a-{ours}": {ours, theirs}, f"b-{ours}": {ours, theirs}}
        everybody = await client.post("/task_workers/filter", {})
        assert {worker["identifier"] for worker in everybody.json} >= found.keys()
    await wait_until(lambda: has_workers(client, ours, 0))


async def has_workers(client: Api, key: str, count: int) -> bool:
    answer = await client.post("/task_workers/filter", {"task_worker_filter": {"task_keys": [key]}})
    return len(answer.json) == count


async def test_frames_while_idle_say_nothing_but_quit(base_url: str, client: Api) -> None:
    key = a_key()
    async with AsyncExitStack() as stack:
        socket = await subscribe(stack, base_url, key)
        await socket.send_str(orjson.dumps({"type": "hello"}).decode())
        run_id = await delay(client, key)
        assert (await acknowledged(socket))["id"] == run_id
        await socket.send_json({"type": "quit"})
        assert await closing(socket) == (1000, "")


async def test_a_worker_that_tells_its_id_is_sent_a_run_only_when_it_wants_more(base_url: str, client: Api) -> None:
    key, worker = a_key(), str(new_id())
    subscription = {"type": "subscribe", "keys": [key], "client_id": "host-1", "worker_id": worker, "more": False}
    first, second = await delay(client, key), await delay(client, key)
    async with connect(base_url, PATH) as socket, connect(base_url, PATH) as other:
        await socket.send_json(subscription)
        assert await frame(socket) == {"type": "subscribed"}
        await socket.send_json({"type": "more"})
        assert (await frame(socket))["id"] == first
        await socket.send_json({"type": "ack", "more": False})
        await other.send_json({**subscription, "worker_id": str(new_id()), "more": True})
        assert await frame(other) == {"type": "subscribed"}
        assert (await frame(other))["id"] == second
        await other.send_json({"type": "quit"})
        assert await closing(other) == (1000, "")
        await socket.send_json({"type": "more"})
        assert (await frame(socket))["id"] == second


async def test_an_id_of_a_worker_that_is_none_is_refused(base_url: str) -> None:
    async with connect(base_url, PATH) as socket:
        await socket.send_json({"type": "subscribe", "keys": ["k"], "client_id": "c", "worker_id": "me"})
        reason = "expected ids in 'worker_id' and 'holding' of subscribe message"
        assert await closing(socket) == (4001, f"Protocol violation: {reason}")
