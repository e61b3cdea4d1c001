"""Blocks as a server keeps them: a block's data on the way there, and the block made of a document."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

import pydantic_core
from pydantic import Secret, SecretBytes, SecretStr

from ostinato.blocks import registry
from ostinato.blocks.annotations import nested_blocks

if TYPE_CHECKING:
    from ostinato.blocks.core import Block
    from ostinato_wire.base import JsonObject
    from ostinato_wire.block_documents import BlockDocument

B = TypeVar("B", bound="Block")

# Any below: values of users' fields, and JSON.

SLUG = "block_type_slug"
DOCUMENT_ID = "_block_document_id"
DOCUMENT_NAME = "_block_document_name"
IS_ANONYMOUS = "_is_anonymous"

storing: ContextVar[bool] = ContextVar("ostinato_block_storing", default=False)
"""Whether blocks are being written for a server: those within others become references, or tell which they are."""


def document_data(block: Block) -> JsonObject:
    """Return the data of a block as JSON, with secrets in clear and saved blocks of its fields as references."""
    token = storing.set(True)
    try:
        data = block.model_dump(by_alias=True)
    finally:
        storing.reset(token)
    data.pop(SLUG, None)
    for name in (DOCUMENT_ID, DOCUMENT_NAME, IS_ANONYMOUS):
        data.pop(name, None)
    fields = {name: _reference(value) for name, value in data.items()}
    return pydantic_core.to_jsonable_python(reveal(fields))


def _reference(value: Any) -> Any:
    """Return a reference in place of the data of a block that the server has."""
    if not isinstance(value, dict):
        return value
    members = cast("JsonObject", value)
    if SLUG not in members or not members.get(DOCUMENT_ID):
        return members
    return {"$ref": {"block_document_id": members[DOCUMENT_ID]}}


def reveal(value: Any) -> Any:
    """Return a value with its secrets in clear, at any depth."""
    if isinstance(value, (SecretStr, Secret)):
        return reveal(value.get_secret_value())
    if isinstance(value, SecretBytes):
        return value.get_secret_value().decode()
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [reveal(item) for item in cast("list[Any]", value)]
    return value


def from_document(kind: type[B], document: BlockDocument, validate: bool = True) -> B:
    """Return the block of a document; `kind` is its class, or one that its own class derives from.

    `validate=False` takes data that no longer fit the class as they are.
    """
    slug = document.block_type.slug if document.block_type is not None else None
    own = kind if slug is None or slug == kind.get_block_type_slug() else _subclass(kind, slug, document)
    data = {name: _revived(value) for name, value in document.data.items()}
    for name, reference in document.block_document_references.items():
        nested = reference.get("block_document")
        if name in data and isinstance(nested, dict):
            data[name] = _nested(own, name, data[name], cast("JsonObject", nested))
    block = own.model_validate(data) if validate else own.model_construct(**data)
    block.remember(document.id, document.name, document.is_anonymous)
    return block


def _subclass(kind: type[B], slug: str, document: BlockDocument) -> type[B]:
    own = registry.class_of(slug)
    if not issubclass(own, kind):
        raise TypeError(f"Block {document.name!r} is a {own.__name__}, not a {kind.__name__}.")
    return own


def _nested(owner: type[Block], name: str, value: Any, document: JsonObject) -> Any:
    """Return the block of a document that is nested in the field `name` of `owner`."""
    if not isinstance(value, dict):
        return value
    inner = {key: _revived(item) for key, item in cast("JsonObject", value).items()}
    references = cast("dict[str, JsonObject]", document.get("block_document_references") or {})
    kind = _class_for(owner, name, document)
    if kind is None:
        return value  # pyright: ignore[reportUnknownVariableType] - as it came
    for key, reference in references.items():
        nested = reference.get("block_document")
        if key in inner and isinstance(nested, dict):
            inner[key] = _nested(kind, key, inner[key], cast("JsonObject", nested))
    block = kind.model_validate(inner)
    block.remember(UUID(str(document["id"])), document.get("name"), bool(document.get("is_anonymous")))
    return block


def _class_for(owner: type[Block], name: str, document: JsonObject) -> type[Block] | None:
    """Return the class of a nested document: the one of its type, or the only one that the field takes."""
    from ostinato.blocks.core import Block

    block_type = document.get("block_type")
    slug = cast("JsonObject", block_type).get("slug") if isinstance(block_type, dict) else None
    field = owner.model_fields.get(name)
    taken = nested_blocks(field.annotation, Block) if field is not None else []
    for kind in taken:
        if kind.get_block_type_slug() == slug:
            return kind
    if isinstance(slug, str) and registry.has_class(slug):
        return registry.class_of(slug)
    return taken[0] if len(taken) == 1 else None


def _revived(value: Any) -> Any:
    """Return a value with blocks in place of the data of blocks that were stored within it."""
    if isinstance(value, list):
        return [_revived(item) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    members = {key: _revived(item) for key, item in cast("JsonObject", value).items()}
    slug = members.get(SLUG)
    if not isinstance(slug, str) or not registry.has_class(slug):
        return members
    known = (members.pop(DOCUMENT_ID, None), members.pop(DOCUMENT_NAME, None), members.pop(IS_ANONYMOUS, None))
    del members[SLUG]
    block = registry.class_of(slug).model_validate(members)
    if known[0]:
        block.remember(UUID(str(known[0])), known[1], bool(known[2]))
    return block
