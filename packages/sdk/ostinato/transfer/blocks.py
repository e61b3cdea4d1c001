"""Blocks, with the types and schemas that they need."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, cast
from uuid import UUID

from ostinato.client.errors import ObjectNotFound
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.client.paging import every
from ostinato.transfer.items import EXISTS, Item, Skip, Target
from ostinato_wire.block_documents import BlockDocument, BlockDocumentCreate, BlockDocumentSort
from ostinato_wire.block_schemas import BlockSchema, BlockSchemaCreate
from ostinato_wire.block_types import BlockType, BlockTypeCreate

# Any below: JSON values.


def items(source: SyncOstinatoClient, with_secrets: bool) -> list[Item]:
    """Return items of all named blocks; before them their types, schemas and the blocks within them.

    Types that belong to the server, or of which there is no block, are left out.
    """
    sort = BlockDocumentSort.NAME_ASC
    documents = every(
        lambda limit, offset: source.read_block_documents(limit, offset, include_secrets=with_secrets, sort=sort)
    )
    types = every(lambda limit, offset: source.read_block_types(limit=limit, offset=offset))
    schemas = every(lambda limit, offset: source.read_block_schemas(limit=limit, offset=offset))
    used = _used(documents, types, schemas)
    needed = [schema for schema in reversed(schemas) if schema.block_type_id in used]
    return [
        *(Item(each.id, f"block-type/{each.slug}", partial(_make_type, each)) for each in used.values()),
        *(
            Item(each.id, f"block-schema/{used[cast(UUID, each.block_type_id)].slug}", partial(_make_schema, each))
            for each in needed
        ),
        *(
            Item(each.id, f"block/{_slug(each)}/{each.name}", partial(_make_document, each, with_secrets))
            for each in _nested_first(documents)
        ),
    ]


def _used(
    documents: Iterable[BlockDocument], types: Iterable[BlockType], schemas: Iterable[BlockSchema]
) -> dict[UUID, BlockType]:
    """Return the types of the documents, and those that their schemas name."""
    by_slug = {each.slug: each for each in types}
    by_id = {each.id: each for each in by_slug.values()}
    of_type: dict[UUID | None, list[BlockSchema]] = {}
    for schema in schemas:
        of_type.setdefault(schema.block_type_id, []).append(schema)
    used: dict[UUID, BlockType] = {}
    open_ = [document.block_type_id for document in documents]
    while open_:
        wanted = open_.pop()
        if wanted in used or wanted not in by_id:
            continue
        used[wanted] = by_id[wanted]
        slugs = {slug for schema in of_type.get(wanted, ()) for slug in _named(schema.fields)}
        open_ += [by_slug[slug].id for slug in slugs if slug in by_slug]
    return used


def _named(value: Any) -> Iterator[str]:
    """Yield the slugs of the types that a schema's `block_schema_references` name."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        if isinstance(slug := members.get("block_type_slug"), str):
            yield slug
        value = list(members.values())
    if isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _named(item)


def _make_type(block_type: BlockType, target: Target) -> None:
    try:
        known = target.client.read_block_type_by_slug(block_type.slug)
    except ObjectNotFound:
        body = BlockTypeCreate.model_validate(block_type.model_dump(include=set(BlockTypeCreate.model_fields)))
        target.known(block_type.id, target.client.create_block_type(body).id)
    else:
        target.known(block_type.id, known.id)
        raise Skip(EXISTS)


def _make_schema(schema: BlockSchema, target: Target) -> None:
    try:
        known = target.client.read_block_schema_by_checksum(schema.checksum, schema.version)
    except ObjectNotFound:
        body = BlockSchemaCreate(
            fields=schema.fields,
            block_type_id=target.id_of(cast(UUID, schema.block_type_id)),
            capabilities=schema.capabilities,
            version=schema.version,
        )
        target.known(schema.id, target.client.create_block_schema(body).id)
    else:
        target.known(schema.id, known.id)
        raise Skip(EXISTS)


def _make_document(document: BlockDocument, with_secrets: bool, target: Target) -> None:
    slug = _slug(document)
    try:
        known = target.client.read_block_document_by_name(str(document.name), slug, include_secrets=False)
    except ObjectNotFound:
        if not with_secrets and (secrets := _secrets(document)):
            raise Skip(f"holds secrets ({', '.join(secrets)}): make it anew there, or copy with secrets") from None
        body = BlockDocumentCreate(
            name=document.name,
            data=document.data | _references(document, target),
            block_schema_id=target.id_of(document.block_schema_id),
            block_type_id=target.id_of(document.block_type_id),
        )
        target.known(document.id, target.client.create_block_document(body).id)
    else:
        target.known(document.id, known.id)
        raise Skip(EXISTS)


def _references(document: BlockDocument, target: Target) -> dict[str, Any]:
    """Return the members that are blocks of their own, as the wire names them."""
    return {
        member: {"$ref": {"block_document_id": str(target.id_of(nested))}}
        for member, nested in _nested(document).items()
    }


def _nested(document: BlockDocument) -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    for member, reference in document.block_document_references.items():
        inner: Any = reference.get("block_document")
        if isinstance(inner, dict):
            found[member] = UUID(str(cast("dict[str, Any]", inner)["id"]))
    return found


def _secrets(document: BlockDocument) -> list[str]:
    """Return the members of the block's own that hold secrets, and are given."""
    schema = document.block_schema
    names: list[str] = (schema.fields.get("secret_fields") or []) if schema is not None else []
    members = dict.fromkeys(name.partition(".")[0] for name in names)
    return [name for name in members if document.data.get(name) and name not in document.block_document_references]


def _nested_first(documents: Iterable[BlockDocument]) -> list[BlockDocument]:
    """Return the documents, each after those that it names."""
    by_id = {each.id: each for each in documents}
    ordered: dict[UUID, BlockDocument] = {}

    def add(document: BlockDocument) -> None:
        for nested in _nested(document).values():
            if nested in by_id and nested not in ordered:
                add(by_id[nested])
        ordered[document.id] = document

    for document in by_id.values():
        if document.id not in ordered:
            add(document)
    return list(ordered.values())


def _slug(document: BlockDocument) -> str:
    return document.block_type.slug if document.block_type is not None else str(document.block_type_id)
