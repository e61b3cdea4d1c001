"""Variables and saved searches."""

from uuid import uuid4

import pytest

from tests.support.client import Api
from tests.support.json import Json
from tests.support.recorded import recorded_events


def new_name() -> str:
    return f"v-{uuid4().hex}"


async def test_a_variable_is_read_by_id_and_by_name(api: Api) -> None:
    made = await api.created("/variables/", {"name": new_name(), "value": {"x": [1, None]}, "tags": ["t"]})

    assert (await api.get(f"/variables/{made['id']}")).json == made
    assert (await api.get(f"/variables/name/{made['name']}")).json == made
    assert (made["value"], made["tags"]) == ({"x": [1, None]}, ["t"])


async def test_a_name_is_taken_once(api: Api) -> None:
    name = new_name()
    await api.created("/variables/", {"name": name, "value": 1})
    other = await api.created("/variables/", {"name": new_name(), "value": 1})

    again = await api.post("/variables/", {"name": name, "value": 2})
    renamed = await api.request("PATCH", f"/variables/{other['id']}", {"name": name})

    assert (again.status, again.json) == (409, {"detail": f"A variable with the name '{name}' already exists."})
    assert renamed.status == 409


async def test_only_members_that_are_present_are_written(api: Api) -> None:
    made = await api.created("/variables/", {"name": new_name(), "value": 1, "tags": ["t"]})
    path = f"/variables/name/{made['name']}"

    assert (await api.request("PATCH", path, {"value": None})).status == 204
    assert (await api.request("PATCH", path, {})).status == 204

    found = (await api.get(path)).json
    assert (found["value"], found["tags"]) == (None, ["t"])
    assert found["updated"] > made["updated"]


@pytest.mark.parametrize("members", [{"name": None}, {"tags": None}])
async def test_a_name_or_tags_of_null_are_refused(api: Api, members: Json) -> None:
    made = await api.created("/variables/", {"name": new_name(), "value": 1})

    assert (await api.request("PATCH", f"/variables/{made['id']}", members)).status == 409


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [("A b", 1, 422), ("n" * 256, 1, 422), ("a_-1", "x" * 4999, 422), (None, "x" * 4998, 201), (None, None, 201)],
)
async def test_names_and_values_are_bounded(api: Api, name: str | None, value: Json, status: int) -> None:
    answer = await api.post("/variables/", {"name": name or new_name(), "value": value})

    assert answer.status == status


async def test_variables_are_filtered_counted_and_sorted(api: Api) -> None:
    mark = uuid4().hex
    made = [
        await api.created("/variables/", {"name": f"{letter}-{mark}", "value": 1, "tags": tags})
        for letter, tags in (("b", ["x"]), ("a", ["x", "y"]), ("c", []))
    ]
    named = {"name": {"like_": mark.upper()}}

    async def names(**body: Json) -> list[str]:
        return [found["name"][0] for found in (await api.post("/variables/filter", body)).json]

    assert await names(variables=named) == ["a", "b", "c"]
    assert await names(variables=named, sort="NAME_DESC", limit=2) == ["c", "b"]
    assert await names(variables=named, sort="CREATED_DESC", offset=1) == ["a", "b"]
    assert await names(variables={**named, "tags": {"all_": ["x"]}}) == ["a", "b"]
    assert await names(variables={**named, "tags": {"is_null_": True}}) == ["c"]
    either = {"operator": "or_", "id": {"any_": [made[0]["id"]]}, "name": {"any_": [made[2]["name"]]}}
    assert await names(variables=either) == ["b", "c"]
    assert (await api.post("/variables/count", {"variables": named})).json == 3


async def test_changes_are_told(api: Api) -> None:
    made = await api.created("/variables/", {"name": new_name(), "value": 1})
    await api.request("PATCH", f"/variables/{made['id']}", {"value": 2})
    assert (await api.request("DELETE", f"/variables/{made['id']}")).status == 204
    assert (await api.request("DELETE", f"/variables/name/{made['name']}")).status == 404

    told = await recorded_events(api, f"prefect.variable.{made['id']}", 3)

    assert [(event["event"].rpartition(".")[2], event["payload"]["value"]) for event in told] == [
        ("created", 1),
        ("updated", 2),
        ("deleted", 2),
    ]


async def test_a_search_keeps_its_filters_until_they_are_replaced(api: Api) -> None:
    name = f"s-{uuid4()}"
    criterion = {"object": "flow", "property": "name", "type": "string", "operation": "equals", "value": "x"}

    first = await api.request("PUT", "/saved_searches/", {"name": name, "filters": [criterion]})
    second = await api.request("PUT", "/saved_searches/", {"name": name})

    assert (first.status, first.json["filters"]) == (201, [criterion])
    assert (second.status, second.json["filters"], second.json["id"]) == (200, [], first.json["id"])
    listed = (await api.post("/saved_searches/filter")).json
    assert [search["name"] for search in listed] == sorted(search["name"] for search in listed)
    path = f"/saved_searches/{first.json['id']}"
    assert (await api.get(path)).json == second.json
    assert (await api.request("DELETE", path)).status == 204
    assert (await api.get(path)).json == {"detail": "Saved search not found"}
