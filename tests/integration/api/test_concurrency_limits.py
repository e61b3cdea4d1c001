"""Concurrency limits with slots that are taken with a lease or without, and what they refuse."""

import asyncio
import time
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from ostinato_core.settings import ServerSettings
from tests.support.client import Answer, Api
from tests.support.database import query, settings_of
from tests.support.json import Json
from tests.support.ports import wait_until
from tests.support.server import Server

pytestmark = pytest.mark.replicas

V2 = "/v2/concurrency_limits"
UNKNOWN = "00000000-0000-4000-8000-000000000001"


async def new_limit(api: Api, limit: int = 1, **members: Json) -> Json:
    """Make a limit with a name of its own."""
    return await api.created(f"{V2}/", {"name": f"limit-{uuid4()}", "limit": limit, **members})


async def lease(api: Api, *names: str, slots: int = 1, **members: Json) -> Answer:
    """Ask for slots with a lease."""
    return await api.post(f"{V2}/increment-with-lease", {"names": list(names), "slots": slots, **members})


async def take(api: Api, *names: str, slots: int = 1, **members: Json) -> Answer:
    """Ask for slots without a lease."""
    return await api.post(f"{V2}/increment", {"names": list(names), "slots": slots, **members})


async def in_use(api: Api, name: str) -> int:
    """Return how many slots of a limit are in use."""
    return (await api.get(f"{V2}/{name}")).json["active_slots"]


def expire(server: Server, lease_id: str) -> None:
    """Let a lease have expired a minute ago."""
    settings: ServerSettings = settings_of(server.database_url, server.home)
    id_ = lease_id if "postgresql" in server.database_url else lease_id.replace("-", "")
    expires = "now() - interval '60 s'" if "postgresql" in server.database_url else "created - 60000000"
    query(settings, f"UPDATE concurrency_leases SET expires = {expires} WHERE lease_id = '{id_}'")


async def test_a_limit_is_made_read_changed_and_deleted(api: Api) -> None:
    made = await new_limit(api, 3, active_slots=2, denied_slots=1)
    assert made | {"id": 0, "created": 0, "updated": 0, "name": 0} == {
        "id": 0, "created": 0, "updated": 0, "name": 0, "active": True, "limit": 3, "active_slots": 2,
        "denied_slots": 1, "slot_decay_per_second": 0.0, "avg_slot_occupancy_seconds": 2.0,
    }  # fmt: skip
    for key in (made["id"], made["name"]):
        found = (await api.get(f"{V2}/{key}")).json
        assert found == {name: made[name] for name in found}
        assert set(made) - set(found) == {"denied_slots", "avg_slot_occupancy_seconds"}
    changed = await api.request("PATCH", f"{V2}/{made['name']}", {"limit": 5, "active_slots": 0})
    assert changed.status == 204
    found = (await api.get(f"{V2}/{made['id']}")).json
    assert (found["limit"], found["active_slots"]) == (5, 0)
    assert (await api.request("DELETE", f"{V2}/{made['id']}")).status == 204
    for method in ("GET", "DELETE"):
        missing = await api.request(method, f"{V2}/{made['name']}")
        assert (missing.status, missing.json) == (404, {"detail": "Concurrency Limit not found"})


async def test_names_are_unique_and_nothing_is_null(api: Api) -> None:
    made, other = await new_limit(api), await new_limit(api)
    assert (await api.post(f"{V2}/", {"name": made["name"], "limit": 1})).status == 409
    assert (await api.request("PATCH", f"{V2}/{other['id']}", {"name": made["name"]})).status == 409
    for member in ("active", "limit", "active_slots", "denied_slots", "slot_decay_per_second"):
        assert (await api.request("PATCH", f"{V2}/{made['id']}", {member: None})).status == 409


@pytest.mark.parametrize(
    "body", [{"limit": 1}, {"name": "a/b", "limit": 1}, {"name": "x", "limit": -1}, {"name": "x", "limit": 2**40}]
)
async def test_a_limit_that_does_not_fit_is_refused(api: Api, body: Json) -> None:
    assert (await api.post(f"{V2}/", body)).status == 422


async def test_limits_are_listed_in_order_of_their_names(api: Api) -> None:
    made = [await new_limit(api) for _ in range(3)]
    listed = (await api.post(f"{V2}/filter", {"limit": 200})).json
    names = [limit["name"] for limit in listed]
    assert names == sorted(names)
    assert {limit["name"] for limit in made} <= set(names)
    assert (await api.post(f"{V2}/filter", {"limit": 1, "offset": 1})).json == listed[1:2]


async def test_a_full_limit_answers_423_and_when_to_come_again(api: Api) -> None:
    name = (await new_limit(api, 2))["name"]
    granted = await lease(api, name, "unknown", slots=2)
    assert [limit["name"] for limit in granted.json["limits"]] == [name]
    assert await in_use(api, name) == 2

    denied = await take(api, name)

    assert (denied.status, denied.json) == (423, {"detail": "Locked"})
    assert 0.7 <= float(denied.headers["Retry-After"]) <= 1.3
    released = await api.post(f"{V2}/decrement-with-lease", {"lease_id": granted.json["lease_id"]})
    assert released.status == 204
    assert await in_use(api, name) == 0
    assert (await take(api, name)).status == 200


async def test_who_is_denied_more_often_is_told_to_wait_longer_up_to_30_seconds(api: Api) -> None:
    name = (await new_limit(api, 1))["name"]
    assert (await take(api, name)).status == 200
    waits = [float((await take(api, name)).headers["Retry-After"]) for _ in range(40)]
    assert waits[0] <= 2.6
    assert 30 * 0.7 <= waits[-1] <= 30 * 1.3


async def test_slots_of_several_limits_are_taken_all_or_none(api: Api) -> None:
    one, two = (await new_limit(api, 1))["name"], (await new_limit(api, 2))["name"]
    assert (await lease(api, one, two)).status == 200
    assert (await lease(api, two, one)).status == 423
    assert (await in_use(api, one), await in_use(api, two)) == (1, 1)
    assert (await take(api, two)).status == 200


async def test_what_can_never_be_granted_is_invalid(api: Api) -> None:
    name = (await new_limit(api, 1))["name"]
    too_many = await take(api, name, slots=2)
    assert (too_many.status, too_many.json["detail"]) == (422, "Slots requested is greater than the limit")
    without = await lease(api, name, mode="rate_limit")
    assert without.status == 422
    assert without.json["detail"].endswith(f"do not have a decay configured: '{name}'")
    for body in ({"names": [name], "slots": 0}, {"names": [name]}, {"names": [name], "slots": 1, "mode": "x"}):
        assert (await api.post(f"{V2}/increment", body)).status == 422
    assert (await lease(api, name, lease_duration=59)).status == 422
    assert (await lease(api, name, holder={"type": "person", "id": UNKNOWN})).status == 422


async def test_unknown_and_inactive_limits_are_always_free(api: Api) -> None:
    assert (await take(api, "unknown")).json == []
    assert (await take(api)).json == []
    granted = await lease(api, "unknown")
    assert granted.json["limits"] == []
    assert (await api.post(f"{V2}/leases/{granted.json['lease_id']}/renew", {})).status == 204
    idle = await new_limit(api, 0, active=False)
    assert [limit["name"] for limit in (await lease(api, idle["name"], slots=5)).json["limits"]] == [idle["name"]]
    assert (await api.post(f"{V2}/decrement", {"names": ["unknown"], "slots": 1})).json == []


async def test_slots_without_a_lease_are_given_back_down_to_none(api: Api) -> None:
    limit = await new_limit(api, 3)
    assert (await take(api, limit["name"], slots=2)).json == [{"id": limit["id"], "name": limit["name"], "limit": 3}]
    body = {"names": [limit["name"], "unknown"], "slots": 1, "occupancy_seconds": 4}
    assert (await api.post(f"{V2}/decrement", body)).json == [{"id": limit["id"], "name": limit["name"], "limit": 3}]
    assert await in_use(api, limit["name"]) == 1
    await api.post(f"{V2}/decrement", {**body, "slots": 7})
    assert await in_use(api, limit["name"]) == 0


async def test_a_lease_that_has_expired_counts_no_more(api: Api, server: Server) -> None:
    name = (await new_limit(api, 1))["name"]
    first = (await lease(api, name)).json["lease_id"]
    await asyncio.to_thread(expire, server, first)
    assert await in_use(api, name) == 0

    second = await lease(api, name)

    assert (second.status, await in_use(api, name)) == (200, 1)
    gone = await api.post(f"{V2}/leases/{first}/renew", {})
    assert (gone.status, gone.json["detail"]) == (410, "Lease not found - it may have expired or been revoked")
    await api.post(f"{V2}/decrement-with-lease", {"lease_id": first})
    assert await in_use(api, name) == 1


async def test_an_expired_lease_whose_slots_nobody_took_can_be_renewed(api: Api, server: Server) -> None:
    name = (await new_limit(api, 2))["name"]
    first = (await lease(api, name)).json["lease_id"]
    await asyncio.to_thread(expire, server, first)
    assert (await lease(api, name)).status == 200
    assert (await api.post(f"{V2}/leases/{first}/renew", {"lease_duration": 60})).status == 204
    assert (await in_use(api, name), (await lease(api, name)).status) == (2, 423)


async def test_leases_that_are_not_there(api: Api) -> None:
    assert (await api.post(f"{V2}/decrement-with-lease", {"lease_id": UNKNOWN})).status == 204
    assert (await api.post(f"{V2}/leases/{UNKNOWN}/renew", {"lease_duration": 60})).status == 410
    assert (await api.post(f"{V2}/leases/abc/renew", {})).status == 422
    assert (await api.post(f"{V2}/leases/{UNKNOWN}/renew", {"lease_duration": 1})).status == 422


async def test_to_lower_the_active_slots_frees_the_oldest_leases(api: Api) -> None:
    name = (await new_limit(api, 3))["name"]
    held = [(await lease(api, name)).json["lease_id"] for _ in range(3)]
    await api.request("PATCH", f"{V2}/{name}", {"active_slots": 1})
    assert await in_use(api, name) == 1
    renewed = [(await api.post(f"{V2}/leases/{id_}/renew", {})).status for id_ in held]
    assert renewed == [410, 410, 204]
    await api.request("PATCH", f"{V2}/{name}", {"active_slots": 3})
    assert (await in_use(api, name), (await take(api, name)).status) == (3, 423)


async def test_a_rate_limit_lets_slots_go_with_time(api: Api) -> None:
    name = (await new_limit(api, 4, slot_decay_per_second=20))["name"]
    assert (await take(api, name, slots=4, mode="rate_limit")).status == 200
    denied = await take(api, name, slots=4, mode="rate_limit")
    if denied.status == 423:
        assert float(denied.headers["Retry-After"]) < 1

    async def drained() -> bool:
        return await in_use(api, name) == 0

    await wait_until(drained, seconds=5, what="the slots to drain")
    held = (await lease(api, name, slots=3, mode="rate_limit")).json["lease_id"]
    await api.post(f"{V2}/decrement-with-lease", {"lease_id": held})
    assert await in_use(api, name) == 0


async def test_events_tell_of_limits_but_not_of_slots(api: Api) -> None:
    limit = await new_limit(api, 2)
    await api.request("PATCH", f"{V2}/{limit['id']}", {"limit": 3})
    await lease(api, limit["name"])
    await api.request("DELETE", f"{V2}/{limit['id']}")
    wanted = {"filter": {"resource": {"id": [f"prefect.concurrency-limit.{limit['id']}"]}, "order": "ASC"}}

    async def three() -> list[Any] | None:
        found = (await api.post("/events/filter", wanted)).json["events"]
        return found if len(found) >= 3 else None

    events = await wait_until(three, what="three events")
    assert events is not None
    assert [event["event"].rpartition(".")[2] for event in events] == ["created", "updated", "deleted"]
    assert events[1]["payload"] == {"name": limit["name"], "limit": 3, "active": True, "slot_decay_per_second": 0.0}
    assert events[1]["resource"]["prefect.resource.name"] == limit["name"]


async def test_the_ledger_tells_who_holds_slots_since_when_and_until_when(api: Api) -> None:
    limit = await new_limit(api, 5)
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    run = await api.created("/flow_runs/", {"flow_id": flow["id"], "name": "ivory-fox", "state": {"type": "RUNNING"}})
    by_run = {"type": "flow_run", "id": run["id"]}
    first = (await lease(api, limit["name"], slots=2, holder=by_run)).json["lease_id"]
    second = (await lease(api, limit["name"], lease_duration=60)).json["lease_id"]
    await take(api, limit["name"])
    assert (await lease(api, limit["name"], slots=3)).status == 423

    ledger = (await api.get(f"{V2}/{limit['name']}/leases")).json

    held = {each["lease_id"]: each for each in ledger["leases"]}
    assert list(held) == [first, second]
    assert [held[first][member] for member in ("slots", "holder", "name", "state_type")] == [
        2, by_run, "ivory-fox", "RUNNING",
    ]  # fmt: skip
    assert held[second]["holder"] is None
    assert held[second]["since"] < held[second]["until"]
    counts = {name: ledger[name] for name in ("lease_count", "leased_slots", "unleased_slots")}
    assert (counts, ledger["limit"]["active_slots"]) == (
        {"lease_count": 2, "leased_slots": 3, "unleased_slots": 1.0}, 4,
    )  # fmt: skip
    assert 0 < ledger["denied_slots"] <= 3
    page = (await api.get(f"{V2}/{limit['id']}/leases?limit=1&offset=1")).json
    assert ([each["lease_id"] for each in page["leases"]], page["lease_count"]) == ([second], 2)


async def test_slots_are_taken_away_by_their_lease_and_an_event_tells_of_it(api: Api) -> None:
    one, other = await new_limit(api), await new_limit(api)
    held = (await lease(api, one["name"], other["name"], holder={"type": "task_run", "id": UNKNOWN})).json["lease_id"]

    assert (await api.request("DELETE", f"{V2}/leases/{held}")).status == 204

    assert (await in_use(api, one["name"]), await in_use(api, other["name"])) == (0, 0)
    assert (await api.post(f"{V2}/leases/{held}/renew", {})).status == 410
    assert (await api.request("DELETE", f"{V2}/leases/{held}")).status == 404
    resource = {"id": [f"prefect.concurrency-limit.{each['id']}" for each in (one, other)]}
    wanted = {"filter": {"resource": resource, "event": {"name": ["prefect.concurrency-limit.lease-revoked"]}}}

    async def told() -> list[Any] | None:
        found = (await api.post("/events/filter", wanted)).json["events"]
        return found if len(found) == 2 else None

    events = await wait_until(told, what="an event of each limit")
    assert events is not None
    assert {event["payload"]["lease_id"] for event in events} == {held}
    assert events[0]["related"] == [
        {"prefect.resource.id": f"prefect.task-run.{UNKNOWN}", "prefect.resource.role": "task-run"}
    ]


async def test_a_ledger_of_no_limit(api: Api) -> None:
    assert (await api.get(f"{V2}/no-such-limit/leases")).status == 404
    assert (await api.get(f"{V2}/no-such-limit/leases?limit=100000")).status == 422


async def test_of_200_clients_at_once_as_many_are_granted_as_there_are_slots(api: Api) -> None:
    name = (await new_limit(api, 7))["name"]

    answers = await asyncio.gather(*(lease(api, name) for _ in range(200)))

    assert Counter(answer.status for answer in answers) == {200: 7, 423: 193}
    assert await in_use(api, name) == 7


async def test_200_clients_that_come_and_go_never_hold_more_than_the_limit(api: Api) -> None:
    limit = 7
    name = (await new_limit(api, limit))["name"]
    held, most, answers = 0, 0, Counter[int]()

    async def client() -> None:
        nonlocal held, most
        for _ in range(5):
            answer = await lease(api, name)
            answers[answer.status] += 1
            if answer.status == 200:
                held += 1
                most = max(most, held)
                assert await in_use(api, name) <= limit
                held -= 1
                await api.post(f"{V2}/decrement-with-lease", {"lease_id": answer.json["lease_id"]})

    await asyncio.gather(*(client() for _ in range(200)))

    assert set(answers) == {200, 423}
    assert sum(answers.values()) == 1000
    assert 1 < most <= limit
    assert await in_use(api, name) == 0


async def test_clients_of_overlapping_limits_do_not_block_each_other(api: Api) -> None:
    names = [(await new_limit(api, 3))["name"] for _ in range(4)]
    answers = Counter[int]()
    began = time.monotonic()

    async def client(number: int) -> None:
        wanted = [names[number % 4], names[(number + 1 + number % 3) % 4]]
        for _ in range(3):
            answer = await lease(api, *wanted)
            answers[answer.status] += 1
            if answer.status == 200:
                await api.post(f"{V2}/decrement-with-lease", {"lease_id": answer.json["lease_id"]})

    await asyncio.gather(*(client(number) for number in range(60)))

    assert set(answers) <= {200, 423}
    assert answers[200] > 4
    assert [await in_use(api, name) for name in names] == [0, 0, 0, 0]
    assert time.monotonic() - began < 20
