"""The members of every request: wrong types and absences are refused by name, members from the future are accepted."""

import pytest

from tests.contract.case import Case
from tests.contract.cases import CASES
from tests.contract.contract import fits, members, required_members, takes_list
from tests.contract.world import World
from tests.support.client import Answer, Api
from tests.support.json import Json, is_array, is_object
from tests.support.server import Server

WRONG: Json = [[]]
"""A value that is wrong for every member of the contract that has a type."""

REFERENCE_FAILS = {("POST", "/work_pools/", "name")}
REFERENCE_FAILS_ANYWHERE = {"empirical_policy"}
"""Members whose wrong types the reference answers with a 500; this server says what is wrong."""

FREE = {
    "labels", "payload", "new", "parameters", "job_variables", "parameter_openapi_schema", "data", "metadata_",
    "fields", "base_job_template", "match", "schema", "values", "value",
}  # fmt: skip
"""Members that are maps of free names: nothing in them is from a newer client."""


def each(cases: list[Case]) -> pytest.MarkDecorator:
    """Run a test for each of `cases`."""
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.id)


async def send(api: Api, case: Case, world: World, body: Json) -> Answer:
    """Send the request of `case` with this body."""
    method, template = case.operation
    return await api.request(method, world.fill(template), body, params=case.query(world))


def changed(case: Case, body: Json, name: str, value: Json) -> Json:
    """Return the body with one member set (of its first object, if it is a list)."""
    return [body[0] | {name: value}, *body[1:]] if takes_list(case.operation) else body | {name: value}


def place(case: Case, name: str) -> list[str | int]:
    """Return where an error about a member is said to be."""
    return ["body", 0, name] if takes_list(case.operation) else ["body", name]


def assert_refused(answer: Answer, where: list[str | int]) -> Json:
    """Assert that the request was refused for the member at `where`, and return what is said of it."""
    assert answer.status == 422, f"{where}: {answer.status} {answer.body!r}"
    found = [each for each in answer.json["exception_detail"] if each["loc"][: len(where)] == where]
    assert found, f"{where} is not named: {answer.body!r}"
    return found


@each([case for case in CASES if case.body and case.reads_body and members(case.operation)])
async def test_a_member_of_the_wrong_type_is_refused_by_name(
    api: Api, server: Server, world: World, case: Case
) -> None:
    assert case.body is not None
    body = case.body(world)
    typed = {name for name, schema in members(case.operation).items() if not fits(schema, WRONG)}
    assert typed
    if server.is_reference:
        typed -= REFERENCE_FAILS_ANYWHERE
        typed -= {name for name in typed if (*case.operation, name) in REFERENCE_FAILS}

    for name in sorted(typed):
        assert_refused(await send(api, case, world, changed(case, body, name, WRONG)), place(case, name))


@each([case for case in CASES if case.body and required_members(case.operation)])
async def test_a_required_member_that_is_absent_is_named(api: Api, world: World, case: Case) -> None:
    assert case.body is not None
    body = case.body(world)
    for name in required_members(case.operation):
        whole = body[0] if takes_list(case.operation) else body
        part = {key: value for key, value in whole.items() if key != name}
        answer = await send(api, case, world, [part] if takes_list(case.operation) else part)

        assert assert_refused(answer, place(case, name))[0]["type"] == "missing"


@each([case for case in CASES if case.body])
async def test_unknown_members_of_a_request_are_accepted(api: Api, server: Server, world: World, case: Case) -> None:
    if server.is_reference:
        pytest.skip("the reference refuses them; accepting them is a deliberate difference (decision 0003)")
    assert case.body is not None
    answer = await send(api, case, world, with_unknown_members(case.body(world)))

    assert answer.status == case.status, answer.body


def with_unknown_members(value: Json) -> Json:
    """Return `value` with a member from the future in each of its objects that is not a map of free names."""
    if is_array(value):
        return [with_unknown_members(each) for each in value]
    if not is_object(value) or "prefect.resource.id" in value:
        return value
    return {k: v if k in FREE else with_unknown_members(v) for k, v in value.items()} | {"from_a_newer_client": "yes"}
