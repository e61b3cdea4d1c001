"""What a schedule comes to before it is stored: its next instants on its zone's clock, and what is wrong with it."""

import pytest

from tests.support.client import Api
from tests.support.json import Json

START = "2026-03-28T00:00:00Z"


async def preview(api: Api, schedule: Json, **more: Json) -> Json:
    answer = await api.post("/schedules/preview", {"schedule": schedule, "start": START} | more)
    assert answer.status == 200
    return answer.json


async def test_instants_on_the_clock_of_the_zone_tell_when_it_is_put_forward(api: Api) -> None:
    found = await preview(api, {"cron": "30 9 * * *", "timezone": "Europe/Berlin"}, count=3)
    assert found["timezone"] == "Europe/Berlin"
    assert found["is_over"] is False
    assert [(each["shown"], each["zone"], each["clock_change"]) for each in found["instants"]] == [
        ("2026-03-28T09:30:00+01:00", "CET", 0),
        ("2026-03-29T09:30:00+02:00", "CEST", 3600),
        ("2026-03-30T09:30:00+02:00", "CEST", 0),
    ]
    assert found["instants"][1]["time"] == "2026-03-29T07:30:00Z"


async def test_a_time_that_the_clock_leaves_out_is_shown_as_what_becomes_of_it(api: Api) -> None:
    found = await preview(api, {"cron": "30 2 29 3 *", "timezone": "Europe/Berlin"}, count=1)
    assert found["instants"][0]["shown"] in ("2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00")


async def test_each_kind(api: Api) -> None:
    interval = {"interval": 5400, "anchor_date": "2026-01-01T00:00:00Z", "timezone": "Asia/Singapore"}
    found = await preview(api, interval, count=2)
    assert [each["shown"] for each in found["instants"]] == ["2026-03-28T08:00:00+08:00", "2026-03-28T09:30:00+08:00"]
    rule = {"rrule": "DTSTART:20260328T090000\nFREQ=DAILY;COUNT=2", "timezone": "UTC"}
    found = await preview(api, rule)
    assert (len(found["instants"]), found["is_over"]) == (2, True)


@pytest.mark.parametrize(
    ("schedule", "place"),
    [
        ({"cron": "61 * * * *"}, "cron.cron"),
        ({"rrule": "FREQ=NEVER"}, "rrule.rrule"),
        ({"interval": 0}, "interval.interval"),
        ({"cron": "0 9 * * *", "timezone": "Mars/Olympus"}, "cron.timezone"),
    ],
)
async def test_what_is_wrong_names_the_member(api: Api, schedule: Json, place: str) -> None:
    answer = await api.post("/schedules/preview", {"schedule": schedule})
    assert answer.status == 422
    assert [each["loc"] for each in answer.json["exception_detail"]] == [["body", "schedule", *place.split(".")]]


async def test_a_schedule_of_no_kind_is_told_what_it_needs(api: Api) -> None:
    answer = await api.post("/schedules/preview", {"schedule": {"every": 5}})
    assert answer.status == 422
    assert "interval (seconds), cron or rrule" in answer.json["exception_detail"][0]["msg"]


async def test_all_time_zones_are_known(api: Api) -> None:
    names = (await api.get("/schedules/time_zones")).json
    assert {"Asia/Singapore", "Asia/Kolkata", "Europe/Berlin", "UTC"} <= set(names)
