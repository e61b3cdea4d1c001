"""Parameters of a run that the server keeps, as arguments of its flow."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from ostinato.exceptions import ParameterBindError, SignatureMismatchError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ostinato.flows import Flow

# Any below: JSON values, arguments of users' functions, and flows of whatever type.


def bind_stored(flow: Flow[..., Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters by name, defaults included; what has no name of its own goes into `**kwargs`.

    Raises SignatureMismatchError for unknown names, ParameterBindError for missing ones.
    """
    signature = flow.signature.signature
    rest = {name: value for name, value in stored.items() if name not in signature.parameters}
    bound: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            given = stored.get(name)
            bound[name] = {**rest, **(given if isinstance(given, dict) else {})}
            rest = {}
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            bound[name] = tuple(stored.get(name) or ())
        elif name in stored:
            bound[name] = stored[name]
        elif parameter.default is not inspect.Parameter.empty:
            bound[name] = parameter.default
        else:
            raise ParameterBindError(f"Flow {flow.name!r} needs the parameter {name!r}, and the run has none.")
    if rest:
        raise SignatureMismatchError(
            f"Flow {flow.name!r} has no parameters {sorted(rest)}; it has {list(signature.parameters)}."
        )
    return bound
