"""Every operation of the contract against the running server: route, status, body, missing objects, bad bodies."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.contract.cases import CASES, Case
from tests.contract.contract import has_body, missing_members, operations, requires_body, schema_of, violations
from tests.contract.world import World
from tests.support.client import Answer, Api
from tests.support.json import Json, is_array, is_object
from tests.support.server import Server

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
with_id = pytest.mark.parametrize("case", [case for case in CASES if "{id}" in case.operation[1]], ids=lambda c: c.id)
with_missing = pytest.mark.parametrize("case", [case for case in CASES if case.missing], ids=lambda case: case.id)
with_body = pytest.mark.parametrize("case", [case for case in CASES if case.body], ids=lambda case: case.id)


async def call(api: Api, case: Case, world: World, json: Json = None, path: str | None = None) -> Answer:
    """Send the request of `case`, with its own body unless `json` is given."""
    method, template = case.operation
    content = json if json is not None or case.body is None else case.body(world)
    return await api.request(method, path or world.fill(template), content, params=case.query(world))


def unknown(template: str) -> str:
    """Fill a path with an id and a name that no object has."""
    names = {"id": uuid4(), "schedule_id": uuid4(), "lease_id": uuid4(), "key": "no-key"}
    names |= {each: f"no-{uuid4()}" for each in ("name", "flow_name", "deployment_name", "id_or_name", "tag")}
    return template.format(**{"countable": "day", **names})


def test_the_table_names_every_operation_of_the_contract() -> None:
    assert sorted(case.operation for case in CASES) == sorted(operations())
    assert all(has_body(case.operation) == (case.body is not None) for case in CASES)


@every_case
async def test_operation_answers_with_the_status_and_the_schema_of_the_contract(
    api: Api, world: World, case: Case
) -> None:
    answer = await call(api, case, world)

    assert answer.status == case.status, answer.body
    if answer.status == 204:
        assert answer.body == b""
        return
    assert answer.headers["Content-Type"].split(";")[0] == case.media_type
    uri = schema_of(case.operation)
    if answer.status in (200, 201) and uri and case.media_type == "application/json":
        assert violations(uri, answer.json) == []
        assert list(missing_members(uri, answer.json)) == []


@with_missing
async def test_a_missing_object_answers_404_in_the_style_of_its_route(api: Api, world: World, case: Case) -> None:
    answer = await call(api, case, world, path=unknown(case.operation[1]))

    assert answer.status == 404, answer.body
    assert list(answer.json) == [case.missing]
    assert isinstance(answer.json[case.missing], str)


@with_id
async def test_an_id_that_is_no_uuid_is_no_route(api: Api, world: World, case: Case) -> None:
    path = case.operation[1].replace("{id}", "no-uuid").replace("{key}", "k")
    answer = await call(api, case, world, path=path)

    assert (answer.status, answer.json) == (404, {"detail": "Not Found"})


@with_body
async def test_malformed_json_answers_422_in_the_shape_of_the_reference(api: Api, world: World, case: Case) -> None:
    method, template = case.operation
    answer = await api.request(method, world.fill(template), body=b'{"name": ')

    assert answer.status == 422, answer.body
    assert answer.json["exception_message"] == "Invalid request received."
    assert answer.json["request_body"] == '{"name": '
    (detail,) = answer.json["exception_detail"]
    assert detail["type"] == "json_invalid"
    assert detail["loc"][0] == "body"


@with_body
async def test_a_body_of_the_wrong_type_answers_422_and_says_where(api: Api, world: World, case: Case) -> None:
    answer = await call(api, case, world, json=7)

    assert answer.status == 422, answer.body
    assert answer.json["exception_message"] == "Invalid request received."
    assert answer.json["request_body"] == 7
    assert answer.json["exception_detail"]
    for detail in answer.json["exception_detail"]:
        assert detail["loc"][0] == "body"
        assert isinstance(detail["type"], str)
        assert isinstance(detail["msg"], str)


@pytest.mark.parametrize("case", [c for c in CASES if c.body and requires_body(c.operation)], ids=lambda c: c.id)
async def test_a_required_body_that_is_absent_answers_422(api: Api, world: World, case: Case) -> None:
    method, template = case.operation
    answer = await api.request(method, world.fill(template))

    assert answer.status == 422, answer.body
    assert answer.json["exception_detail"][0]["type"] == "missing"


@with_body
async def test_unknown_members_of_a_request_are_accepted(api: Api, server: Server, world: World, case: Case) -> None:
    if server.is_reference:
        pytest.skip("the reference refuses them; accepting them is a deliberate difference (decision 0003)")
    assert case.body is not None
    answer = await call(api, case, world, json=with_unknown_members(case.body(world)))

    assert answer.status == case.status, answer.body


def with_unknown_members(value: Json) -> Json:
    """Return `value` with a member from the future in each of its objects that is not a map of free names."""
    if is_array(value):
        return [with_unknown_members(each) for each in value]
    if not is_object(value) or "prefect.resource.id" in value:
        return value
    free = {"labels", "payload", "new"}
    return {k: v if k in free else with_unknown_members(v) for k, v in value.items()} | {"from_a_newer_client": "yes"}


@every_case
async def test_the_other_form_of_the_trailing_slash_redirects(api: Api, world: World, case: Case) -> None:
    path = world.fill(case.operation[1])
    other = path.removesuffix("/") if path.endswith("/") else path + "/"
    answer = await call(api, case, world, path=other)

    assert answer.status == 307, answer.body
    assert urlsplit(answer.headers["Location"]).path == f"/api{path}"


async def test_an_unknown_route_and_an_unknown_method_are_said_so(api: Api) -> None:
    missing = await api.get("/no/such/route")
    refused = await api.request("DELETE", "/health")

    assert (missing.status, missing.json) == (404, {"detail": "Not Found"})
    assert (refused.status, refused.json) == (405, {"detail": "Method Not Allowed"})
