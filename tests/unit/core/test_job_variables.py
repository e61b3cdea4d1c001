"""Job variables against base job templates."""

from uuid import UUID, uuid4

import pytest

from ostinato_core.job_variables import BlockNotFound, JobVariablesInvalid, blocks_of, check_job_variables
from ostinato_wire.base import Json, JsonObject

BLOCK = UUID("01a20000-0000-7000-8000-000000000001")


def template(required: list[str] | None = None, **properties: Json) -> JsonObject:
    """Return a template with variables of these properties."""
    variables: JsonObject = {"type": "object", "properties": properties, "required": required or []}
    return {"job_configuration": {}, "variables": variables}


INTEGER: JsonObject = {"type": "integer"}


FITTING: list[tuple[JsonObject, list[JsonObject]]] = [
    ({}, [{"anything": 1}]),
    ({"job_configuration": {}}, [{"anything": 1}]),
    (template(["a"], a=INTEGER), [{"a": 1}]),
    (template(["a"], a=INTEGER), [{"a": "x"}, {"a": 1}]),
    (template(["a"], a={**INTEGER, "default": 3}), [{}]),
    (template(a=INTEGER), [{"a": None}]),
    # A default that does not fit is dropped, and then nothing is required.
    (template(["a", "b"], a={**INTEGER, "default": "x"}, b=INTEGER), [{}]),
]


@pytest.mark.parametrize(("given", "layers"), FITTING)
def test_what_fits(given: JsonObject, layers: list[JsonObject]) -> None:
    check_job_variables(given, *layers)


UNFIT: list[tuple[JsonObject, list[JsonObject], str]] = [
    (template(["a"], a=INTEGER), [{}], "Validation failed. Failure reason: 'a' is a required property"),
    (template(["a"], a=INTEGER), [{"a": 1}, {"a": "x"}], "Validation failed for field 'a'."),
    (template(a={"type": "shoe"}), [{"a": 1}], "Invalid schema: "),
    (template(a={"type": "shoe", "default": 1}), [{}], "Invalid schema: "),
]


@pytest.mark.parametrize(("given", "layers", "why"), UNFIT)
def test_what_does_not_fit(given: JsonObject, layers: list[JsonObject], why: str) -> None:
    with pytest.raises(JobVariablesInvalid) as refused:
        check_job_variables(given, *layers)

    assert refused.value.message.startswith(why)


def test_what_is_required_may_come_later() -> None:
    check_job_variables(template(["a"], a=INTEGER), {}, ignore_required=True)
    with pytest.raises(JobVariablesInvalid):
        check_job_variables(template(["a"], a=INTEGER), {"a": "x"}, ignore_required=True)


def test_a_default_may_be_a_block() -> None:
    reference: JsonObject = {"$ref": {"block_document_id": str(BLOCK)}}
    given = template(["a"], a={"type": "object", "properties": {"n": INTEGER}, "default": reference})

    assert blocks_of(given) == {BLOCK}
    check_job_variables(given, {}, blocks={BLOCK})
    with pytest.raises(BlockNotFound):
        check_job_variables(given, {}, blocks={uuid4()})
    broken = template(a={"type": "object", "default": {"$ref": {"block_document_id": "no-id"}}})
    with pytest.raises(BlockNotFound):
        check_job_variables(broken, {})
