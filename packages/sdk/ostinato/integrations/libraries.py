"""Importing the libraries of other engines, which only the extras install."""

from importlib import import_module
from typing import Any


def library(name: str, extra: str) -> Any:  # Any: a module; those of the engines have types of their own, or none
    """Return a module. Raises ModuleNotFoundError that names the extra which installs it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0]:
            raise
        text = f"This needs the library {error.name!r}: pip install 'ostinato[{extra}]'."
        raise ModuleNotFoundError(text, name=error.name) from None
