"""Running steps one after another: templates, packages that they require, and what they give to the next."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module, invalidate_caches
from typing import TYPE_CHECKING, Any, cast

from ostinato.deployments.steps.equivalents import OWN, equivalent, stock_name
from ostinato.deployments.templates import resolve_templates
from ostinato.engine.drivers import run_coroutine
from ostinato.exceptions import StepExecutionError

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject

# Any below: JSON values, inputs and outputs of steps.

WORDS = frozenset({"id", "requires"})
"""Inputs that are about the step, and not for its function."""
INSTALL_SECONDS = 900.0


def parts_of(step: JsonObject) -> tuple[str, JsonObject]:
    """Return the name of a step and its inputs. Raises StepExecutionError for what is no step."""
    if len(step) != 1:
        raise StepExecutionError(f"A step is one name with its inputs below, got {sorted(step)}.")
    ((name, inputs),) = step.items()
    if inputs is not None and not isinstance(inputs, dict):
        raise StepExecutionError(f"The inputs of step {name!r} are `name: value` pairs, got {inputs!r}.")
    return name, dict(cast("JsonObject", inputs or {}))


def as_steps(given: Any) -> list[JsonObject]:
    """Return steps as a project file may have them: a list, one mapping of several, or nothing."""
    if isinstance(given, dict):
        return [{name: inputs} for name, inputs in cast("JsonObject", given).items()]
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(step, dict) for step in cast("list[Any]", given)):
        raise StepExecutionError(f"Steps are a list of names with their inputs below, got {given!r}.")
    return list(cast("list[JsonObject]", given))


def run_steps(
    steps: Sequence[JsonObject], outputs: JsonObject | None = None, announce: Callable[[str], None] | None = None
) -> JsonObject:
    """Run steps in their order and return the outputs of all: merged, and those of a step with an `id` under that.

    `announce` is called with the line that tells of each. Raises StepExecutionError.
    """
    known = dict(outputs or {})
    for step in steps:
        name, inputs = parts_of(step)
        if announce is not None:
            announce(f" > Running {name.rpartition('.')[2]} step...")
        note(run_step(name, inputs, known), inputs, known)
    return known


def note(output: Any, inputs: JsonObject, known: JsonObject) -> None:
    """Add what a step gave to the outputs."""
    if isinstance(output, dict):
        known |= cast("JsonObject", output)
        if inputs.get("id"):
            known[str(inputs["id"])] = output


def run_step(name: str, inputs: JsonObject, outputs: JsonObject) -> Any:
    """Run one step and return what its function does. Raises StepExecutionError."""
    try:
        function, inputs = _function(name, inputs)
        given = resolve_templates({key: value for key, value in inputs.items() if key not in WORDS}, outputs)
        outcome = function(**given)
        return run_coroutine(outcome) if inspect.iscoroutine(outcome) else outcome
    except Exception as error:  # a step may be a user's function, which may raise anything
        raise StepExecutionError(f"Step {name} failed: {type(error).__name__}: {error}") from error


def _function(name: str, inputs: JsonObject) -> tuple[Callable[..., Any], JsonObject]:
    """Return the function of a step, and its inputs. Raises ImportError, AttributeError, RuntimeError."""
    stock = stock_name(name)
    if stock is not None:
        return getattr(import_module(OWN), stock), inputs
    module, _, attribute = name.rpartition(".")
    if not module:
        raise ImportError(f"a step is named by `package.module.function`, or is one of ours; got {name!r}")
    try:
        return getattr(import_module(module), attribute), inputs
    except ImportError:
        ours = equivalent(name, inputs)
        if ours is not None:
            return _function(*ours)
        if not inputs.get("requires"):
            raise
    _install(inputs["requires"])
    return getattr(import_module(module), attribute), inputs


def _install(requires: Any) -> None:
    """Install what a step requires into this Python. Raises RuntimeError."""
    packages = [str(item) for item in cast("list[Any]", requires)] if isinstance(requires, list) else [str(requires)]
    ended = subprocess.run(  # noqa: S603 - packages that the deployment's author names
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
        capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS,
    )  # fmt: skip
    if ended.returncode:
        raise RuntimeError(f"{', '.join(packages)} cannot be installed: {ended.stderr.strip()[-1000:]}")
    invalidate_caches()
