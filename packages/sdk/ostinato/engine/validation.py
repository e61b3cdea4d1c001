"""Parameters of a flow: checked and converted by their type hints, and put into JSON for the server."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pydantic_core
from pydantic import (
    BaseModel,
    ConfigDict,
    PydanticUndefinedAnnotation,
    PydanticUserError,
    ValidationError,
    create_model,
)

from ostinato.engine.block_parameters import with_references
from ostinato.engine.visiting import ATOMS, replace_all
from ostinato.exceptions import ParameterTypeError
from ostinato.futures import OstinatoFuture
from ostinato.states import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ostinato.engine.signatures import BoundSignature

# Any below: arguments of users' functions.


class ParameterValidator:
    """Validates the parameters of one function; made once per flow."""

    def __init__(self, function: Callable[..., Any], signature: BoundSignature) -> None:
        self._parameters = signature.signature.parameters
        self._aliases = {f"p{index}": name for index, name in enumerate(self._parameters)}  # any name can be an alias
        hints = parameter_hints(function)
        try:
            self._model = self._build(hints)
        except (PydanticUserError, PydanticUndefinedAnnotation):
            self._model = self._build({name: hint for name, hint in hints.items() if self._is_usable(name, hint)})

    def _build(self, hints: Mapping[str, Any]) -> type[BaseModel]:
        fields: dict[str, Any] = {}
        for alias, name in self._aliases.items():
            hint, kind = hints.get(name, Any), self._parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                hint = tuple[hint, ...]
            elif kind is inspect.Parameter.VAR_KEYWORD:
                hint = dict[str, hint]
            fields[alias] = (hint, None)
        model = create_model("Parameters", __config__=ConfigDict(arbitrary_types_allowed=True), **fields)
        model.model_rebuild()
        return model

    def _is_usable(self, name: str, hint: Any) -> bool:
        try:
            self._build({name: hint})
        except (PydanticUserError, PydanticUndefinedAnnotation):
            return False
        return True

    def validate(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return `parameters`, converted as their hints say; default values are taken as they are.

        Raises ParameterTypeError with a line for each problem.
        """
        given = {
            alias: parameters[name]
            for alias, name in self._aliases.items()
            if name in parameters and parameters[name] is not self._parameters[name].default
        }
        try:
            model = self._model.model_validate(given)
        except ValidationError as error:
            lines = [f" - {self._path(problem['loc'])}: {problem['msg']}" for problem in error.errors()]
            raise ParameterTypeError("\n".join(["Flow run received invalid parameters:", *lines])) from None
        return {**parameters, **{self._aliases[alias]: getattr(model, alias) for alias in given}}

    def _path(self, location: tuple[int | str, ...]) -> str:
        first, *rest = location
        return ".".join(map(str, [self._aliases.get(str(first), first), *rest]))


def parameter_hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the hints of the parameters; one that only a type checker can read is left out."""
    function = inspect.unwrap(function)
    known = {**getattr(function, "__globals__", {}), **_closure(function)}
    hints: dict[str, Any] = {}
    for name, hint in inspect.get_annotations(function).items():
        holder = type("Hint", (), {"__annotations__": {name: hint}})
        try:
            hints.update(inspect.get_annotations(holder, globals=known, eval_str=True))
        except (NameError, SyntaxError, TypeError, AttributeError):
            continue
    return hints


def _closure(function: Callable[..., Any]) -> dict[str, Any]:
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None) or ()
    found: dict[str, Any] = {}
    for name, cell in zip(code.co_freevars if code is not None else (), cells, strict=False):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return found


def serialize(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return `parameters` as JSON values; futures, states and what has no JSON become the text `<TypeName>`."""
    return {name: _serialize_one(value) for name, value in parameters.items()}


def _serialize_one(value: Any) -> Any:
    if type(value) in ATOMS and not isinstance(value, (bytes, bytearray, complex, range, type)):
        return value if not isinstance(value, float) else pydantic_core.to_jsonable_python(value, inf_nan_mode="null")
    value = replace_all(value, OstinatoFuture, _placeholder)
    value = with_references(replace_all(value, State, _placeholder))
    try:
        return pydantic_core.to_jsonable_python(value, fallback=_placeholder, inf_nan_mode="null")
    except (ValueError, TypeError):  # a value that contains itself, or bytes that are no text
        return _placeholder(value)


def _placeholder(value: object) -> str:
    return f"<{type(value).__name__}>"
