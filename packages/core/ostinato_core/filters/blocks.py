"""The filters of block types, schemas and documents, as conditions. Every one includes the workspace."""

from sqlalchemy import select

from ostinato_core.db.tables import block_documents, block_schemas, block_types
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Condition
from ostinato_core.transaction import Transaction
from ostinato_wire.block_documents import BlockDocumentFilter, BlockDocumentsWhere
from ostinato_wire.block_schemas_filter import BlockSchemaFilter
from ostinato_wire.block_types import BlockTypeFilter

_TYPE, _SCHEMA, _DOCUMENT = block_types.c, block_schemas.c, block_documents.c


def block_types_where(tx: Transaction, types: BlockTypeFilter | None, schemas: BlockSchemaFilter | None) -> Condition:
    """Block types that match and have a schema that matches."""
    parts: list[Condition | None] = [_TYPE.workspace_id == tx.workspace_id, _type_matches(tx, types)]
    if schemas is not None:
        having = select(_SCHEMA.block_type_id).where(_schema_matches(tx, schemas))
        parts.append(_TYPE.id.in_(having))
    return criteria.combine(criteria.Operator.AND, parts)


def block_schemas_where(tx: Transaction, schemas: BlockSchemaFilter | None) -> Condition:
    """Block schemas that match."""
    own = _SCHEMA.workspace_id == tx.workspace_id
    wanted = None if schemas is None else _schema_matches(tx, schemas)
    return criteria.combine(criteria.Operator.AND, (own, wanted))


def block_documents_where(tx: Transaction, where: BlockDocumentsWhere) -> Condition:
    """Documents that match, whose type and schema match; without a filter of documents no anonymous ones.

    The statement joins `block_types` and `block_schemas`.
    """
    wanted = where.block_documents or BlockDocumentFilter()
    parts: list[Condition | None] = [_DOCUMENT.workspace_id == tx.workspace_id, _document_matches(tx, wanted)]
    parts.append(_type_matches(tx, where.block_types))
    if where.block_schemas is not None:
        parts.append(_schema_matches(tx, where.block_schemas))
    return criteria.combine(criteria.Operator.AND, parts)


def _document_matches(tx: Transaction, wanted: BlockDocumentFilter) -> Condition:
    conditions: list[Condition | None] = []
    for column, ids in ((_DOCUMENT.id, wanted.id), (_DOCUMENT.block_type_id, wanted.block_type_id)):
        if ids is not None:
            conditions.append(criteria.any_or_none_of(tx.dialect, column, ids.any_, None))
    if wanted.is_anonymous is not None:
        conditions.append(criteria.flag(_DOCUMENT.is_anonymous, wanted.is_anonymous))
    if wanted.name is not None:
        conditions.append(criteria.name(tx.dialect, _DOCUMENT.name, wanted.name))
    return criteria.combine(wanted.operator, conditions)


def _type_matches(tx: Transaction, wanted: BlockTypeFilter | None) -> Condition | None:
    if wanted is None:
        return None
    conditions: list[Condition | None] = []
    if wanted.name is not None:
        conditions.append(criteria.like(tx.dialect, _TYPE.name, wanted.name.like_))
    if wanted.slug is not None:
        conditions.append(criteria.any_of(tx.dialect, _TYPE.slug, wanted.slug.any_))
    return criteria.combine(criteria.Operator.AND, conditions)


def _schema_matches(tx: Transaction, wanted: BlockSchemaFilter) -> Condition:
    conditions: list[Condition | None] = []
    for column, ids in ((_SCHEMA.id, wanted.id), (_SCHEMA.block_type_id, wanted.block_type_id)):
        if ids is not None:
            conditions.append(criteria.any_or_none_of(tx.dialect, column, ids.any_, None))
    if wanted.block_capabilities is not None and wanted.block_capabilities.all_:
        conditions.append(tx.dialect.contains_all(_SCHEMA.capabilities, wanted.block_capabilities.all_))
    if wanted.version is not None:
        conditions.append(criteria.any_or_none_of(tx.dialect, _SCHEMA.version, wanted.version.any_, None))
    return criteria.combine(wanted.operator, conditions)
