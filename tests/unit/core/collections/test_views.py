"""The views: what the templates ask for is declared, and what is declared is used."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft7Validator

from ostinato_core.collections.views import ViewNotFound, read_view

WORKERS: dict[str, dict[str, Any]] = {  # Any: JSON
    type_: metadata
    for package in read_view("aggregate-worker-metadata").values()
    for type_, metadata in package.items()
}


@pytest.mark.parametrize("type_", WORKERS)
def test_a_template_uses_exactly_the_variables_that_it_declares(type_: str) -> None:
    template = WORKERS[type_]["default_base_job_configuration"]
    used = set(re.findall(r"{{ (\w+) }}", json.dumps(template["job_configuration"])))
    assert used == set(template["variables"]["properties"])
    assert set(template["variables"].get("required", ())) <= used


@pytest.mark.parametrize("type_", WORKERS)
def test_variables_are_a_json_schema_whose_references_are_defined(type_: str) -> None:
    variables = WORKERS[type_]["default_base_job_configuration"]["variables"]
    Draft7Validator.check_schema(variables)
    named = set(re.findall(r'"#/definitions/(\w+)"', json.dumps(variables)))
    assert named <= set(variables.get("definitions", {}))


def test_every_worker_type_of_the_issue_is_there() -> None:
    assert set(WORKERS) == {
        "process", "docker", "kubernetes", "ecs", "azure-container-instance", "cloud-run", "cloud-run-v2", "vertex-ai",
    }  # fmt: skip


def test_blocks_are_listed_by_package() -> None:
    view = read_view("aggregate-block-metadata")
    assert view["prefect"]["block_types"]["secret"]["block_schema"]["checksum"].startswith("sha256:")
    assert read_view("aggregate-flow-metadata") == {}


def test_an_unknown_view_is_said_so() -> None:
    with pytest.raises(ViewNotFound, match="View nope not found in registry"):
        read_view("nope")
