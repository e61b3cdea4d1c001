"""What is accepted as a base job template (behaviour.md, section 14.1)."""

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from ostinato_wire.job_templates import BaseJobTemplate
from tests.support.json import Json

TEMPLATE = TypeAdapter[Json](BaseJobTemplate)
BOTH = "must contain both a `job_configuration` key and a `variables` key"


@pytest.mark.parametrize(
    "template",
    [
        {},
        {"job_configuration": {"a": "{{ x }} and {{y}}"}, "variables": {"properties": {"x": {}, "y": {}}}},
        {"job_configuration": {"a": [{"b": "{{ x.y }}"}, 1, None]}, "variables": {"properties": {"x.y": {}}}},
        {"job_configuration": {"a": "{{ two words }} { x }"}, "variables": {"type": "object"}},
    ],
)
def test_a_template_that_declares_its_variables_is_taken(template: Json) -> None:
    assert TEMPLATE.validate_python(template) == template


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ({"job_configuration": {"a": 1}}, BOTH),
        ({"variables": {"properties": {}}}, BOTH),
        ({"job_configuration": {}, "variables": {"properties": {}}}, BOTH),
        ({"job_configuration": 7, "variables": 3}, "must be objects"),
        ({"job_configuration": {"a": "{{ b }}{{ a }}{{ b }}"}, "variables": {"x": 1}}, r"variable\(s\): b ,a\.$"),
        ({"job_configuration": {"a": [["{{ b }}"]]}, "variables": {"properties": []}}, r"variable\(s\): b\.$"),
    ],
)
def test_a_template_that_does_not_is_refused(template: Json, why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TEMPLATE.validate_python(template)
    (problem,) = refused.value.errors()
    assert re.search(why, problem["msg"])
