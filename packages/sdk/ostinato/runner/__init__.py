"""The runner: takes due runs of served deployments and runs each in a process of its own."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostinato.runner.runner import Runner
    from ostinato.runner.serving import aserve, serve

__all__ = ["Runner", "aserve", "serve"]

_HOMES = {"Runner": "runner", "aserve": "serving", "serve": "serving"}


def __getattr__(name: str) -> Any:  # Any: public names of many types, told to type checkers above
    """Load a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
