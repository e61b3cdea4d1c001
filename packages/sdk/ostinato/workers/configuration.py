"""What a worker starts for a run: the pool's base job template, filled with the variables of deployment and run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from ostinato.deployments.templates import (
    BLOCKS,
    KEEP,
    MISSING,
    VARIABLES,
    block_of,
    block_value,
    by_path,
    fill,
    looking_up,
    names_in,
)
from ostinato.settings import get_current_settings

if TYPE_CHECKING:
    from ostinato.client.orchestration import OstinatoClient
    from ostinato_wire.base import JsonObject
    from ostinato_wire.deployments import Deployment
    from ostinato_wire.flow_runs import FlowRun
    from ostinato_wire.flows import Flow
    from ostinato_wire.work_pools import WorkPool

# Any below: JSON values.

CONTEXT = "ctx."


class BaseVariables(BaseModel):
    """The variables that every pool's template leaves open; a worker adds its own in a subclass."""

    name: str | None = Field(default=None, description="Name of the infrastructure; by default the run's.")
    env: dict[str, str | None] = Field(
        default_factory=dict, title="Environment Variables", description="Environment of the run."
    )
    labels: dict[str, str] = Field(default_factory=dict, description="Labels of the infrastructure.")
    command: str | None = Field(default=None, description="Command that starts the run; the worker's unless given.")


class BaseJobConfiguration(BaseModel):
    """The filled template; a worker adds its own members in a subclass. A member's template is `{{ member }}`."""

    model_config = ConfigDict(extra="ignore")

    name: str | None = None
    env: dict[str, str | None] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    command: str | None = None

    @classmethod
    def template(cls, variables: type[BaseModel]) -> JsonObject:
        """Return the base job template of a pool whose workers take this."""
        schema = variables.model_json_schema(ref_template="#/definitions/{model}")
        if definitions := schema.pop("$defs", None):
            schema["definitions"] = definitions
        schema.pop("description", None)
        job = {name: f"{{{{ {name} }}}}" for name in cls.model_fields}
        return {"job_configuration": job, "variables": {"type": "object", "title": "Variables", **schema}}

    @classmethod
    async def from_template_and_values(
        cls, base_job_template: Mapping[str, Any], values: Mapping[str, Any], client: OstinatoClient
    ) -> Self:
        """Return the configuration. Raises ValueError (pydantic's included) for values that do not fit.

        Values win over the defaults of the template's variables; blocks and variables of the server are filled in.
        """
        job: dict[str, Any] = dict(base_job_template.get("job_configuration") or {})
        filled: dict[str, Any] = {**variable_defaults(base_job_template), **values}
        own_env = job.get("env")
        if isinstance(own_env, dict):
            job["env"] = {**cast("dict[str, Any]", own_env), **(values.get("env") or {})}
        for _ in range(2):  # values may hold placeholders themselves: of blocks, variables and the environment
            known = await _known(job, filled, client)
            look_up = looking_up(filled, known)
            job = fill(job, lambda name, look_up=look_up: KEEP if name.startswith(CONTEXT) else look_up(name))
        return cls.model_validate({name: value for name, value in job.items() if value is not None})

    def prepare_for_flow_run(
        self,
        flow_run: FlowRun,
        deployment: Deployment | None = None,
        flow: Flow | None = None,
        work_pool: WorkPool | None = None,
        worker_name: str | None = None,
    ) -> None:
        """Fill in what only this run knows: environment, labels, name and command."""
        context = _context(flow_run, deployment, flow, work_pool, worker_name)
        filled = fill(self.model_dump(), lambda name: by_path({"ctx": context}, name))
        for name in type(self).model_fields:
            setattr(self, name, filled.get(name, None if name in ("name", "command") else getattr(self, name)))
        env = {**get_current_settings().to_environment_variables(), **_run_environment(context), **self.env}
        self.env = {name: value for name, value in env.items() if value is not None}
        self.labels = {**_labels(context, deployment), **self.labels}
        self.name = self.name or flow_run.name
        self.command = self.command or self.default_command()

    def default_command(self) -> str:
        """Return the command that starts a run where neither template nor deployment say one."""
        return "ostinato flow-run execute"


def variable_defaults(base_job_template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults of a template's variables."""
    variables = cast("dict[str, Any]", base_job_template.get("variables") or {})
    properties = cast("dict[str, dict[str, Any]]", variables.get("properties") or {})
    return {name: schema["default"] for name, schema in properties.items() if schema.get("default") is not None}


def merged_variables(deployment: Mapping[str, Any] | None, run: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the job variables of a run over those of its deployment; `env` is merged, `a.b` sets a member of `a`."""
    merged: dict[str, Any] = {}
    for values in (deployment or {}, run or {}):
        for name, value in values.items():
            if name == "env" and isinstance(value, dict):
                merged["env"] = {**merged.get("env", {}), **cast("dict[str, Any]", value)}
            elif "." in name:
                _put(merged, name.split("."), value)
            else:
                merged[name] = value
    return merged


def _put(target: dict[str, Any], path: list[str], value: Any) -> None:
    for step in path[:-1]:
        below = target.get(step)
        target[step] = dict(cast("dict[str, Any]", below)) if isinstance(below, dict) else {}
        target = target[step]
    target[path[-1]] = value


async def _known(job: Any, values: Mapping[str, Any], client: OstinatoClient) -> dict[str, Any]:
    """Return what the server knows of the blocks and variables that are named, and of the blocks referred to."""
    known: dict[str, Any] = {}
    for name in sorted(names_in(job)):
        if name.startswith(VARIABLES):
            known[name] = await client.read_variable_value(name.removeprefix(VARIABLES)) or ""
        elif name.startswith(BLOCKS):
            kind, block, path = block_of(name)
            known[name] = block_value(await client.read_block_data(kind, block), path)
        else:
            value = by_path(values, name)
            if value is not MISSING and (reference := _block_reference(value)):
                known[name] = await client.read_block_document_data(reference)
    return known


def _block_reference(value: Any) -> UUID | None:
    """Return the id of the block that `{"$ref": {"block_document_id": ...}}` stands for."""
    if not isinstance(value, dict):
        return None
    reference: Any = cast("dict[str, Any]", value).get("$ref")
    if not isinstance(reference, dict):
        return None
    found: Any = cast("dict[str, Any]", reference).get("block_document_id")
    return UUID(str(found)) if found else None


def _context(
    flow_run: FlowRun, deployment: Deployment | None, flow: Flow | None, pool: WorkPool | None, worker: str | None
) -> JsonObject:
    models = {"flow_run": flow_run, "deployment": deployment, "flow": flow, "work_pool": pool}
    context: JsonObject = {name: model.model_dump(mode="json") for name, model in models.items() if model is not None}
    return context | ({"worker": {"name": worker}} if worker else {})


def _run_environment(context: JsonObject) -> dict[str, str]:
    env = {"PREFECT__FLOW_RUN_ID": str(context["flow_run"]["id"])}
    if "worker" in context:
        env["PREFECT__WORKER_NAME"] = str(context["worker"]["name"])
    for kind in ("flow", "deployment"):
        if kind in context:
            env[f"PREFECT__{kind.upper()}_ID"] = str(context[kind]["id"])
            env[f"PREFECT__{kind.upper()}_NAME"] = str(context[kind]["name"])
    return env


def _labels(context: JsonObject, deployment: Deployment | None) -> dict[str, str]:
    labels = {"prefect.io/version": _version()}
    for kind, member in (("flow_run", "flow-run"), ("work_pool", "work-pool"), ("flow", "flow"), ("deployment",) * 2):
        if kind in context:
            labels[f"prefect.io/{member}-id"] = str(context[kind]["id"])
            labels[f"prefect.io/{member}-name"] = str(context[kind]["name"])
    if "worker" in context:
        labels["prefect.io/worker-name"] = str(context["worker"]["name"])
    if deployment is not None and deployment.updated is not None:
        labels["prefect.io/deployment-updated"] = deployment.updated.isoformat()
    return labels


def _version() -> str:
    from ostinato.client.versions import own_version

    return own_version()
