"""All that is wrong with values, in the shape of the values: what a form shows beside its fields."""

from typing import TypeAlias

from jsonschema.exceptions import ValidationError

from ostinato_core.parameters.errors import HydrationError
from ostinato_core.parameters.hydration import KIND, HydrationContext, hydrate
from ostinato_core.parameters.shapes import is_array, is_object
from ostinato_core.parameters.validation import all_errors
from ostinato_wire.base import Json, JsonObject

Path: TypeAlias = tuple[str | int, ...]


def find_problems(values: JsonObject, schema: JsonObject, context: HydrationContext) -> list[Json]:
    """Return the problems, nested by member and item; none where the values fit.

    Placeholders are replaced first by what `context` knows; one that cannot be is a problem of its own.
    Errors: InvalidSchema, CircularSchema, ParametersInvalid for a schema that refers to what is not there.
    """
    reading = _Reading(context)
    _, hydrated = reading.read(values, ())
    found = list(reading.found)
    spared = [path for path, _ in found]
    for error in all_errors(hydrated, schema):
        path = _path_of(error)
        if not any(path[: len(each)] == each for each in spared):
            found.append((path, error.message))
    return _nested(found)


class _Reading:
    """Replaces placeholders, and remembers which could not be."""

    def __init__(self, context: HydrationContext) -> None:
        self.context = context
        self.found: list[tuple[Path, str]] = []

    def read(self, value: Json, path: Path) -> tuple[bool, Json]:
        """Return whether there is a value at all, and the value with placeholders replaced."""
        if is_object(value):
            if KIND in value:
                return self._replace(value, path)
            members = {name: self.read(each, (*path, name)) for name, each in value.items()}
            return True, {name: made for name, (is_there, made) in members.items() if is_there}
        if is_array(value):
            items = [self.read(each, (*path, number)) for number, each in enumerate(value)]
            return True, [made for is_there, made in items if is_there]
        return True, value

    def _replace(self, placeholder: JsonObject, path: Path) -> tuple[bool, Json]:
        try:
            made: JsonObject = hydrate({"value": placeholder}, self.context)
        except HydrationError as error:
            self.found.append((path, error.message))
            return True, None
        return "value" in made, made.get("value")


def _path_of(error: ValidationError) -> Path:
    """Return where an error belongs: one of an absent member to that member."""
    path = tuple(error.absolute_path)
    if error.validator == "required" and is_array(names := error.validator_value):  # pyright: ignore[reportUnknownMemberType]  # half typed
        absent = (name for name in names if isinstance(name, str) and error.message.startswith(f"{name!r} is a req"))
        return (*path, *list(absent)[:1])
    return path


def _nested(found: list[tuple[Path, str]]) -> list[Json]:
    """Return the messages nested as the paths are, those of the place itself first."""
    here: list[Json] = []
    order: list[str | int] = []
    places: dict[str | int, list[tuple[Path, str]]] = {}
    for path, message in found:
        if not path:
            here.append(message)
            continue
        if path[0] not in places:
            places[path[0]] = []
            order.append(path[0])
        places[path[0]].append((path[1:], message))
    return [*here, *(_at(place, places[place]) for place in order)]


def _at(place: str | int, found: list[tuple[Path, str]]) -> Json:
    return {"index" if isinstance(place, int) else "property": place, "errors": _nested(found)}
