"""Every operation of the contract against the running server: route, status, body, missing objects, bad bodies."""

from urllib.parse import urlsplit

import pytest

from tests.contract.case import Case
from tests.contract.cases import CASES
from tests.contract.contract import (
    answers_null,
    has_body,
    missing_members,
    operations,
    requires_body,
    schema_of,
    violations,
)
from tests.contract.world import World, parameters
from tests.support.client import Answer, Api
from tests.support.json import Json
from tests.support.server import Server

REFERENCE_FAILS = {("POST", "/deployments/"), ("PATCH", "/deployments/{id}"), ("POST", "/block_documents/")}
"""Where the reference answers a body that is no object with a 500; this server says what is wrong."""


ROUTED_AS_UUID = ("id", "schedule_id")
"""Path parameters that take part in routing: another text than a UUID finds no route."""


def each(cases: list[Case]) -> pytest.MarkDecorator:
    """Run a test for each of `cases`."""
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.id)


every_case = each(CASES)
with_id = each([case for case in CASES if set(ROUTED_AS_UUID) & set(parameters(case.operation[1]))])
with_missing = each([case for case in CASES if case.missing])
with_missing_child = each([case for case in CASES if case.missing and len(parameters(case.operation[1])) > 1])
with_body = each([case for case in CASES if case.body and case.reads_body])
with_required_body = each([case for case in CASES if case.body and requires_body(case.operation)])


async def call(api: Api, case: Case, world: World, json: Json = None, path: str | None = None) -> Answer:
    """Send the request of `case`, with its own body unless `json` is given."""
    method, template = case.operation
    content = json if json is not None or case.body is None else case.body(world)
    return await api.request(method, path or world.fill(template), content, params=case.query(world))


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
    if answers_null(case.operation):
        assert answer.body == b"null"
    uri = schema_of(case.operation)
    if answer.status in (200, 201) and uri and case.media_type == "application/json":
        assert violations(uri, answer.json) == []
        assert list(missing_members(uri, answer.json)) == []


@with_missing
async def test_a_missing_object_answers_404_in_the_style_of_its_route(api: Api, world: World, case: Case) -> None:
    template = case.operation[1]
    answer = await call(api, case, world, path=world.fill(template, unknown=tuple(parameters(template))))

    assert_missing(answer, case)


@with_missing_child
async def test_a_missing_object_within_another_answers_the_same(api: Api, world: World, case: Case) -> None:
    template = case.operation[1]
    answer = await call(api, case, world, path=world.fill(template, unknown=(parameters(template)[-1],)))

    assert_missing(answer, case)


def assert_missing(answer: Answer, case: Case) -> None:
    """Assert that the answer says, in the style of its route, that the object is not there."""
    assert answer.status == case.missing_status, answer.body
    assert list(answer.json) == [case.missing]
    assert isinstance(answer.json[case.missing], str)


@with_id
async def test_an_id_that_is_no_uuid_is_no_route(api: Api, world: World, case: Case) -> None:
    template = case.operation[1]
    for name in ROUTED_AS_UUID:
        template = template.replace(f"{{{name}}}", "no-uuid")
    answer = await call(api, case, world, path=world.fill(template))

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
async def test_a_body_of_the_wrong_type_answers_422_and_says_where(
    api: Api, server: Server, world: World, case: Case
) -> None:
    if server.is_reference and case.operation in REFERENCE_FAILS:
        pytest.skip("a defect of the reference")
    answer = await call(api, case, world, json=7)

    assert answer.status == 422, answer.body
    assert answer.json["exception_message"] == "Invalid request received."
    assert answer.json["request_body"] == 7
    assert answer.json["exception_detail"]
    for detail in answer.json["exception_detail"]:
        assert detail["loc"][0] == "body"
        assert isinstance(detail["type"], str)
        assert isinstance(detail["msg"], str)


@with_required_body
async def test_a_required_body_that_is_absent_answers_422(api: Api, world: World, case: Case) -> None:
    method, template = case.operation
    answer = await api.request(method, world.fill(template))

    assert answer.status == 422, answer.body
    assert answer.json["exception_detail"][0]["type"] == "missing"


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
