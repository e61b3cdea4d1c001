"""Calls of users' functions as dictionaries of parameters, and back; the signature is looked at once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias, TypeVar

from ostinato.exceptions import ParameterBindError, ReservedArgumentError, SignatureMismatchError

F = TypeVar("F", bound=Callable[..., Any])  # Any: as below

RESERVED = ("return_state", "wait_for")
"""Keywords of a call that are Ostinato's own."""

_SIMPLE = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)

Binding: TypeAlias = Literal["instance", "class", "none"]
"""What an attribute look-up binds a decorated function to."""

# Any below: arguments of users' functions, and the functions themselves.


def binding_of(function: Any) -> Binding:
    """Return what `function` binds to: `@task` may stand above `@staticmethod` and `@classmethod`."""
    if isinstance(function, classmethod):
        return "class"
    return "none" if isinstance(function, staticmethod) else "instance"


def unwrapped(function: F) -> F:
    """Return the function within a staticmethod or classmethod object, or `function` itself."""
    return getattr(function, "__func__", function) if binding_of(function) != "instance" else function


class BoundSignature:
    """The signature of a function, made for binding many calls fast."""

    def __init__(self, function: Callable[..., Any], *, skip_first: bool = False) -> None:
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())
        self.signature = signature.replace(parameters=parameters[1:] if skip_first else parameters)
        parameters = list(self.signature.parameters.values())
        self.names = [parameter.name for parameter in parameters]
        self._simple = all(parameter.kind in _SIMPLE for parameter in parameters)
        self._positional = sum(p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for p in parameters)
        self._defaults = {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}

    def check_reserved(self, kind: str, name: str) -> None:
        """Raise ReservedArgumentError if a parameter has one of Ostinato's own names."""
        for reserved in RESERVED:
            if reserved in self.names:
                raise ReservedArgumentError(
                    f"{kind} {name!r} has a parameter named {reserved!r}, which is a keyword of every call; rename it."
                )

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a call by name, defaults included. Raises ParameterBindError."""
        if self._simple and len(args) <= self._positional:
            given = dict(zip(self.names, args, strict=False))
            if not kwargs.keys() & given.keys():
                parameters = self._defaults | given | dict(kwargs)
                if len(parameters) == len(self.names) and all(name in parameters for name in self.names):
                    return {name: parameters[name] for name in self.names}
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise ParameterBindError(f"Error binding parameters: {error}. The signature is {self.signature}.") from None
        bound.apply_defaults()
        return dict(bound.arguments)

    def call(self, parameters: Mapping[str, Any]) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
        """Return the positional and keyword arguments by which the function takes `parameters`."""
        if self._simple:
            return (), parameters
        unknown = parameters.keys() - set(self.names)
        if unknown:
            raise SignatureMismatchError(f"The function has no parameters {sorted(unknown)}; it has {self.names}.")
        bound = inspect.BoundArguments(self.signature, dict(parameters))  # pyright: ignore[reportArgumentType] - its order is that of a dict
        return bound.args, bound.kwargs

    def flatten(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return `parameters` with the entries of a `**kwargs` parameter as members of their own."""
        flat: dict[str, Any] = {}
        for name, value in parameters.items():
            parameter = self.signature.parameters.get(name)
            if parameter is not None and parameter.kind is inspect.Parameter.VAR_KEYWORD:
                flat.update(value)
            else:
                flat[name] = value
        return flat
