"""Incidents: declared, changed, resolved and reopened, with an event for each (cloud.md, "Incidents")."""

from uuid import uuid4

import orjson
import pytest

from ostinato_core.ids import new_id
from tests.support.client import Api
from tests.support.json import Json
from tests.support.recorded import recorded_events

KIND = "prefect-cloud.incident"


async def declared(api: Api, **members: Json) -> Json:
    return await api.created("/incidents/", {"name": f"incident-{uuid4().hex}"} | members)


async def told(api: Api, incident: Json, count: int) -> list[Json]:
    """Return the events of an incident, with times in their payloads as the API writes them."""
    events = await recorded_events(api, f"{KIND}.{incident['id']}", count)
    return [
        {**event, "payload": orjson.loads(orjson.dumps(event["payload"]).replace(b"+00:00", b"Z"))} for event in events
    ]


async def test_an_incident_is_declared_with_all_its_members(api: Api) -> None:
    run = {"prefect.resource.id": f"prefect.flow-run.{uuid4()}", "prefect.resource.name": "nightly"}

    made = await declared(
        api, severity="critical", summary="Nothing runs", start_time="2026-11-22T05:00:00+01:00",
        tags=["etl", "etl", "night"], related_resources=[run],
    )  # fmt: skip

    assert (await api.get(f"/incidents/{made['id']}")).json == made
    assert (made["status"], made["severity"], made["summary"]) == ("open", "critical", "Nothing runs")
    assert (made["start_time"], made["end_time"], made["tags"]) == ("2026-11-22T04:00:00Z", None, ["etl", "night"])
    (event,) = await told(api, made, 1)
    assert event["event"] == f"{KIND}.declared"
    assert event["resource"] == {
        "prefect.resource.id": f"{KIND}.{made['id']}", "prefect.resource.name": made["name"],
        f"{KIND}.status": "open", f"{KIND}.severity": "critical",
    }  # fmt: skip
    assert [(each["prefect.resource.id"], each["prefect.resource.role"]) for each in event["related"]] == [
        (run["prefect.resource.id"], "affected"), ("prefect.tag.etl", "tag"), ("prefect.tag.night", "tag"),
    ]  # fmt: skip
    assert event["payload"] == made


async def test_an_incident_has_defaults(api: Api) -> None:
    made = await declared(api)

    assert (made["severity"], made["summary"], made["tags"], made["related_resources"]) == ("moderate", "", [], [])
    assert made["start_time"] == made["created"]


@pytest.mark.parametrize(
    "members",
    [{"name": ""}, {"severity": "awful"}, {"related_resources": [{"a": "b"}]}, {"summary": "x" * 65_537}],
)
async def test_what_is_wrong_is_refused(api: Api, members: Json) -> None:
    assert (await api.post("/incidents/", {"name": "n"} | members)).status == 422


async def test_each_member_that_changes_is_told(api: Api) -> None:
    made = await declared(api, tags=["a"])
    changes = {
        "name": "other", "summary": "s", "severity": "low", "start_time": "2026-11-20T00:00:00Z",
        "related_resources": [{"prefect.resource.id": "x"}], "tags": [],
    }  # fmt: skip

    assert (await api.request("PATCH", f"/incidents/{made['id']}", changes)).status == 204
    assert (await api.request("PATCH", f"/incidents/{made['id']}", changes)).status == 204

    found = (await api.get(f"/incidents/{made['id']}")).json
    assert {name: found[name] for name in changes} == changes
    events = await told(api, made, 7)
    assert {event["event"]: event["payload"] for event in events[1:]} == {
        f"{KIND}.updated.{name}": {"from": made[name], "to": value} for name, value in changes.items()
    }


async def test_an_incident_is_resolved_and_reopened(api: Api) -> None:
    made = await declared(api)
    path = f"/incidents/{made['id']}"

    resolved = (await api.post(f"{path}/resolve")).json
    again = await api.post(f"{path}/resolve")
    reopened = (await api.post(f"{path}/reopen")).json
    still = await api.post(f"{path}/reopen")

    assert (resolved["status"], resolved["end_time"]) == ("resolved", resolved["updated"])
    assert (reopened["status"], reopened["end_time"]) == ("open", None)
    assert (again.status, again.json) == (409, {"detail": "The incident is resolved already."})
    assert (still.status, still.json) == (409, {"detail": "The incident is open already."})
    events = await told(api, made, 3)
    assert [event["event"].rpartition(".")[2] for event in events] == ["declared", "resolved", "reopened"]
    assert events[1]["resource"][f"{KIND}.status"] == "resolved"


async def test_an_incident_ends_after_it_has_begun(api: Api) -> None:
    made = await declared(api)
    path = f"/incidents/{made['id']}"

    too_early = await api.post(f"{path}/resolve", {"end_time": "2020-01-01T00:00:00Z"})
    await api.post(f"{path}/resolve")
    too_late = await api.request("PATCH", path, {"start_time": "2099-01-01T00:00:00Z"})

    for answer in (too_early, too_late):
        assert (answer.status, answer.json) == (422, {"detail": "'end_time' must not be before 'start_time'."})


async def test_comments_are_kept_in_order_and_told(api: Api) -> None:
    made = await declared(api)
    path = f"/incidents/{made['id']}/comments"

    comments = [await api.created(path, {"text": text}) for text in ("first", "second")]

    assert (await api.get(path)).json == comments
    assert [comment["text"] for comment in comments] == ["first", "second"]
    assert (await api.post(path, {"text": ""})).status == 422
    events = await told(api, made, 3)
    assert [event["payload"]["comment"] for event in events[1:]] == comments
    assert events[1]["event"] == f"{KIND}.comment.added"


async def test_what_is_not_there_is_not_found(api: Api) -> None:
    path = f"/incidents/{new_id()}"

    answers = [
        await api.get(path), await api.request("PATCH", path, {"name": "n"}), await api.post(f"{path}/resolve"),
        await api.post(f"{path}/reopen"), await api.get(f"{path}/comments"),
        await api.post(f"{path}/comments", {"text": "t"}),
    ]  # fmt: skip

    assert {(answer.status, answer.json["detail"]) for answer in answers} == {(404, "Incident not found.")}


async def test_incidents_are_filtered_counted_and_sorted(api: Api) -> None:
    mark = uuid4().hex
    for letter, severity, hour in (("b", "low", 2), ("a", "high", 3), ("c", "high", 1)):
        made = await declared(
            api, name=f"{letter}-{mark}", severity=severity, tags=[letter], start_time=f"2026-11-22T0{hour}:00:00Z"
        )
    await api.post(f"/incidents/{made['id']}/resolve")
    named = {"name": {"like_": mark}}

    async def names(**body: Json) -> str:
        return "".join(found["name"][0] for found in (await api.post("/incidents/filter", body)).json)

    assert await names(incidents=named) == "abc"
    assert await names(incidents=named, sort="START_TIME_ASC", offset=1) == "ba"
    assert await names(incidents=named, sort="NAME_ASC", limit=2) == "ab"
    assert await names(incidents={**named, "status": {"any_": ["open"]}}) == "ab"
    assert await names(incidents={**named, "severity": {"any_": ["high", "critical"]}}) == "ac"
    assert await names(incidents={**named, "tags": {"any_": ["b", "c"]}}) == "bc"
    assert await names(incidents={**named, "start_time": {"after_": "2026-11-22T02:00:00Z"}}) == "ab"
    assert (await api.post("/incidents/count", {"incidents": named})).json == 3
    await declared(api, name=f"d-{mark}", start_time="2026-11-21T00:00:00Z")
    assert await names(incidents=named, sort="STATUS_ASC") == "abdc"


async def test_an_automation_may_declare_incidents(api: Api) -> None:
    trigger = {"type": "event", "posture": "Reactive", "expect": ["thing.happened"]}
    body = {"name": f"a-{uuid4()}", "trigger": trigger, "actions": [{"type": "declare-incident"}]}

    assert (await api.created("/automations/", body))["actions"] == [{"type": "declare-incident"}]
