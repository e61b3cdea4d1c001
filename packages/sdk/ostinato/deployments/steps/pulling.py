"""Pull steps: what a run does before its flow can be loaded; each is told of by an event."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ostinato.deployments.steps.running import note, parts_of, run_step
from ostinato.exceptions import StepExecutionError

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject
    from ostinato_wire.flow_runs import FlowRun

MASK = "***"
_SECRETS = ("token", "password", "secret", "credential", "key")


def run_pull_steps(steps: list[JsonObject], run: FlowRun) -> JsonObject:
    """Run steps one after another and go to the last folder that one gives. Raises StepExecutionError."""
    from ostinato.logging import flow_run_logger

    outputs: JsonObject = {}
    for index, step in enumerate(steps):
        name, inputs = parts_of(step)
        flow_run_logger(run).info(" > Running %s step...", name.rpartition(".")[2])
        try:
            note(run_step(name, inputs, outputs), inputs, outputs)
        except StepExecutionError:
            _tell(run, "failed", index, name, inputs)
            raise
        _tell(run, "executed", index, name, inputs)
    if directory := outputs.get("directory"):
        os.chdir(Path(str(directory)).expanduser())
    return outputs


def _tell(run: FlowRun, outcome: str, index: int, name: str, inputs: JsonObject) -> None:
    from ostinato.events import emit_event
    from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

    related = (
        [{RESOURCE_ID: f"prefect.deployment.{run.deployment_id}", RESOURCE_ROLE: "deployment"}]
        if run.deployment_id is not None
        else []
    )
    payload = {
        "index": index,
        "qualified_name": name,
        "step_name": name.rpartition(".")[2],
        "id": inputs.get("id"),
        "inputs": {key: shown(key, value) for key, value in inputs.items()},
    }
    resource = {RESOURCE_ID: f"prefect.flow-run.{run.id}", RESOURCE_NAME: run.name}
    emit_event(f"prefect.flow-run.pull-step.{outcome}", resource, related=related, payload=payload)


def shown(key: str, value: object) -> object:
    """Return an input as the event may show it: templates as they stand, but no secret that is written out."""
    is_template = isinstance(value, str) and "{{" in value
    if not is_template and any(word in key.lower() for word in _SECRETS):
        return MASK
    if not isinstance(value, str):
        return value
    from ostinato.runner.git import Remote

    return Remote(value).scrubbed(value)
