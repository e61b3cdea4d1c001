"""Flows that cannot be imported here: what their source says of them is enough to deploy them."""

from __future__ import annotations

import ast
import hashlib
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ostinato.flows import Flow

# Any below: hints and defaults of users' functions.

_HINTS: Final[dict[str, Any]] = {
    "int": int, "str": str, "float": float, "bool": bool, "list": list, "dict": dict, "set": set, "tuple": tuple,
    "bytes": bytes, "List": list, "Dict": dict, "Set": set, "Tuple": tuple,
}  # fmt: skip
MOST_FILES = 1000
"""Files that are searched for flows at most."""
_NOT_OURS = frozenset({"__pycache__", "node_modules", "venv", "site-packages"})
_FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class DeclaredFlow:
    """A function with a decorator `flow`, as its source has it."""

    path: Path
    node: _FunctionDef
    options: dict[str, Any]
    """Keywords of the decorator that are plain values."""

    @property
    def name(self) -> str:
        """The name of the flow."""
        return str(self.options.get("name") or self.node.name.replace("_", "-"))

    def placeholder(self) -> Flow[..., Any]:
        """Return a flow that can be deployed, but not run."""

        def cannot_run(*_: Any, **__: Any) -> Any:
            raise NotImplementedError("This flow could not be imported here; it only stands for the real one.")

        cannot_run.__name__ = cannot_run.__qualname__ = self.node.name
        cannot_run.__doc__ = ast.get_docstring(self.node)
        parameters = _parameters(self.node.args)
        cannot_run.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess] - inspect reads it
        cannot_run.__annotations__ = {
            parameter.name: parameter.annotation
            for parameter in parameters
            if parameter.annotation is not inspect.Parameter.empty
        }
        digest = hashlib.md5(self.path.read_bytes(), usedforsecurity=False).hexdigest()
        return Flow(
            cannot_run,
            name=self.name,
            description=self.options.get("description"),
            version=str(self.options.get("version") or digest),
        )


def declared_flow(entrypoint: str) -> DeclaredFlow | None:
    """Return the flow that the source at `path.py:function` or `package.module.function` declares, or None."""
    place, colon, name = entrypoint.rpartition(":")
    if not colon:
        module, _, name = entrypoint.rpartition(".")
        place = f"{module.replace('.', '/')}.py"
    path = Path(place)
    if not path.is_file():
        return None
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return None
    body: list[ast.stmt] = tree.body
    *classes, function = name.split(".")
    for outer in classes:
        found = [node for node in body if isinstance(node, ast.ClassDef) and node.name == outer]
        body = found[0].body if found else []
    for node in body:
        if isinstance(node, _FunctionDef) and node.name == function:
            decorator = _flow_decorator(node)
            return None if decorator is None else DeclaredFlow(path, node, _options(decorator))
    return None


def declared_flows(folder: Path) -> list[tuple[str, str]]:
    """Return entrypoint and name of each flow in the files of a folder and of those below, but not hidden ones."""
    found: list[tuple[str, str]] = []
    for path in sorted(folder.rglob("*.py"))[:MOST_FILES]:
        relative = path.relative_to(folder)
        if any(part.startswith(".") or part in _NOT_OURS for part in relative.parts):
            continue
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError, ValueError, OSError):
            continue
        for node in tree.body:
            if isinstance(node, _FunctionDef) and (decorator := _flow_decorator(node)) is not None:
                flow = DeclaredFlow(path, node, _options(decorator))
                found.append((f"{relative.as_posix()}:{node.name}", flow.name))
    return found


def _flow_decorator(node: _FunctionDef) -> ast.expr | None:
    for decorator in node.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")) == "flow":
            return decorator
    return None


def _options(decorator: ast.expr) -> dict[str, Any]:
    if not isinstance(decorator, ast.Call):
        return {}
    found = {word.arg: _literal(word.value) for word in decorator.keywords if word.arg}
    return {name: value for name, value in found.items() if value is not inspect.Parameter.empty}


def _literal(node: ast.expr | None) -> Any:
    if node is None:
        return inspect.Parameter.empty
    try:
        return ast.literal_eval(node)
    except ValueError:
        return inspect.Parameter.empty


def _parameters(given: ast.arguments) -> list[inspect.Parameter]:
    positional = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(positional) - len(given.defaults)) + list(given.defaults)
    kinds = [inspect.Parameter.POSITIONAL_ONLY] * len(given.posonlyargs)
    kinds += [inspect.Parameter.POSITIONAL_OR_KEYWORD] * len(given.args)
    found = [_parameter(*each) for each in zip(positional, kinds, defaults, strict=True)]
    if given.vararg is not None:
        found.append(_parameter(given.vararg, inspect.Parameter.VAR_POSITIONAL, None))
    found += [
        _parameter(item, inspect.Parameter.KEYWORD_ONLY, value)
        for item, value in zip(given.kwonlyargs, given.kw_defaults, strict=True)
    ]
    if given.kwarg is not None:
        found.append(_parameter(given.kwarg, inspect.Parameter.VAR_KEYWORD, None))
    return found


def _parameter(item: ast.arg, kind: Any, default: ast.expr | None) -> inspect.Parameter:
    """Return a parameter; a default that is no plain value becomes None, so that it is not asked for."""
    value = _literal(default)
    if default is not None and value is inspect.Parameter.empty:
        value = None
    return inspect.Parameter(item.arg, kind, default=value, annotation=_hint(item.annotation))


def _hint(node: ast.expr | None) -> Any:
    """Return the type of a hint of built-in types; Any for others."""
    if node is None:
        return inspect.Parameter.empty
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return _hint(ast.parse(node.value, mode="eval").body)
        except SyntaxError:
            return Any
    if isinstance(node, ast.Constant) and node.value is None:
        return None
    if isinstance(node, ast.Name):
        return _HINTS.get(node.id, Any)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left, right = _hint(node.left), _hint(node.right)
        return Any if Any in (left, right) else left | right
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return _generic(node.value.id, node.slice)
    return Any


def _generic(name: str, inner: ast.expr) -> Any:
    if name == "Optional":
        below = _hint(inner)
        return Any if below is Any else below | None
    outer = _HINTS.get(name)
    if outer is list:
        return list[_hint(inner)]
    if outer is set:
        return set[_hint(inner)]
    if outer is dict and isinstance(inner, ast.Tuple) and len(inner.elts) == 2:
        return dict[_hint(inner.elts[0]), _hint(inner.elts[1])]
    return outer or Any
