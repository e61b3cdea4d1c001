"""What a pool's template, a deployment and a run come to."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from ostinato.workers.configuration import BaseJobConfiguration, BaseVariables, merged_variables
from ostinato.workers.process import ProcessJobConfiguration, ProcessVariables
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.flows import Flow

TEMPLATE: dict[str, Any] = ProcessJobConfiguration.template(ProcessVariables)


class Client:
    """Knows one block and one variable."""

    async def read_variable_value(self, name: str) -> object:
        return {"region": "north"}.get(name)

    async def read_block_data(self, kind: str, name: str) -> object:
        return {"value": f"secret of {kind}/{name}"}

    async def read_block_document_data(self, block_id: UUID) -> object:
        return {"id": str(block_id)}


async def configured(values: dict[str, Any], template: dict[str, Any] = TEMPLATE) -> ProcessJobConfiguration:
    client: Any = Client()
    return await ProcessJobConfiguration.from_template_and_values(template, values, client)


def test_the_template_of_a_worker_leaves_its_members_open() -> None:
    assert set(TEMPLATE["job_configuration"]) == {"name", "env", "labels", "command", "stream_output", "working_dir"}
    assert TEMPLATE["job_configuration"]["command"] == "{{ command }}"
    assert TEMPLATE["variables"]["properties"]["stream_output"]["default"] is True
    assert set(BaseJobConfiguration.template(BaseVariables)["variables"]["properties"]) == {
        "name", "env", "labels", "command",
    }  # fmt: skip


async def test_values_win_over_the_defaults_of_the_template() -> None:
    made = await configured({"stream_output": False, "working_dir": "/tmp"})
    assert (made.stream_output, str(made.working_dir), made.command) == (False, "/tmp", None)
    assert (await configured({})).stream_output is True


async def test_the_environment_of_a_template_is_merged() -> None:
    template = {**TEMPLATE, "job_configuration": {**TEMPLATE["job_configuration"], "env": {"A": "1", "B": "{{ n }}"}}}
    made = await configured({"env": {"C": "3", "A": "2"}, "n": "5"}, template)
    assert made.env == {"A": "2", "B": "5", "C": "3"}


async def test_blocks_and_variables_are_filled_in_also_within_values() -> None:
    env = {"R": "in {{ prefect.variables.region }}", "S": "{{ prefect.blocks.secret.key }}"}
    made = await configured({"env": env})
    assert made.env == {"R": "in north", "S": "secret of secret/key"}


async def test_a_value_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValidationError, match="stream_output"):
        await configured({"stream_output": "perhaps"})


def test_a_run_wins_over_its_deployment_and_dots_go_into_members() -> None:
    merged = merged_variables(
        {"env": {"A": "1", "B": "1"}, "image": "x", "job.a": 1}, {"env": {"B": "2"}, "job.b.c": 2}
    )
    assert merged == {"env": {"A": "1", "B": "2"}, "image": "x", "job": {"a": 1, "b": {"c": 2}}}


async def test_what_only_the_run_knows_is_filled_in() -> None:
    run = FlowRun(id=uuid4(), created=None, updated=None, name="brave-fox", flow_id=uuid4())
    flow = Flow(id=run.flow_id, created=None, updated=None, name="etl")
    made = await configured(
        {"env": {"PREFECT__FLOW_NAME": None, "X": "y"}, "name": "{{ ctx.flow.name }}-{{ ctx.flow_run.name }}"}
    )
    made.prepare_for_flow_run(run, flow=flow, worker_name="w")
    assert made.name == "etl-brave-fox"
    assert made.env["PREFECT__FLOW_RUN_ID"] == str(run.id)
    assert "PREFECT__FLOW_NAME" not in made.env
    assert made.env["X"] == "y"
    assert made.labels["prefect.io/flow-run-name"] == "brave-fox"
    assert made.labels["prefect.io/worker-name"] == "w"
    assert made.command == "python -m ostinato.engine"
