"""What type hints of a block's fields say: which blocks they nest, and where their secrets are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel, Secret, SecretBytes, SecretStr

from ostinato.blocks.fields import SecretDict

if TYPE_CHECKING:
    from ostinato.blocks.core import Block

# Any below: type hints of users' classes.


def field_name(name: str, field: Any) -> str:
    """Return the name of a field in JSON."""
    return field.alias or name


def nested_blocks(annotation: Any, base: type[Block]) -> list[type[Block]]:
    """Return the block classes in a type hint, each once, in order."""
    return list(dict.fromkeys(kind for kind in _classes(annotation) if issubclass(kind, base)))


def secret_paths(model: type[BaseModel]) -> list[str]:
    """Return where the secrets of a model are: `name`, `outer.name`, and `name.*` for every member of a SecretDict."""
    paths: list[str] = []
    for name, field in model.model_fields.items():
        paths += [field_name(name, field) + rest for rest in _secrets_in(field.annotation)]
    return paths


def _secrets_in(annotation: Any) -> Iterator[str]:
    for kind in _classes(annotation):
        if issubclass(kind, SecretDict):
            yield ".*"
        elif issubclass(kind, (SecretStr, SecretBytes, Secret)):
            yield ""
        elif issubclass(kind, BaseModel):
            yield from (f".{path}" for path in secret_paths(kind))


def _classes(annotation: Any) -> Iterator[type]:
    """Yield every class in a type hint, through unions, containers and `Annotated`."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        yield annotation
        return
    origin = get_origin(annotation)
    if isinstance(origin, type) and issubclass(origin, Secret):
        yield origin
    for argument in get_args(annotation):
        yield from _classes(argument)
