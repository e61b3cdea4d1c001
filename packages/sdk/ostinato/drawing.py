"""Drawing a flow without running its tasks: which call takes its arguments from which (`Flow.visualize`)."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ostinato.context import drawing
from ostinato.engine.visiting import ATOMS, members
from ostinato.exceptions import OstinatoError
from ostinato.utilities.annotations import Annotation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ostinato.flows import Flow
    from ostinato.tasks import Task

# Any below: flows and tasks of whatever type, and arguments of users' functions.

RENDER_SECONDS = 60.0


class FlowNotDrawable(OstinatoError):
    """The function of a flow needs results that there are not while it is drawn; `viz_return_value` can stand in."""


class GraphvizNotFound(OstinatoError):
    """The program `dot` of Graphviz is not there, so there is no picture."""


class Drawn:
    """What a call returned while it was drawn: it stands for its result, and for its future."""

    def __init__(self, node: int, name: str, value: Any = None) -> None:
        self.node = node
        self._name = name
        self._value = value

    def result(self, *_: object, **__: object) -> Any:
        """Return what stands for the result."""
        return self if self._value is None else self._value

    def wait(self, *_: object, **__: object) -> None:
        """Return at once: nothing runs."""

    def __iter__(self) -> Any:
        raise self._no_value()

    def __bool__(self) -> bool:
        raise self._no_value()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._no_value()

    def _no_value(self) -> FlowNotDrawable:
        return FlowNotDrawable(
            f"The flow looks at the result of {self._name!r}, which does not run while the flow is drawn. "
            "Give its task a `viz_return_value` that stands for the result."
        )


class Drawing:
    """The calls of a flow, as nodes, and what goes from one to the other."""

    def __init__(self) -> None:
        self._names: list[tuple[str, str]] = []
        self._edges: dict[tuple[int, int], None] = {}
        self._standing_in: dict[int, tuple[object, int]] = {}

    def add(self, kind: str, name: str, arguments: Mapping[str, Any], value: Any = None) -> Drawn:
        """Add a call and return what it returned; `value` stands for its result."""
        node = len(self._names)
        self._names.append((kind, name))
        for source in self._sources(list(arguments.values()), set()):
            self._edges[source, node] = None
        if value is not None and type(value) not in ATOMS:
            self._standing_in[id(value)] = (value, node)
        return Drawn(node, name, value)

    def add_task(self, task: Task[..., Any], arguments: Mapping[str, Any], *, submitted: bool) -> Any:
        """Add a call of a task and return what stands for its result, or for its future."""
        drawn = self.add("task", task.name, arguments, task.viz_return_value)
        found = drawn if submitted else drawn.result()
        return _later(found) if task.isasync and not submitted else found

    def add_flow(self, flow: Flow[..., Any], arguments: Mapping[str, Any]) -> Any:
        """Add a call of a sub-flow, as one node."""
        drawn = self.add("flow", flow.name, arguments)
        return _later(drawn) if flow.isasync else drawn

    def _sources(self, value: Any, seen: set[int]) -> set[int]:
        if isinstance(value, Drawn):
            return {value.node}
        known = self._standing_in.get(id(value))
        if known is not None and known[0] is value:
            return {known[1]}
        if type(value) in ATOMS or id(value) in seen:
            return set()
        seen.add(id(value))
        inner: list[Any] = (
            [cast("Annotation[Any]", value).value] if isinstance(value, Annotation) else members(value) or []
        )
        return {source for member in inner for source in self._sources(member, seen)}

    def to_dot(self, name: str) -> str:
        """Return the drawing in Graphviz's language."""
        shapes = {"task": "box", "flow": "box3d"}
        lines = [
            f"  n{node} [label={json.dumps(label)} shape={shapes[kind]}];"
            for node, (kind, label) in enumerate(self._names)
        ]
        lines += [f"  n{source} -> n{target};" for source, target in self._edges]
        return "\n".join([f"digraph {json.dumps(name)} {{", '  node [fontname="sans-serif"];', *lines, "}", ""])


async def _later(value: Any) -> Any:
    return value


def draw(flow: Flow[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Return the drawing of a flow that is called with these arguments. Raises FlowNotDrawable."""
    made = Drawing()
    token = drawing.set(made)
    try:
        bound_args, bound_kwargs = flow.signature.call(flow.signature.bind(args, kwargs))
        outcome = flow.bound_fn(*bound_args, **bound_kwargs)
        if flow.isgenerator and not flow.isasync:
            list(outcome)
        elif flow.isasync:
            asyncio.run(_exhausted(outcome) if flow.isgenerator else outcome)
    finally:
        drawing.reset(token)
    return made.to_dot(flow.name)


async def _exhausted(items: Any) -> None:
    async for _ in items:
        pass


def show(dot: str, name: str) -> Path:
    """Make a picture of a drawing, open it where there is a browser, and return its path. Raises GraphvizNotFound."""
    program = shutil.which("dot")
    if program is None:
        raise GraphvizNotFound(
            "Drawing a flow needs the program `dot`: install Graphviz (https://graphviz.org), or take the text of the "
            "drawing from `flow.to_dot()`."
        )
    path = Path(tempfile.mkdtemp(prefix="ostinato-drawing-")) / f"{name}.svg"
    command = [program, "-Tsvg", "-o", str(path)]
    subprocess.run(command, input=dot.encode(), check=True, timeout=RENDER_SECONDS)  # noqa: S603 - names of runs are its input, not its arguments
    webbrowser.open(path.as_uri())
    return path
