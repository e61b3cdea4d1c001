"""Events over REST (behaviour.md, section 18)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from ostinato_core.clock import utc_now
from ostinato_core.ids import new_id
from tests.support.events import iso, plain_event


async def call(base_url: str, path: str, body: Any = None, method: str = "POST") -> tuple[int, Any]:  # Any: JSON
    url = path if path.startswith("http") else base_url + path
    async with aiohttp.ClientSession() as session, session.request(method, url, json=body) as answer:
        return answer.status, await answer.json() if await answer.read() else None


async def read(base_url: str, limit: int = 50, **criteria: Any) -> Any:  # Any: JSON
    status, page = await call(base_url, "/events/filter", {"filter": criteria, "limit": limit})
    assert status == 200, page
    return page


def aged(name: str, seconds: float, **changed: Any) -> dict[str, Any]:  # Any: JSON
    return plain_event(name, occurred=iso(utc_now() - timedelta(seconds=seconds)), **changed)


async def test_an_event_is_readable_at_once_and_whole(base_url: str) -> None:
    name = f"n.{new_id()}"
    event = aged(
        name,
        5,
        related=[{"prefect.resource.id": "a", "prefect.resource.role": "b"}],
        payload={"deep": [1, None, "ä"]},
        follows=str(uuid4()),
    )
    assert await call(base_url, "/events", [event]) == (204, None)
    page = await read(base_url, event={"name": [name]})
    received = page["events"][0].pop("received")
    assert datetime.fromisoformat(received).tzinfo == UTC
    assert page == {"events": [event], "total": 1, "next_page": None}


async def test_an_event_without_a_resource_id_is_refused(base_url: str) -> None:
    status, answer = await call(base_url, "/events", [plain_event(resource={"a": "b"})])
    assert status == 422
    assert "Resources must include the prefect.resource.id label" in answer["exception_detail"][0]["msg"]


@pytest.mark.parametrize("order", ["ASC", "DESC"])
async def test_pages_follow_each_other_while_events_come_in(base_url: str, order: str) -> None:
    name = f"n.{new_id()}"
    # Pairs of the same time: the id decides.
    sent = [aged(name, 100) | {"occurred": f"2026-11-01T00:00:{n // 2:02}Z"} for n in range(7)]
    await call(base_url, "/events", sent)
    page = await read(base_url, 3, event={"name": [name]}, order=order)
    seen = page["events"]
    while page["next_page"]:
        await call(base_url, "/events", [aged(name, 0)])
        status, page = await call(base_url, page["next_page"], method="GET")
        assert (status, page["total"]) == (200, 7)
        seen += page["events"]
    expected = sorted(sent, key=lambda each: (each["occurred"], each["id"]), reverse=order == "DESC")
    assert [each["id"] for each in seen] == [each["id"] for each in expected]


@pytest.mark.parametrize("token", ["nonsense", "", "e30", "eyJmaWx0ZXIiOiB7fX0"])
async def test_a_bad_page_token_is_forbidden(base_url: str, token: str) -> None:
    answer = await call(base_url, f"/events/filter/next?page-token={token}", method="GET")
    assert answer == (403, {"detail": "Forbidden"})


async def test_a_missing_page_token_is_invalid(base_url: str) -> None:
    status, answer = await call(base_url, "/events/filter/next", method="GET")
    assert (status, answer["exception_detail"][0]["loc"]) == (422, ["query", "page-token"])


@pytest.mark.parametrize("limit", [-1, 51])
async def test_limits_are_checked(base_url: str, limit: int) -> None:
    status, answer = await call(base_url, "/events/filter", {"limit": limit})
    assert (status, answer["exception_detail"][0]["loc"]) == (422, ["body", "limit"])


async def test_an_empty_body_reads_everything(base_url: str) -> None:
    await call(base_url, "/events", [aged("anything", 1)])
    status, page = await call(base_url, "/events/filter")
    assert status == 200
    assert page["total"] >= 1
    assert (await read(base_url, 0))["events"] == []


@pytest.mark.parametrize(("order", "expected"), [("DESC", [3, 2]), ("ASC", [0, 1])])
async def test_distinct_keeps_one_event_of_each_resource(base_url: str, order: str, expected: list[int]) -> None:
    name = f"n.{new_id()}"
    sent = [aged(name, 50 - n, resource={"prefect.resource.id": f"r{n % 2}"}) for n in range(4)]
    await call(base_url, "/events", sent)
    page = await read(base_url, event={"name": [name]}, resource={"distinct": True}, order=order)
    assert page["total"] == 2
    assert [each["id"] for each in page["events"]] == [sent[n]["id"] for n in expected]


async def test_counts_by_name_and_by_resource(base_url: str) -> None:
    prefix = f"n.{new_id()}."
    sent = [
        aged(prefix + "b", 40, resource={"prefect.resource.id": "x", "prefect.resource.name": "old"}),
        aged(prefix + "a", 30, resource={"prefect.resource.id": "y", "prefect.name": "why"}),
        aged(prefix + "a", 20, resource={"prefect.resource.id": "x", "prefect.resource.name": "new"}),
        aged(prefix + "c", 10, resource={"prefect.resource.id": "z"}),
    ]
    await call(base_url, "/events", sent)
    body = {"filter": {"event": {"prefix": [prefix]}}}
    _, by_name = await call(base_url, "/events/count-by/event", body)
    assert [(each["value"], each["label"], each["count"]) for each in by_name] == [
        (prefix + "a", prefix + "a", 2), (prefix + "b", prefix + "b", 1), (prefix + "c", prefix + "c", 1),
    ]  # fmt: skip
    assert (by_name[0]["start_time"], by_name[0]["end_time"]) == (sent[1]["occurred"], sent[2]["occurred"])
    _, by_resource = await call(base_url, "/events/count-by/resource", body)
    assert [(each["value"], each["label"], each["count"]) for each in by_resource] == [
        ("x", "new", 2), ("y", "why", 1), ("z", "z", 1),
    ]  # fmt: skip


async def test_counts_in_buckets_of_time(base_url: str) -> None:
    name = f"n.{new_id()}"
    times = ["2026-11-01T05:59:59.999999Z", "2026-11-01T06:00:00Z", "2026-11-02T00:30:00Z", "2024-03-31T23:00:00Z"]
    await call(base_url, "/events", [plain_event(name, occurred=time) for time in times])
    occurred = {"since": "2026-11-01T01:00:00Z", "until": "2026-11-02T01:00:00Z"}
    body: dict[str, Any] = {
        "filter": {"event": {"name": [name]}, "occurred": occurred},
        "time_unit": "hour",
        "time_interval": 6,
    }
    status, buckets = await call(base_url, "/events/count-by/time", body)
    assert status == 200
    assert [(each["value"], each["label"], each["count"], each["end_time"]) for each in buckets] == [
        ("0", "2026-11-01T00:00:00+00:00", 1, "2026-11-01T05:59:59.999999Z"),
        ("1", "2026-11-01T06:00:00+00:00", 1, "2026-11-01T11:59:59.999999Z"),
        ("2", "2026-11-01T12:00:00+00:00", 0, "2026-11-01T17:59:59.999999Z"),
        ("3", "2026-11-01T18:00:00+00:00", 0, "2026-11-01T23:59:59.999999Z"),
        ("4", "2026-11-02T00:00:00+00:00", 1, "2026-11-02T05:59:59.999999Z"),
    ]
    body["filter"] = {
        "event": {"name": [name]},
        "occurred": {"since": "2024-03-31T00:00:00Z", "until": "2024-04-01T12:00:00Z"},
    }
    _, days = await call(base_url, "/events/count-by/day", body)
    assert [(each["label"], each["count"]) for each in days] == [
        ("2024-03-31T00:00:00+00:00", 1), ("2024-04-01T00:00:00+00:00", 0),
    ]  # fmt: skip


async def test_too_many_buckets_are_refused(base_url: str) -> None:
    occurred = {"since": "2026-11-01T00:00:00Z", "until": "2026-11-02T00:00:00Z"}
    body = {"filter": {"occurred": occurred}, "time_unit": "second", "time_interval": 1}
    assert await call(base_url, "/events/count-by/time", body) == (422, {
        "detail": "The given interval would create 86400 buckets, which is too many. Please increase the interval or "
        "reduce the time range to produce 1000 buckets or fewer."
    })  # fmt: skip


async def test_what_cannot_be_counted_by_is_refused(base_url: str) -> None:
    status, answer = await call(base_url, "/events/count-by/colour", {"filter": {}})
    assert (status, answer["exception_detail"][0]["loc"]) == (422, ["path", "countable"])
