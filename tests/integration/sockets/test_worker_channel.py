"""The worker channel, spoken to as the reference worker does (websockets.md, section 7)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from ostinato_api.deps import Services
from ostinato_api.sockets import worker_hub
from ostinato_core.clock import utc_now
from ostinato_core.db.tables import worker_cleanup_messages
from ostinato_core.ids import new_id
from ostinato_core.transaction import Transaction
from ostinato_core.worker_cleanup.operations import announce, enqueue, enqueue_cancelling_timeout
from ostinato_wire.worker_channel import CleanupKind
from tests.support.client import Api
from tests.support.json import Json
from tests.support.pools import new_pool, new_queue, unique
from tests.support.sockets import Client, closing, connect, frame

KIND = CleanupKind.CANCELLING_TIMEOUT


def a_frame(type_: str, **payload: Json) -> Json:
    return {"type": type_, "id": str(uuid4()), "sent_at": utc_now().isoformat(), "payload": payload}


def hello(**changed: Json) -> Json:
    payload: Json = {
        "consumer_id": str(uuid4()), "worker_name": "ProcessWorker 1", "worker_type": "process",
        "heartbeat_interval_seconds": 30, "supported_channel_versions": ["work_pool_worker_channel.v1"],
        "requested_capabilities": ["worker_heartbeat.v1", "work_pool_snapshot.v1", "cleanup_delivery.v1"],
        "work_queue_names": [], "handled_cleanup_kinds": [KIND.value], "max_cleanup_concurrency": 1,
        "create_pool_if_not_found": False, "default_base_job_template": {}, "worker_metadata": {"integrations": []},
    }  # fmt: skip
    return a_frame("worker.hello.v1", **(payload | changed))


@asynccontextmanager
async def channel(base_url: str, pool: Json, **changed: Json) -> AsyncGenerator[tuple[Client, Json]]:
    """Open a channel and yield it with the answer to the hello."""
    async with connect(base_url, f"/work_pools/{pool['name']}/workers/connect") as socket:
        await socket.send_json(hello(**changed))
        ready = await frame(socket)
        assert ready["type"] == "worker.ready.v1", ready
        yield socket, ready["payload"]


async def order(services: Services, pool: Json, *, queue_id: str | None = None) -> UUID:
    """Let a worker of the pool clean something up."""
    message_id = new_id()

    async def operation(tx: Transaction) -> None:
        queue = UUID(queue_id or pool["default_queue_id"])
        target = {"flow_run_id": str(message_id), "infrastructure_pid": "host:1"}
        assert await enqueue(tx, KIND, str(message_id), UUID(pool["id"]), queue, target, message_id=message_id)

    await services.database.write(operation)
    return message_id


async def expire(services: Services, message_id: UUID) -> None:
    """Let the lease of a message run out."""
    messages = worker_cleanup_messages
    past = update(messages).where(messages.c.id == message_id)

    async def operation(tx: Transaction) -> None:
        await tx.run(past.values(lease_expires_at=tx.now - timedelta(seconds=1)))

    await services.database.write(operation)


async def answer(socket: Client, message: Json, operation: str, **more: Json) -> Json:
    """Answer a clean-up message and return what the server says to that."""
    payload = {"message_id": message["message_id"], "reservation_token": message["reservation_token"]} | more
    sent = a_frame(f"cleanup.{operation}.v1", **payload)
    await socket.send_json(sent)
    result = await frame(socket)
    assert result["type"] == "cleanup.operation_result.v1"
    assert result["payload"]["request_frame_id"] == sent["id"]
    return result["payload"]


async def message_of(socket: Client) -> Json:
    received = await frame(socket)
    assert received["type"] == "cleanup.message.v1", received
    return received["payload"]


async def test_a_hello_is_answered_with_what_the_worker_needs(base_url: str, client: Api) -> None:
    pool = await new_pool(client)
    asked = ["worker_heartbeat.v1", "work_pool_snapshot.v1", "zzz.v1"]
    consumer = str(uuid4())
    changed: Json = {"consumer_id": consumer, "requested_capabilities": asked, "handled_cleanup_kinds": []}

    async with channel(base_url, pool, **changed, max_cleanup_concurrency=0) as (_, ready):
        stored = (await client.get(f"/work_pools/{pool['name']}")).json
        assert ready == {
            "consumer_id": consumer,
            "worker_id": None,
            "selected_channel_version": "work_pool_worker_channel.v1",
            "effective_heartbeat_interval_seconds": 30,
            "accepted_capabilities": asked[:2],
            "rejected_capabilities": ["zzz.v1"],
            "effective_max_cleanup_concurrency": 0,
            "resolved_work_queues": [{"id": pool["default_queue_id"], "name": "default"}],
            "initial_snapshot": {"snapshot_sequence": 1, "reason": "initial", "work_pool": stored},
        }
        assert stored["status"] == "READY"
        (worker,) = (await client.post(f"/work_pools/{pool['name']}/workers/filter")).json
        assert (worker["name"], worker["status"]) == ("ProcessWorker 1", "ONLINE")


@pytest.mark.parametrize(
    "broken",
    [
        {"requested_capabilities": ["worker_heartbeat.v1"]},
        {"requested_capabilities": []},
        {"supported_channel_versions": []},
        {"requested_capabilities": ["worker_heartbeat.v1", "work_pool_snapshot.v1"]},
        {"handled_cleanup_kinds": ["unheard-of.v1"]},
        {"heartbeat_interval_seconds": 0},
        {"from_the_future": 1},
        {"create_pool_if_not_found": True, "default_base_job_template": {"job_configuration": {}}},
    ],
)
async def test_a_hello_that_breaks_a_rule_ends_the_channel(base_url: str, client: Api, broken: Json) -> None:
    pool = await new_pool(client)
    async with connect(base_url, f"/work_pools/{pool['name']}/workers/connect") as socket:
        await socket.send_json(hello(**broken))
        assert await closing(socket) == (1002, "protocol_error")


@pytest.mark.parametrize("first", ["nonsense", '{"type": "worker.heartbeat.v1"}', "7"])
async def test_anything_else_than_a_hello_ends_the_channel(base_url: str, client: Api, first: str) -> None:
    pool = await new_pool(client)
    async with connect(base_url, f"/work_pools/{pool['name']}/workers/connect") as socket:
        await socket.send_str(first)
        assert await closing(socket) == (1002, "protocol_error")


async def test_an_unknown_version_is_said_so(base_url: str, client: Api) -> None:
    pool = await new_pool(client)
    async with connect(base_url, f"/work_pools/{pool['name']}/workers/connect") as socket:
        await socket.send_json(hello(supported_channel_versions=["work_pool_worker_channel.v9"]))
        assert await closing(socket) == (1008, "unsupported_version")


@pytest.mark.parametrize(
    ("name", "changed"),
    [("no-such-pool", {}), ("prefect-x", {"create_pool_if_not_found": True}), (None, {"work_queue_names": ["nope"]})],
)
async def test_who_may_not_work_there_is_told(base_url: str, client: Api, name: str | None, changed: Json) -> None:
    pool = name or (await new_pool(client))["name"]
    async with connect(base_url, f"/work_pools/{pool}/workers/connect") as socket:
        await socket.send_json(hello(**changed))
        assert await closing(socket) == (1008, "authorization_failed")


async def test_a_worker_makes_its_pool_where_there_is_none(base_url: str, client: Api) -> None:
    template: Json = {"job_configuration": {"command": "{{ command }}"}, "variables": {"properties": {"command": {}}}}
    pool = {"name": unique("pool")}
    asked: Json = {"create_pool_if_not_found": True, "default_base_job_template": template}

    async with channel(base_url, pool, **asked) as (_, ready):
        made = ready["initial_snapshot"]["work_pool"]
    assert (made["type"], made["base_job_template"], made["status"]) == ("process", template, "READY")
    assert (await client.get(f"/work_pools/{pool['name']}")).json["id"] == made["id"]


async def test_an_empty_template_is_filled_in_and_told_to_the_others(base_url: str, client: Api) -> None:
    template: Json = {"job_configuration": {"command": "{{ command }}"}, "variables": {"properties": {"command": {}}}}
    pool = await new_pool(client)
    async with channel(base_url, pool) as (first, _), channel(base_url, pool, default_base_job_template=template):
        told = (await frame(first))["payload"]
        assert (told["snapshot_sequence"], told["reason"]) == (2, "work_pool_updated")
        assert told["work_pool"]["base_job_template"] == template


async def test_changes_of_the_pool_are_told_in_every_process(base_url: str, other_url: str, client: Api) -> None:
    pool = await new_pool(client)
    path = f"/work_pools/{pool['name']}"
    async with channel(base_url, pool) as (here, _), channel(other_url, pool) as (there, _):
        await client.request("PATCH", path, {"concurrency_limit": 3})
        for socket in (here, there):
            told = (await frame(socket))["payload"]
            assert (told["snapshot_sequence"], told["reason"]) == (2, "work_pool_updated")
            assert told["work_pool"] == (await client.get(path)).json
        await client.request("PATCH", path, {"description": "says nothing to a worker"})
        await client.request("PATCH", path, {"is_paused": True})
        for socket in (here, there):
            told = (await frame(socket))["payload"]
            assert (told["snapshot_sequence"], told["work_pool"]["is_paused"]) == (3, True)


async def test_a_worker_of_a_deleted_pool_is_sent_away(base_url: str, client: Api) -> None:
    pool = await new_pool(client)
    async with channel(base_url, pool) as (socket, _):
        assert (await client.request("DELETE", f"/work_pools/{pool['name']}")).status == 204
        assert await closing(socket) == (1008, "authorization_failed")


async def test_a_heartbeat_brings_what_was_missed(base_url: str, client: Api) -> None:
    pool, consumer = await new_pool(client), str(uuid4())
    beat = {"consumer_id": consumer, "worker_name": "ProcessWorker 1", "heartbeat_interval_seconds": 10}
    async with channel(base_url, pool, consumer_id=consumer) as (socket, _):
        await client.request("PATCH", f"/work_pools/{pool['name']}", {"description": "new"})
        await socket.send_json(a_frame("worker.heartbeat.v1", **beat))
        told = (await frame(socket))["payload"]
        assert (told["snapshot_sequence"], told["reason"]) == (2, "heartbeat_reconciliation")
        assert told["work_pool"]["description"] == "new"
        await socket.send_json(a_frame("worker.heartbeat.v1", **(beat | {"worker_name": "another"})))
        assert await closing(socket) == (1002, "protocol_error")
    (worker,) = (await client.post(f"/work_pools/{pool['name']}/workers/filter")).json
    assert worker["heartbeat_interval_seconds"] == 10


async def test_a_second_hello_ends_the_channel(base_url: str, client: Api) -> None:
    pool = await new_pool(client)
    async with channel(base_url, pool) as (socket, _):
        await socket.send_json(hello())
        assert await closing(socket) == (1002, "protocol_error")


async def test_a_message_is_delivered_and_forgotten_when_it_is_done(
    base_url: str, services: Services, client: Api
) -> None:
    pool = await new_pool(client)
    before = await order(services, pool)
    async with channel(base_url, pool) as (socket, _):
        message = await message_of(socket)
        assert (message["message_id"], message["kind"], message["delivery_count"]) == (str(before), KIND.value, 1)
        assert message["target"] == {"flow_run_id": str(before), "infrastructure_pid": "host:1"}
        renewed = await answer(socket, message, "renew")
        assert (renewed["status"], renewed["reason"]) == ("accepted", None)
        assert renewed["lease_expires_at"] >= message["lease_expires_at"]
        wrong = await answer(socket, message | {"reservation_token": "wrong"}, "ack")
        assert (wrong["status"], wrong["reason"]) == ("invalid_token", "reservation_token_mismatch")
        done = await answer(socket, message, "ack")
        assert (done["operation"], done["status"], done["lease_expires_at"]) == ("ack", "accepted", None)
        again = await answer(socket, message, "ack")
        assert (again["status"], again["reason"]) == ("not_found", "message_not_found")


async def test_a_worker_gets_no_more_than_it_takes_at_once(base_url: str, services: Services, client: Api) -> None:
    pool = await new_pool(client)
    ordered = [str(await order(services, pool)) for _ in range(3)]
    async with channel(base_url, pool, max_cleanup_concurrency=2) as (socket, _):
        first, second = await message_of(socket), await message_of(socket)
        assert [first["message_id"], second["message_id"]] == ordered[:2]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(socket.receive()), 0.2)


async def test_a_worker_of_the_queue_comes_first(base_url: str, services: Services, client: Api) -> None:
    pool = await new_pool(client)
    queue = await new_queue(client, pool, "special")
    async with (
        channel(base_url, pool, work_queue_names=["default"]) as (_, _),
        channel(base_url, pool, work_queue_names=["special"]) as (special, ready),
    ):
        assert [each["name"] for each in ready["resolved_work_queues"]] == ["special"]
        for _ in range(3):
            ordered = await order(services, pool, queue_id=queue["id"])
            message = await message_of(special)
            assert message["message_id"] == str(ordered)
            assert (await answer(special, message, "ack"))["status"] == "accepted"


@pytest.mark.one_process("sets the age of a message by the clock of the server's process")
async def test_without_a_worker_of_the_queue_any_other_gets_the_message(
    base_url: str, services: Services, client: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = await new_pool(client)
    queue = await new_queue(client, pool, "special")
    async with channel(base_url, pool, work_queue_names=["default"]) as (socket, _):
        ordered = await order(services, pool, queue_id=queue["id"])
        monkeypatch.setattr(worker_hub, "utc_now", lambda: utc_now() + worker_hub.OTHERS_FIRST)
        announce()
        assert (await message_of(socket))["message_id"] == str(ordered)


async def test_a_message_that_nobody_can_do_is_given_up(base_url: str, services: Services, client: Api) -> None:
    pool = await new_pool(client)
    await order(services, pool)
    async with channel(base_url, pool) as (socket, _):
        for count, status in ((1, "accepted"), (2, "accepted"), (3, "dead_lettered")):
            message = await message_of(socket)
            assert message["delivery_count"] == count
            released = await released_of(socket, message)
            assert released["status"] == status
        assert released["reason"] == "max_delivery_attempts_reached"


async def released_of(socket: Client, message: Json) -> Json:
    return await answer(socket, message, "release", reason="cannot be done here")


async def test_a_lease_that_runs_out_is_given_to_another(base_url: str, services: Services, client: Api) -> None:
    pool = await new_pool(client)
    ordered = await order(services, pool)
    async with channel(base_url, pool) as (silent, _):
        late = await message_of(silent)
        async with channel(base_url, pool) as (other, _):
            await expire(services, ordered)
            announce()
            message = await message_of(other)
            assert (message["message_id"], message["delivery_count"]) == (str(ordered), 2)
            assert (await answer(silent, late, "ack"))["status"] == "invalid_token"
            assert (await answer(other, message, "ack"))["status"] == "accepted"


async def test_only_who_cleans_up_may_answer(base_url: str, services: Services, client: Api) -> None:
    pool = await new_pool(client)
    message = {"message_id": str(uuid4()), "reservation_token": "t"}
    only: Json = {"requested_capabilities": ["worker_heartbeat.v1", "work_pool_snapshot.v1"]}
    async with channel(base_url, pool, **only, handled_cleanup_kinds=[], max_cleanup_concurrency=None) as (socket, _):
        refused = await answer(socket, message, "ack")
        assert (refused["status"], refused["reason"]) == ("unauthorized", "cleanup_delivery_not_accepted")


async def test_a_cancelled_run_is_to_be_cleaned_up_once(services: Services, client: Api) -> None:
    pool = await new_pool(client)
    run_id, state_id = new_id(), new_id()

    async def operation(tx: Transaction) -> bool:
        queue = UUID(pool["default_queue_id"])
        return await enqueue_cancelling_timeout(tx, run_id, state_id, UUID(pool["id"]), queue, "host:1")

    assert await services.database.write(operation)
    assert not await services.database.write(operation)
