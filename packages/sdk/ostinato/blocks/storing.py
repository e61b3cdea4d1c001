"""The steps of saving, loading and deleting blocks, and of telling the server of their classes (sdk.md, 18)."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from ostinato.blocks.annotations import nested_blocks
from ostinato.blocks.documents import document_data, from_document
from ostinato.engine.steps import Offload, Plan, Request
from ostinato.exceptions import ObjectAlreadyExists, ObjectNotFound, OstinatoError
from ostinato_wire.block_documents import BlockDocument, BlockDocumentCreate, BlockDocumentUpdate
from ostinato_wire.block_schemas import BlockSchema, BlockSchemaCreate
from ostinato_wire.block_types import BlockType, BlockTypeCreate, BlockTypeUpdate
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

if TYPE_CHECKING:
    from ostinato.blocks.core import Block

B = TypeVar("B", bound="Block")

# Any below: values of JSON.


class InvalidBlockRegistration(OstinatoError):
    """`Block` itself was to be saved or registered; only its subclasses can be."""


def register_class(block: type[Block]) -> Plan[None]:
    """Make the type and the schema of a class known to the server. Raises InvalidBlockRegistration."""
    _require_subclass(block, "registered")
    yield from register(block)


def register(block: type[Block]) -> Plan[tuple[BlockType, BlockSchema]]:
    """Make the type and the schema of a class known to the server, after those of the blocks that it nests."""
    for field in block.model_fields.values():
        for nested in nested_blocks(field.annotation, _base()):
            if nested is not block:
                yield from register(nested)
    block_type = yield from _register_type(block)
    checksum, version = block.schema_checksum(), block.get_block_schema_version()
    try:
        schema = yield Request("read_block_schema_by_checksum", {"checksum": checksum, "version": version})
    except ObjectNotFound:
        body = BlockSchemaCreate(
            fields=block.model_json_schema(),
            block_type_id=block_type.id,
            capabilities=sorted(block.get_block_capabilities()),
            version=version,
        )
        schema = yield Request("create_block_schema", {"body": body})
    return block_type, schema


def _register_type(block: type[Block]) -> Plan[BlockType]:
    wanted = block.block_type_body()
    try:
        found: BlockType = yield Request("read_block_type_by_slug", {"slug": wanted.slug})
    except ObjectNotFound:
        try:
            return (yield Request("create_block_type", {"body": wanted}))
        except ObjectAlreadyExists:  # made by another process in the meantime
            return (yield Request("read_block_type_by_slug", {"slug": wanted.slug}))
    changes = _changes(found, wanted)
    if changes and not found.is_protected:  # the server keeps its own words for its own types
        body = BlockTypeUpdate.model_validate(changes)
        yield Request("update_block_type", {"block_type_id": found.id, "body": body})
    return found


def _changes(found: BlockType, wanted: BlockTypeCreate) -> dict[str, Any]:
    members = wanted.model_dump(exclude={"name", "slug"})
    if any(getattr(found, name) != value for name, value in members.items()):
        return members
    return {}


def save(block: Block, name: str | None, overwrite: bool) -> Plan[UUID]:
    """Store a block and return the id of its document; one that was anonymous stays so if it gets no name.

    Raises ValueError if it has no name, or if its type has a block of that name already and `overwrite` is false.
    """
    _require_subclass(type(block), "saved")
    known = block.document()
    name = name or (None if known.is_anonymous else known.name)
    if name is None and not known.is_anonymous:
        raise ValueError("A block needs a name to be saved: call `save(name)`.")
    block_type, schema = yield from register(type(block))
    data = document_data(block)
    body = BlockDocumentCreate(
        name=name or f"anonymous-{uuid4()}",
        data=data,
        block_schema_id=schema.id,
        block_type_id=block_type.id,
        is_anonymous=name is None,
    )
    try:
        document: BlockDocument = yield Request("create_block_document", {"body": body})
    except ObjectAlreadyExists:
        if not overwrite or name is None:
            raise ValueError(
                f"There is already a block named {name!r} of type {block_type.slug!r}. "
                "Save with `overwrite=True` to replace it."
            ) from None
        document = yield from _overwrite(name, block_type.slug, schema, data)
    block.remember(document.id, document.name, document.is_anonymous)
    return document.id


def _overwrite(name: str, slug: str, schema: BlockSchema, data: dict[str, Any]) -> Plan[BlockDocument]:
    document: BlockDocument = yield Request("read_block_document_by_name", {"name": name, "block_type_slug": slug})
    update = BlockDocumentUpdate(block_schema_id=schema.id, data=data, merge_existing_data=False)
    yield Request("update_block_document", {"block_document_id": document.id, "body": update})
    return document


def load(kind: type[B], name: str, validate: bool) -> Plan[B]:
    """Return the block of a class by its name; of the base class and of abstract ones by `type-slug/name`."""
    slug, slash, rest = name.partition("/")
    if slash and (kind is _base() or inspect.isabstract(kind)):
        document = yield from _find(slug, rest)
    elif kind is _base():
        raise ValueError(f"`Block.load` takes `type-slug/name`, got {name!r}.")
    else:
        document = yield from _find(kind.get_block_type_slug(), name)
    return (yield from _loaded(kind, document, validate))


def load_from_ref(kind: type[B], ref: str | UUID | dict[str, Any], validate: bool) -> Plan[B]:
    """Return the block that `ref` names: an id, `{"block_document_id": id}`, or `type-slug/name`."""
    if isinstance(ref, str) and "/" in ref:
        slug, _, name = ref.partition("/")
        document = yield from _find(slug, name)
    else:
        document = yield from _find_by_id(_id_in(ref))
    return (yield from _loaded(kind, document, validate))


def _id_in(ref: str | UUID | dict[str, Any]) -> UUID:
    value: object = ref.get("block_document_id") if isinstance(ref, dict) else ref
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        raise ValueError(f"A block is referred to by its id or by `type-slug/name`, got {ref!r}.") from None


def _find(slug: str, name: str) -> Plan[BlockDocument]:
    try:
        return (yield Request("read_block_document_by_name", {"name": name, "block_type_slug": slug}))
    except ObjectNotFound:
        raise ValueError(f"There is no block named {name!r} of type {slug!r}.") from None


def _find_by_id(block_document_id: UUID) -> Plan[BlockDocument]:
    try:
        return (yield Request("read_block_document", {"block_document_id": block_document_id}))
    except ObjectNotFound:
        raise ValueError(f"There is no block with the id {block_document_id}.") from None


def _loaded(kind: type[B], document: BlockDocument, validate: bool) -> Plan[B]:
    block = from_document(kind, document, validate)
    yield Offload(lambda: tell_loaded(block))
    return block


def delete(kind: type[Block], name: str) -> Plan[None]:
    """Delete the block of a class by its name; of the base class by `type-slug/name`."""
    slug, rest = kind.get_block_type_slug(), name
    if kind is _base():
        slug, slash, rest = name.partition("/")
        if not slash:
            raise ValueError(f"`Block.delete` takes `type-slug/name`, got {name!r}.")
    document = yield from _find(slug, rest)
    yield Request("delete_block_document", {"block_document_id": document.id})


def tell_loaded(block: Block) -> None:
    """Emit the event of a saved block that was loaded."""
    from ostinato.events import emit_event

    slug, document = block.get_block_type_slug(), block.document()
    resource = {RESOURCE_ID: f"prefect.block-document.{document.id}"}
    if document.name is not None:
        resource[RESOURCE_NAME] = document.name
    related = [{RESOURCE_ID: f"prefect.block-type.{slug}", RESOURCE_ROLE: "block-type"}]
    emit_event(f"prefect.block.{slug}.loaded", resource, related=related)


def _require_subclass(kind: type[Block], what: str) -> None:
    if kind is _base():
        raise InvalidBlockRegistration(f"Only subclasses of Block can be {what}.")


def _base() -> type[Block]:
    from ostinato.blocks.core import Block

    return Block
