"""The schema of a flow's parameters, as the reference draws it."""

import datetime
import enum

import pydantic
import pytest

from ostinato import flow
from ostinato.deployments.parameter_schema import parameter_schema, parameter_texts
from ostinato.engine.signatures import BoundSignature


class Part(pydantic.BaseModel):
    a: int
    b: str = "x"


class Colour(enum.Enum):
    RED = "red"


class NoJson:
    def method(self) -> None: ...


PART, THING = Part(a=1), NoJson()


@flow
def rich(
    plain,  # type: ignore[no-untyped-def] # pyright: ignore
    number: int,
    part: Part = PART,
    colour: Colour = Colour.RED,
    day: datetime.date | None = None,
    thing: NoJson = THING,
    *rest: int,
    json: list[Part] = [],  # noqa: B006 - a user may write so
    **more: str,
):
    """Be rich.

    Args:
        plain: The first,
            on two lines.
        number (int): The second.
    """


def test_types_defaults_positions_and_descriptions_are_in_it() -> None:
    schema = rich.to_deployment("d").parameter_openapi_schema
    properties = schema["properties"]
    assert [member["position"] for member in properties.values()] == list(range(9))
    assert properties["plain"] == {"title": "plain", "position": 0, "description": "The first,\non two lines."}
    assert properties["number"]["type"] == "integer"
    assert properties["part"] == {
        "$ref": "#/definitions/Part", "title": "part", "position": 2, "default": {"a": 1, "b": "x"},
    }  # fmt: skip
    assert properties["colour"]["default"] == "red"
    assert properties["day"]["default"] is None
    assert "default" not in properties["thing"]
    assert properties["rest"]["items"] == {"type": "integer"}
    assert properties["json"]["default"] == []
    assert properties["more"]["additionalProperties"] == {"type": "string"}
    assert schema["required"] == ["plain", "number"]
    assert set(schema["definitions"]) == {"Part", "Colour"}
    assert (schema["title"], schema["type"]) == ("Parameters", "object")


def test_a_flow_without_parameters_has_an_empty_schema() -> None:
    def nothing() -> None: ...

    assert parameter_schema(nothing, BoundSignature(nothing)) == {
        "title": "Parameters", "type": "object", "properties": {}, "definitions": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One line.", {}),
        (":param int a: first\n:param b: second", {"a": "first", "b": "second"}),
        ("Args:\n    a: first\n\nReturns:\n    b: not one", {"a": "first"}),
        ("Args:\n    a: first: with colon\n    *rest: others", {"a": "first: with colon", "rest": "others"}),
    ],
)
def test_descriptions_come_from_the_docstring(text: str, found: dict[str, str]) -> None:
    assert parameter_texts(text) == found
