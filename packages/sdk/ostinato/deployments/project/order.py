"""From an entry of a project file to a deployment: templates, flow, build and push steps, pull steps (cli.md, 4.3)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ostinato.deployments.definition import RunnerDeployment
from ostinato.deployments.deploying import takes_images
from ostinato.deployments.entrypoints import load_flow
from ostinato.deployments.images import AUTO, project_folder
from ostinato.deployments.project.entry import DeploymentEntry, check_entry, read_entry
from ostinato.deployments.project.file import as_object
from ostinato.deployments.project.placeholders import declared_flow
from ostinato.deployments.steps.equivalents import WIRE, stock_name, wire_name
from ostinato.deployments.steps.running import parts_of, run_steps
from ostinato.deployments.templates import (
    BLOCKS,
    ENVIRONMENT,
    KEEP,
    MISSING,
    VARIABLES,
    by_path,
    fill,
    resolve_templates,
)  # fmt: skip
from ostinato.exceptions import MissingFlowError, ScriptError

if TYPE_CHECKING:
    from ostinato.deployments.project.file import Project
    from ostinato.flows import Flow
    from ostinato_wire.base import JsonObject
    from ostinato_wire.work_pools import WorkPool

# Any below: JSON values, and flows of whatever type.

CONTEXT = "ctx."
STEPS_OF = ("build", "push", "pull")


@dataclass(frozen=True)
class Telling:
    """How the user is told: `say` of what happens, `warn` of what may be wrong."""

    say: Callable[[str], None]
    warn: Callable[[str], None]


@dataclass
class Order:
    """One deployment to be made: its entry as in the file, with what the command line says over it."""

    entry: JsonObject
    project: Project
    telling: Telling

    def check(self) -> None:
        """Raise ProjectFileError for what is wrong with the entry, before anything is done."""
        check_entry({name: value for name, value in self.entry.items() if name not in STEPS_OF})
        for action in STEPS_OF:
            self.project.steps(self.entry, action)

    def load_flow(self) -> Flow[..., Any]:
        """Return the flow; a placeholder from its source if it cannot be imported here.

        Raises ValueError, ScriptError, MissingFlowError.
        """
        entrypoint = str(self.entry["entrypoint"])
        try:
            return load_flow(entrypoint)
        except (ScriptError, MissingFlowError) as error:
            declared = declared_flow(entrypoint)
            if declared is None:
                raise
            if isinstance(error, ScriptError):
                self.telling.warn(f"{error}. Its parameters are read from the source, as far as that tells.")
            return declared.placeholder()

    def deployment(self, flow: Flow[..., Any], pool: WorkPool) -> RunnerDeployment:
        """Run build and push steps and return the deployment; the server is not told of it yet.

        Raises StepExecutionError, ProjectFileError for members that are wrong, ValueError for what does not fit.
        """
        outputs: JsonObject = {}
        build = self.project.steps(self.entry, "build") or []
        for action, steps in (("build", build), ("push", self.project.steps(self.entry, "push") or [])):
            if steps:
                self.telling.say(f"Running deployment {action} steps...")
                outputs = run_steps(steps, outputs, self.telling.say)
        entry = read_entry(self._filled(outputs))
        made = RunnerDeployment.from_flow(flow, str(entry.name), **_options(entry))
        made.entrypoint, made.storage, made.work_pool_name = entry.entrypoint, None, pool.name
        made.pull_steps = self._pull_steps(outputs, build, entry, pool)
        made.path = None if made.pull_steps else "."  # of an image: its working directory
        return made

    def _filled(self, outputs: JsonObject) -> JsonObject:
        """Return the entry with its templates filled.

        Blocks among the job variables stay names, which workers fill in: no secret lies in the deployment. Parameters
        of triggers are for the server to fill.
        """

        def missing(name: str) -> None:
            self.telling.warn(f"The placeholder {{{{ {name} }}}} has no value; it is left out.")

        def resolved(value: Any, keep: Callable[[str], bool]) -> Any:
            return resolve_templates(value, outputs, keep, missing)

        entry = {name: value for name, value in self.entry.items() if name not in STEPS_OF}
        triggers = _listed(entry.pop("triggers", None))
        pool = as_object(entry.pop("work_pool", None))
        variables = as_object(pool.pop("job_variables", None))
        filled: JsonObject = resolved(entry, _is_context)
        filled["triggers"] = [
            resolved({k: v for k, v in trigger.items() if k != "parameters"}, _is_context)
            | {k: v for k, v in trigger.items() if k == "parameters"}
            for trigger in triggers
        ]
        filled["work_pool"] = resolved(pool, _is_context) | {
            "job_variables": resolved(variables, lambda name: _is_context(name) or name.startswith(BLOCKS))
        }
        return filled

    def _pull_steps(
        self, outputs: JsonObject, build: list[JsonObject], entry: DeploymentEntry, pool: WorkPool
    ) -> list[JsonObject]:
        given = self.project.steps(self.entry, "pull")
        if given is not None:
            return [_renamed(step) for step in fill(given, _for_workers(outputs))]
        folder = _folder_of_runs(build, entry, pool)
        if folder is None:
            return []
        self.telling.say(f"Workers will look for the code in {folder}.")
        return [{f"{WIRE}.set_working_directory": {"directory": folder}}]


def _options(entry: DeploymentEntry) -> Any:  # Any: the keywords of DeploymentOptions, by name
    return {
        "schedules": [schedule.to_schedule() for schedule in entry.schedules] if entry.schedules else None,
        "concurrency_limit": entry.limit(),
        "triggers": entry.triggers,
        "parameters": entry.parameters,
        "description": entry.description,
        "tags": entry.tags,
        "version": entry.version,
        "version_type": entry.version_type,
        "enforce_parameter_schema": entry.enforce_parameter_schema,
        "paused": entry.paused,
        "work_queue_name": entry.work_pool.work_queue_name,
        "job_variables": entry.work_pool.job_variables,
        "max_queued": entry.max_queued,
        "retry_on_crash": entry.retry_on_crash,
        "_sla": entry.sla,
    }


def _folder_of_runs(build: list[JsonObject], entry: DeploymentEntry, pool: WorkPool) -> str | None:
    """Return where the code is if no pull step says so; None for an image, whose working directory it is."""
    for step in build:
        name, inputs = parts_of(step)
        if stock_name(name) == "build_docker_image":
            return project_folder(Path.cwd()) if inputs.get("dockerfile") == AUTO else None
    return None if takes_images(pool) and entry.work_pool.job_variables.get("image") else str(Path.cwd())


def _for_workers(outputs: JsonObject) -> Callable[[str], Any]:
    """Return what fills pull steps: outputs and the environment where they are known; all else is for the worker."""

    def look_up(name: str) -> Any:
        if name.startswith((BLOCKS, VARIABLES, CONTEXT)):
            return KEEP
        if name.startswith(ENVIRONMENT):
            return os.environ.get(name[1:], KEEP)
        found = by_path(outputs, name)
        return KEEP if found is MISSING else found

    return look_up


def _renamed(step: JsonObject) -> JsonObject:
    return {wire_name(name): inputs for name, inputs in step.items()}


def _is_context(name: str) -> bool:
    return name.startswith(CONTEXT)


def _listed(triggers: Any) -> list[JsonObject]:
    if isinstance(triggers, dict):
        return [cast("JsonObject", triggers)]
    return list(triggers or ())
