"""What a function is called on the server: names, the key of a task, the version of a flow."""

from __future__ import annotations

import functools
import hashlib
import inspect
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ostinato.exceptions import InvalidNameError

FORBIDDEN = frozenset("/%&><")
"""Characters that names of flows may not have: they are part of URLs."""

Function = Callable[..., Any]  # Any: a user's function


def flow_name(function: Function, name: str | None) -> str:
    """Return the name of a flow: `name`, or the function's with dashes. Raises InvalidNameError, TypeError."""
    if name is None:
        given = getattr(function, "__name__", type(function).__name__)
        return "unknown-lambda" if given == "<lambda>" else given.replace("_", "-")
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without type checker
        raise TypeError(f"A flow's name must be a string, got {type(name).__name__}.")
    bad = sorted(FORBIDDEN & set(name))
    if bad or not name:
        raise InvalidNameError(f"Flow name {name!r} is empty or has one of the characters / % & > <; choose another.")
    return name


def task_name(function: Function, name: str | None) -> str:
    """Return the name of a task: `name`, or the function's, unchanged."""
    if name is not None:
        return name
    given = getattr(function, "__name__", type(function).__name__)
    return "unknown-lambda" if given == "<lambda>" else given


def task_key(function: Function) -> str:
    """Return `<function>-<8 hex digits>`; the digits change with the function's code, and only with it."""
    qualname = getattr(function, "__qualname__", None)
    if qualname is None:
        kind = type(function)
        return f"{kind.__module__}.{kind.__qualname__}"
    code = getattr(inspect.unwrap(function), "__code__", None)
    digest = code_digest(code) if code is not None else _sha256(f"{function.__module__}.{qualname}")
    return f"{qualname.split('.')[-1]}-{digest[:8]}"


def reference_task_key(function: Function) -> str | None:
    """Return the key that the reference's client gives the task of a function; None where it cannot be known.

    Unlike ours it changes with the place of the code: it is the MD5 of the code's pickle.
    """
    import cloudpickle  # here: few ask for this

    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return None
    pickled: bytes = cloudpickle.dumps(((code,), {}))  # pyright: ignore[reportUnknownMemberType] - it has no types
    digest = hashlib.md5(pickled, usedforsecurity=False).hexdigest()
    return f"{function.__qualname__.split('.')[-1]}-{digest[:8]}"


def code_digest(code: types.CodeType) -> str:
    """Return the SHA-256 of what `code` does; it is the same in every process of one version of Python."""
    return _sha256(repr(_digestible(code)))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _digestible(code: types.CodeType) -> tuple[object, ...]:
    """Return what of `code` is the same in every process: no addresses, no line numbers."""
    constants = [_digestible(c) if isinstance(c, types.CodeType) else _stable(c) for c in code.co_consts]
    return (code.co_code, code.co_names, code.co_varnames, constants)


def _stable(constant: object) -> str:
    if isinstance(constant, frozenset):
        return f"frozenset({sorted(map(repr, constant))})"  # pyright: ignore[reportUnknownArgumentType] - constants of any type
    return repr(constant)


@functools.cache
def _file_digest(path: str) -> str | None:
    try:
        return hashlib.md5(Path(path).read_bytes(), usedforsecurity=False).hexdigest()
    except OSError:
        return None


def source_version(function: Function) -> str | None:
    """Return the MD5 of the file that `function` is written in; None where there is no such file."""
    try:
        path = inspect.getsourcefile(inspect.unwrap(function))
    except TypeError:
        return None
    return _file_digest(path) if path else None


def run_name(template: str | Callable[..., str], parameters: dict[str, Any], keyword: str) -> str:
    """Return the name of a run: `template` filled with `parameters`, or what the callable returns.

    A callable is called without arguments, or with the parameters if it takes `parameters`. `keyword` is for errors.
    """
    if isinstance(template, str):
        try:
            return template.format(**parameters)
        except (KeyError, IndexError) as error:
            raise ValueError(f"{keyword} {template!r} names {error}, which is not a parameter.") from None
    takes = "parameters" in inspect.signature(template).parameters
    name = template(parameters=parameters) if takes else template()
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - a user's callable
        raise TypeError(f"{keyword} must return a string, got {type(name).__name__}.")
    return name
