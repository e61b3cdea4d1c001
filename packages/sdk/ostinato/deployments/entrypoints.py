"""Entrypoints: where a flow or task is, as text (`path.py:function` or `package.module.function`), and back."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from ostinato.exceptions import MissingFlowError, ScriptError
from ostinato.flows import Flow
from ostinato.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Callable

# Any below: flows and tasks of whatever type, and attributes of users' modules.


def file_entrypoint(flow: Flow[..., Any]) -> str | None:
    """Return `path:qualname`, the path relative to the working directory if it is below; None if there is no file."""
    function = inspect.unwrap(flow.fn)
    if "<" in function.__qualname__:  # made within a function: nobody can import it
        return None
    try:
        source = inspect.getsourcefile(function)
    except TypeError:
        return None
    if source is None or not Path(source).is_file():
        return None
    path = Path(source).resolve()
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return f"{path.as_posix()}:{function.__qualname__}"


def module_entrypoint(flow: Flow[..., Any]) -> str:
    """Return `package.module.qualname`. Raises ValueError for a flow of the script that is run or of a function."""
    function = inspect.unwrap(flow.fn)
    if function.__module__ == "__main__" or "<" in function.__qualname__:
        raise ValueError(f"Flow {flow.name!r} cannot be imported as part of a module; move it to a module of its own.")
    return f"{function.__module__}.{function.__qualname__}"


def load_flow(entrypoint: str) -> Flow[..., Any]:
    """Return the flow that an entrypoint names.

    Raises ValueError for a text that is no entrypoint, ScriptError if the code cannot be imported, MissingFlowError if
    it has no such flow.
    """
    return _find(*_imported(entrypoint, "flow"), entrypoint)


def load_task(entrypoint: str) -> Task[..., Any]:
    """Return the task that an entrypoint names.

    Raises ValueError for a text that is no entrypoint, or that names no task; ScriptError if the code cannot be
    imported.
    """
    module, name = _imported(entrypoint, "task")
    found: Any = module
    for step in name.split("."):
        found = getattr(found, step, None)
    if isinstance(found, Task):
        return found  # pyright: ignore[reportUnknownVariableType] - a task of whatever type
    known = sorted(task.name for task in tasks_in(module))
    raise ValueError(f"There is no task {name!r} at {entrypoint!r}; it has {', '.join(known) or 'none'}.")


def tasks_in(module: ModuleType) -> list[Task[..., Any]]:
    """Return the tasks that are members of a module."""
    return [cast("Task[..., Any]", value) for value in vars(module).values() if isinstance(value, Task)]


def _imported(entrypoint: str, kind: str) -> tuple[ModuleType, str]:
    """Return the module of an entrypoint, imported, and the name in it."""
    place, colon, name = entrypoint.rpartition(":")
    if colon and (place.endswith(".py") or "/" in place or Path(place).is_file()):
        return import_file(place), name
    if not colon:
        place, _, name = entrypoint.rpartition(".")
    if not place or not name:
        raise ValueError(f"An entrypoint is `path.py:{kind}` or `package.module.{kind}`, got {entrypoint!r}.")
    return import_module(place), name


def import_module(name: str) -> ModuleType:
    """Import a module, also from the working directory. Raises ScriptError."""
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise ScriptError(error, name) from error


def import_file(path: str) -> ModuleType:
    """Import a file as a script would be, its folder first on the path, but with `__name__` of a module.

    Raises ScriptError.
    """
    file = Path(path).resolve()
    if not file.is_file():
        raise ScriptError(FileNotFoundError(f"there is no file {str(file)!r}"), path)
    if str(file.parent) not in sys.path:
        sys.path.insert(0, str(file.parent))
    name = file.stem if file.stem.isidentifier() and file.stem not in sys.modules else f"__ostinato_{abs(hash(file)):x}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ScriptError(ImportError("this is no Python file"), path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ScriptError(error, path) from error
    return module


def _find(module: ModuleType, name: str, entrypoint: str) -> Flow[..., Any]:
    found: Any = module
    for step in name.split("."):
        found = getattr(found, step, None)
    if isinstance(found, Flow):
        return found  # pyright: ignore[reportUnknownVariableType] - a flow of whatever type
    flows = [cast("Flow[..., Any]", value) for value in vars(module).values() if isinstance(value, Flow)]
    for flow in flows:  # `nightly = flow(name="nightly")(run)`: the flow has another name than its function
        if _qualname(flow.fn) == name:
            return flow
    known = ", ".join(sorted(flow.fn.__name__ for flow in flows)) or "none"
    raise MissingFlowError(f"There is no flow {name!r} at {entrypoint!r}; it has {known}.")


def _qualname(function: Callable[..., Any]) -> str:
    return getattr(inspect.unwrap(function), "__qualname__", "")
