"""The template language: Jinja2 in a sandbox, with bounds on loops, ranges and powers (behaviour.md, section 20)."""

import re
from collections.abc import Mapping, Sized
from typing import Any, Final

from jinja2 import ChainableUndefined, TemplateError, TemplateSyntaxError, nodes
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


class _Sandbox(ImmutableSandboxedEnvironment):
    """Bounds what a short template could otherwise use up: ranges, powers, repetitions."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # Any: any values
        if operator == "**":
            _check_power(left, right)
        else:
            _check_repetition(left, right)
            _check_repetition(right, left)
        return super().call_binop(context, operator, left, right)


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


_ENVIRONMENT = _Sandbox(
    undefined=ChainableUndefined,
    extensions=["jinja2_humanize_extension.HumanizeExtension"],
)
_NAMES: dict[str, Any] = {"range": _range}  # Any: whatever templates may look at
_ENVIRONMENT.globals |= _NAMES
_ENVIRONMENT.filters |= FILTERS


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


def _loop_depth(tree: nodes.Node) -> int:
    deepest = 0
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, above = waiting.pop()
        depth = above + isinstance(node, nodes.For)
        deepest = max(deepest, depth)
        waiting.extend((child, depth) for child in node.iter_child_nodes())
    return deepest


def render_template(source: str, context: Mapping[str, Any]) -> str:  # Any: whatever templates may look at
    """Return the text that a template makes; text without `{{` or `{%` is returned as it is.

    Unknown names are empty text. Errors: TemplateInvalid for a malformed template and for one that fails.
    """
    if "{{" not in source and "{%" not in source:
        return source
    validate_template(source)
    try:
        return _ENVIRONMENT.from_string(source).render(context)
    except _FAILURES as error:
        raise TemplateInvalid(f"Failed to render template due to the following error: {error!r}") from error
