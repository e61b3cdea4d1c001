"""Public functions in two spellings, `x` for sync and `ax` for async code, both of one plan of the engine's steps."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from ostinato.engine.drivers import adrive, drive
from ostinato.utilities.dispatch import in_async_code

if TYPE_CHECKING:
    from ostinato.engine.steps import Plan

P = ParamSpec("P")
T = TypeVar("T")

# Any below: what coroutines yield and take.


def run(plan: Plan[T], *, sync: bool = False) -> T:
    """Run `plan` to its end and return its value; in async code return an awaitable of it instead, unless `sync`."""
    if not sync and in_async_code():
        return cast("T", adrive(plan))
    return drive(plan)


def blocking(plan: Callable[P, Plan[T]]) -> Callable[P, T]:
    """Return the function that runs `plan` to its end and returns its value.

    In async code it returns an awaitable instead, so that `await x(...)` works there too; `_sync=True` forbids that.
    """

    @wraps(plan)
    def function(*args: Any, _sync: bool = False, **kwargs: Any) -> Any:
        return run(plan(*args, **kwargs), sync=_sync)

    return cast("Callable[P, T]", _named(function, plan, ""))


def awaiting(plan: Callable[P, Plan[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Return the coroutine function that runs `plan` in the running event loop."""

    @wraps(plan)
    async def function(*args: P.args, **kwargs: P.kwargs) -> T:
        return await adrive(plan(*args, **kwargs))

    return _named(function, plan, "a")


def _named(function: Callable[P, T], plan: Callable[..., Any], prefix: str) -> Callable[P, T]:
    """Give `function` its public name: that of the plan without the leading underscore."""
    function.__name__ = prefix + plan.__name__.lstrip("_")
    owner, dot, _ = plan.__qualname__.rpartition(".")
    function.__qualname__ = owner + dot + function.__name__
    return function
