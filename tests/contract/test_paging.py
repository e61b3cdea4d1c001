"""Limits, offsets, pages and sorts of every listing (behaviour.md, section 4)."""

from uuid import uuid4

import pytest

from tests.contract.cases import CASE_OF
from tests.contract.listings import BULK, COUNTS, LISTINGS, PAGES, POLLS, SORTS, STATUS_PAGES
from tests.contract.world import World
from tests.support.client import Api
from tests.support.json import Json

TOO_SMALL = {"detail": "Invalid limit: must be greater than or equal to 0."}
TOO_LARGE = {"detail": "Invalid limit: must be less than or equal to 200."}

listing = pytest.mark.parametrize("path", LISTINGS)
page = pytest.mark.parametrize("path", PAGES)
paged = pytest.mark.parametrize("path", [*PAGES, *STATUS_PAGES])


def body_of(path: str, world: World) -> Json:
    """Return the body with which the table calls a path."""
    case = CASE_OF["POST", path]
    assert case.body is not None
    return case.body(world)


@pytest.mark.parametrize("path", [*LISTINGS, *PAGES, *STATUS_PAGES, *POLLS])
@pytest.mark.parametrize(("limit", "error"), [(-1, TOO_SMALL), (201, TOO_LARGE)])
async def test_a_limit_outside_0_to_200_is_refused(api: Api, world: World, path: str, limit: int, error: Json) -> None:
    answer = await api.post(world.fill(path), body_of(path, world) | {"limit": limit})

    assert (answer.status, answer.json) == (422, error)


@pytest.mark.parametrize("path", [*LISTINGS, *POLLS])
async def test_a_limit_of_0_lists_nothing(api: Api, world: World, path: str) -> None:
    answer = await api.post(world.fill(path), body_of(path, world) | {"limit": 0})

    assert (answer.status, answer.json) == (200, [])


@listing
@pytest.mark.parametrize("limit", [200, None])
async def test_the_default_limit_may_be_named_or_null(api: Api, world: World, path: str, limit: int | None) -> None:
    answer = await api.post(world.fill(path), {"limit": limit})

    assert answer.status == 200, answer.body
    assert answer.json


@listing
async def test_a_negative_offset_is_refused(api: Api, world: World, path: str) -> None:
    answer = await api.post(world.fill(path), {"offset": -1})

    assert answer.status == 422
    assert answer.json["exception_detail"][0]["loc"] == ["body", "offset"]


@listing
async def test_an_offset_behind_the_end_lists_nothing(api: Api, world: World, path: str) -> None:
    answer = await api.post(world.fill(path), {"offset": 1_000_000})

    assert (answer.status, answer.json) == (200, [])


@paged
async def test_page_0_is_refused(api: Api, world: World, path: str) -> None:
    answer = await api.post(world.fill(path), {"page": 0})

    assert answer.status == 422
    assert answer.json["exception_detail"][0]["loc"] == ["body", "page"]


@page
async def test_a_page_of_limit_0_has_no_pages(api: Api, world: World, path: str) -> None:
    answer = await api.post(path, {"limit": 0})

    assert answer.status == 200, answer.body
    assert (answer.json["results"], answer.json["pages"]) == ([], 0)
    assert answer.json["count"] >= 1


async def test_pages_cover_a_listing_once(api: Api) -> None:
    tag = f"tag-{uuid4()}"
    names = sorted(f"flow-{uuid4()}" for _ in range(5))
    for name in names:
        await api.created("/flows/", {"name": name, "tags": [tag]})
    wanted = {"flows": {"tags": {"all_": [tag]}}, "limit": 2, "sort": "NAME_ASC"}

    pages = [(await api.post("/flows/paginate", wanted | {"page": number})).json for number in (1, 2, 3, 4)]

    assert [(each["count"], each["pages"], each["page"], each["limit"]) for each in pages] == [
        (5, 3, number, 2) for number in (1, 2, 3, 4)
    ]
    assert [flow["name"] for each in pages for flow in each["results"]] == names


@pytest.mark.parametrize(("path", "sort"), [(path, sort) for path, sorts in SORTS.items() for sort in sorts])
async def test_every_sort_is_understood(api: Api, world: World, path: str, sort: str) -> None:
    answer = await api.post(path, {"sort": sort})

    assert answer.status == 200, answer.body
    assert answer.json


@pytest.mark.parametrize("path", SORTS)
async def test_an_unknown_sort_is_refused(api: Api, path: str) -> None:
    answer = await api.post(path, {"sort": "SHOE_SIZE_ASC"})

    assert answer.status == 422
    assert answer.json["exception_detail"][0]["loc"] == ["body", "sort"]
    assert answer.json["exception_detail"][0]["type"] == "enum"


@pytest.mark.parametrize("path", [*LISTINGS, *PAGES, *COUNTS])
@pytest.mark.parametrize("body", [b"", b"null", b"{}"])
async def test_a_filter_needs_no_body(api: Api, world: World, path: str, body: bytes) -> None:
    answer = await api.request("POST", world.fill(path), body=body)

    assert answer.status == 200, answer.body


@pytest.mark.parametrize("limit", [-1, 51])
async def test_events_come_in_pages_of_at_most_50(api: Api, limit: int) -> None:
    answer = await api.post("/events/filter", {"limit": limit})

    assert answer.status == 422
    assert answer.json["exception_detail"][0]["loc"] == ["body", "limit"]


@pytest.mark.parametrize("path", BULK)
@pytest.mark.parametrize("limit", [0, 51])
async def test_bulk_operations_take_1_to_50(api: Api, path: str, limit: int) -> None:
    state = {"state": {"type": "CANCELLED"}} if path.endswith("set_state") else {}
    answer = await api.post(path, {"limit": limit} | state)

    assert answer.status == 422
    assert answer.json["exception_detail"][0]["loc"] == ["body", "limit"]


async def test_a_history_has_intervals_of_at_least_a_second(api: Api) -> None:
    window = {
        "history_start": "2026-01-01T00:00:00Z", "history_end": "2026-01-01T01:00:00Z", "history_interval_seconds": 0.5,
    }  # fmt: skip
    answer = await api.post("/flow_runs/history", window)

    assert answer.status == 422
    assert answer.json == {"detail": "History interval must not be less than 1 second."}
