"""The template language: Jinja2 in a sandbox, with bounds on loops, ranges and powers (behaviour.md, section 20)."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from jinja2 import ChainableUndefined, Template, TemplateError, TemplateSyntaxError, Undefined, meta, nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ostinato_core.parameters.errors import TemplateInvalid
from ostinato_core.parameters.template_filters import FILTERS

MAXIMUM_RANGE: Final = 100
MAXIMUM_LOOPS: Final = 10
MAXIMUM_LOOP_DEPTH: Final = 2
MAXIMUM_POWER_BITS: Final = 100_000
MAXIMUM_REPETITION: Final = 1_000_000
"""Members of a text or list that `*` may make."""
MAXIMUM_STEPS: Final = 50_000
"""Turns of loops, and calls, of one rendering: what anybody sends to a webhook may have hundreds of thousands of
members, and all requests wait while they are gone through.
"""
MOST_COMPILED: Final = 100
"""Templates that are kept ready to be rendered again."""

_FAILURES = (
    TemplateError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,  # also RecursionError
    StopIteration,
    SyntaxError,
    TypeError,
    ValueError,
    re.error,
)
"""What an expression of a template may raise: any operation and any filter on any value."""


_steps_left: ContextVar[Iterator[int]] = ContextVar("steps_left")


def _step() -> None:
    if next(_steps_left.get(), None) is None:
        raise OverflowError(f"The template takes more than {MAXIMUM_STEPS} steps.")


def _counted(members: Iterable[Any]) -> Iterator[Any]:  # Any: whatever templates may look at
    for member in members:
        _step()
        yield member


class _Sandbox(ImmutableSandboxedEnvironment):
    """Bounds what a short template could otherwise use up: ranges, powers, repetitions, and time."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # Any: any values
        if operator == "**":
            _check_power(left, right)
        else:
            _check_repetition(left, right)
            _check_repetition(right, left)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, called: Any, /, *arguments: Any, **named: Any) -> Any:  # Any: any values
        _step()
        return super().call(context, called, *arguments, **named)

    def _generate(self, source: nodes.Template, *arguments: Any, **named: Any) -> str:  # Any: passed on
        for loop in source.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, _COUNTED, [], [], None, None)
        return super()._generate(source, *arguments, **named)


def _check_power(base: object, exponent: object) -> None:
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * exponent > MAXIMUM_POWER_BITS:
        raise OverflowError("Power too big.")


def _check_repetition(sequence: object, times: object) -> None:
    if isinstance(sequence, Sized) and isinstance(times, int) and len(sequence) * times > MAXIMUM_REPETITION:
        raise OverflowError("Repetition too big.")


def _range(*bounds: int) -> range:
    made = range(*bounds)
    if len(made) > MAXIMUM_RANGE:
        raise OverflowError(f"Range too big. The sandbox blocks ranges larger than MAX_TEMPLATE_RANGE={MAXIMUM_RANGE}.")
    return made


_COUNTED: Final = "counted"
"""A filter around what each loop goes through."""
_ENVIRONMENT = _Sandbox(
    undefined=ChainableUndefined,
    extensions=["jinja2_humanize_extension.HumanizeExtension"],
)


def _json(value: Any, **options: Any) -> str:  # Any: whatever templates may look at, and options of `json.dumps`
    """Return JSON with times and ids as the API writes them, and null for what is not there."""
    # Written twice, because receivers may compare the text: with the blanks and escapes of Jinja's own filter.
    return json.dumps(orjson.loads(orjson.dumps(value, default=_plain, option=_JSON_OPTIONS)), **options)


def _plain(value: Any) -> Any:  # Any: as above
    if isinstance(value, Undefined):
        return None
    if isinstance(value, Mapping):
        members: Mapping[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]  # Any: as above
        return dict(members)
    if isinstance(value, set | frozenset | tuple):
        return list(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # Any: as above
    if isinstance(value, UUID | str):  # also of classes that are derived from these
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_JSON_OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
_ENVIRONMENT.policies["json.dumps_function"] = _json
_NAMES: dict[str, Any] = {"range": _range}  # Any: whatever templates may look at
_ENVIRONMENT.globals |= _NAMES
_COUNTERS: dict[str, Callable[..., Any]] = {_COUNTED: _counted}  # Any: members of whatever is gone through
_ENVIRONMENT.filters |= FILTERS
_ENVIRONMENT.filters |= _COUNTERS


def validate_template(source: str) -> None:
    """Check syntax and loops of a template. Errors: TemplateInvalid."""
    try:
        tree = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as error:
        raise TemplateInvalid(error.message or "The template is malformed.", error.lineno) from error
    except (RecursionError, ValueError) as error:
        raise TemplateInvalid(f"The template cannot be read: {error}") from error
    count = sum(1 for _ in tree.find_all(nodes.For))
    if count > MAXIMUM_LOOPS:
        raise TemplateInvalid(
            f"Contains {count} for loops. Templates can contain no more than {MAXIMUM_LOOPS} for loops."
        )
    depth = _loop_depth(tree)
    if depth > MAXIMUM_LOOP_DEPTH:
        raise TemplateInvalid(
            f"Contains nested for loops at a depth of {depth}. "
            f"Templates can nest for loops no more than {MAXIMUM_LOOP_DEPTH} loops deep."
        )


def names_in(source: str) -> set[str]:
    """Return the names that a template looks up in its context; none where the template is malformed."""
    try:
        return meta.find_undeclared_variables(_ENVIRONMENT.parse(source))
    except (TemplateError, RecursionError, ValueError):
        return set()


def whole_expression(source: str) -> str | None:
    """Return the expression of a template that is nothing but one `{{ expression }}`, None for any other."""
    inner = source.strip()
    if not (inner.startswith("{{") and inner.endswith("}}")):
        return None
    expression = inner[2:-2].strip("-+ \t\n")
    try:
        _ENVIRONMENT.compile_expression(expression)
        return expression if len(_ENVIRONMENT.parse(inner).body) == 1 else None
    except (TemplateError, RecursionError, ValueError):
        return None


def _loop_depth(tree: nodes.Node) -> int:
    deepest = 0
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, above = waiting.pop()
        depth = above + isinstance(node, nodes.For)
        deepest = max(deepest, depth)
        waiting.extend((child, depth) for child in node.iter_child_nodes())
    return deepest


def render_template(
    source: str,
    context: Mapping[str, Any],  # Any: whatever templates may look at
    *,
    most: int | None = None,
) -> str:
    """Return the text that a template makes; text without `{{` or `{%` is returned as it is.

    Unknown names are empty text, and halves of characters, which nobody could store or send, are `?`.
    Errors: TemplateInvalid for a malformed template, for one that fails, and for one that makes more than `most`
    characters.
    """
    if "{{" not in source and "{%" not in source:
        return source
    steps = _steps_left.set(iter(range(MAXIMUM_STEPS)))
    try:
        text = "".join(_bounded(_compiled(source).generate(context), most))
    except _FAILURES as error:
        raise TemplateInvalid(f"Failed to render template due to the following error: {error!r}") from error
    finally:
        _steps_left.reset(steps)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


@lru_cache(maxsize=MOST_COMPILED)
def _compiled(source: str) -> Template:
    validate_template(source)
    return _ENVIRONMENT.from_string(source)


def _bounded(parts: Iterator[str], most: int | None) -> Iterator[str]:
    size = 0
    for part in parts:
        size += len(part)
        if most is not None and size > most:
            raise TemplateInvalid(f"The template makes more than {most} characters.")
        yield part
