"""Documents nested in documents: which members of data refer to one, and all SQL about references."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import bindparam, delete, literal, select, text

from ostinato_core.block_documents.errors import BadBlockDocumentReference, BlockDocumentCycle
from ostinato_core.db.prepared import prepare, prepare_insert
from ostinato_core.db.tables import block_document_references, block_documents
from ostinato_core.errors import IntegrityConflict
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction

DEEPEST = 50
"""How deep nesting is followed."""

References = Mapping[str, UUID]
"""Nested documents' ids by the name of the member."""

_REFERENCE = block_document_references.c
_INSERT = prepare_insert(block_document_references)
_DELETE = prepare(
    delete(block_document_references).where(
        _REFERENCE.parent_id == bindparam("parent_id"), _REFERENCE.workspace_id == bindparam("workspace_id")
    )
)
_LOCK = text("SELECT pg_advisory_xact_lock(7310562)")


def split(data: JsonDict) -> tuple[JsonDict, dict[str, UUID]]:
    """Return the data proper, and the references among their members. Errors: BadBlockDocumentReference."""
    plain: JsonDict = {}
    references: dict[str, UUID] = {}
    for name, value in data.items():
        if isinstance(value, dict) and "$ref" in value:
            references[name] = _target(name, cast(JsonDict, value)["$ref"])
        else:
            plain[name] = value
    return plain, references


def _target(name: str, reference: object) -> UUID:
    id_ = cast(JsonDict, reference).get("block_document_id") if isinstance(reference, dict) else None
    try:
        return UUID(str(id_))
    except ValueError:
        raise BadBlockDocumentReference(name) from None


async def replace(tx: Transaction, parent_id: UUID, references: References, *, is_new: bool = False) -> None:
    """Make these the references of a document. Errors: IntegrityConflict for a document that is not there;
    BlockDocumentCycle where the document would be nested in itself.
    """
    if references and not is_new:
        await _refuse_cycles(tx, parent_id, references)
    if not is_new:
        await tx.run(_DELETE, {"parent_id": parent_id, "workspace_id": tx.workspace_id})
    if not references:
        return
    await _refuse_unknown(tx, references)
    rows = [
        {"id": new_id(), "workspace_id": tx.workspace_id, "name": name, "parent_id": parent_id, "nested_id": nested_id}
        for name, nested_id in references.items()
    ]
    await tx.run(_INSERT, rows)


async def existing(tx: Transaction, document_ids: Collection[UUID]) -> set[UUID]:
    """Return those of the ids that documents have."""
    if not document_ids:
        return set()
    documents = block_documents.c
    own = (tx.dialect.is_one_of(documents.id, sorted(document_ids)), documents.workspace_id == tx.workspace_id)
    return {row["id"] for row in await tx.rows(select(documents.id).where(*own))}


async def _refuse_unknown(tx: Transaction, references: References) -> None:
    wanted = set(references.values())
    if await existing(tx, wanted) != wanted:
        raise IntegrityConflict


async def _refuse_cycles(tx: Transaction, parent_id: UUID, references: References) -> None:
    if tx.dialect.name == "postgresql":
        # One at a time: two that each add an edge could else close a cycle that neither of them sees.
        await tx.run(_LOCK)
    below = await nested_in(tx, list(references.values()))
    for nested_id in references.values():
        if parent_id in _reached(nested_id, below):
            raise BlockDocumentCycle(parent_id, nested_id)


def _reached(start: UUID, edges: Mapping[UUID, References]) -> set[UUID]:
    found: set[UUID] = set()
    waiting = [start]
    while waiting:
        id_ = waiting.pop()
        if id_ not in found:
            found.add(id_)
            waiting.extend(edges.get(id_, {}).values())
    return found


async def nested_in(tx: Transaction, parent_ids: Sequence[UUID]) -> dict[UUID, dict[str, UUID]]:
    """Return the references of documents, and of those nested in them, by the id of the parent."""
    first = (
        select(_REFERENCE.parent_id, _REFERENCE.name, _REFERENCE.nested_id, literal(1).label("depth"))
        .where(tx.dialect.is_one_of(_REFERENCE.parent_id, parent_ids), _REFERENCE.workspace_id == tx.workspace_id)
        .cte("nested", recursive=True)
    )
    deeper = (
        select(_REFERENCE.parent_id, _REFERENCE.name, _REFERENCE.nested_id, first.c.depth + 1)
        .join(first, _REFERENCE.parent_id == first.c.nested_id)
        .where(first.c.depth < DEEPEST)
    )
    both = first.union(deeper)
    edges: defaultdict[UUID, dict[str, UUID]] = defaultdict(dict)
    for row in await tx.rows(select(both.c.parent_id, both.c.name, both.c.nested_id).distinct()):
        edges[row["parent_id"]][row["name"]] = row["nested_id"]
    return edges


def ids_of(edges: Mapping[UUID, References]) -> Iterable[UUID]:
    """Return the ids of all documents that are nested in one, each once."""
    return {nested_id for references in edges.values() for nested_id in references.values()}
