"""State hooks: functions of the user that are told of a run's state. Their errors are logged and change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from ostinato.engine.steps import Call, Plan

if TYPE_CHECKING:
    import logging

    from ostinato.states import State

Hook: TypeAlias = Callable[..., Any]  # Any: (flow or task, run, state); what it returns is not used


def checked(name: str, hooks: Iterable[Hook] | None) -> list[Hook]:
    """Return `hooks` as a list. Raises TypeError if it is no iterable of callables."""
    if hooks is None:
        return []
    if isinstance(hooks, str) or not isinstance(hooks, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without type checker
        raise TypeError(f"`{name}` must be a list of callables, got {type(hooks).__name__}.")
    listed = list(hooks)
    for hook in listed:
        if not callable(hook):
            raise TypeError(f"`{name}` must be a list of callables, but {hook!r} cannot be called.")
    return listed


LoggerLike: TypeAlias = "logging.Logger | logging.LoggerAdapter[logging.Logger]"


def run_hooks(hooks: list[Hook], owner: object, run: object, state: State, logger: LoggerLike) -> Plan[None]:
    """Call each hook with (flow or task, run, state)."""
    for hook in hooks:
        name = getattr(hook, "__name__", type(hook).__name__)
        logger.info("Running hook %r in response to entering state %r", name, state.name)
        try:
            yield Call(hook, (owner, run, state))
        except Exception:
            logger.exception("An error was encountered while running hook %r", name)
        else:
            logger.info("Hook %r finished running successfully", name)
