"""From rows to what the API answers: a document with its block type, its schema and the documents nested in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from ostinato_core.block_documents.references import References
from ostinato_core.block_documents.sealing import open_data
from ostinato_core.block_documents.secrets import mask, secret_paths
from ostinato_core.block_schemas.rows import TYPE_MEMBERS, type_json
from ostinato_core.db.tables import block_documents, block_schemas, block_types
from ostinato_core.encryption.key_ring import KeyRing
from ostinato_core.states.rows import JsonDict, Row

SCHEMA_TYPES = block_types.alias("schema_types")
"""The block types of schemas: a schema may be of another type than the document that uses it."""

_SCHEMA_MEMBERS = tuple(column.name for column in block_schemas.c if column.name != "workspace_id")
COLUMNS = (
    *block_documents.c,
    *(block_schemas.c[name].label(f"schema_{name}") for name in _SCHEMA_MEMBERS),
    *(block_types.c[name].label(f"type_{name}") for name in TYPE_MEMBERS),
    *(SCHEMA_TYPES.c[name].label(f"schema_type_{name}") for name in TYPE_MEMBERS),
)
"""What is read of a document, in a SELECT."""


@dataclass(slots=True)
class Assembly:
    """Documents with what is nested in them: rows by id, and references by the parent's id."""

    keys: KeyRing
    rows: Mapping[UUID, Row]
    references: Mapping[UUID, References]
    include_secrets: bool

    def document_json(self, row: Row) -> JsonDict:
        """Return a document as the API answers it. Errors: EncryptionKeyMissing, SealBroken."""
        return {
            "id": row["id"],
            "created": row["created"],
            "updated": row["updated"],
            "name": row["name"],
            "data": self._data(row, ()),
            "block_schema_id": row["block_schema_id"],
            "block_schema": _schema_json(row),
            "block_type_id": row["block_type_id"],
            "block_type_name": row["type_name"],
            "block_type": type_json(row, "type"),
            "block_document_references": self._references_json(row, ()),
            "is_anonymous": row["is_anonymous"],
        }

    def _data(self, row: Row, within: Sequence[UUID]) -> JsonDict:
        data = open_data(self.keys, row)
        if not self.include_secrets:
            data = mask(data, secret_paths(row["schema_fields"]))
        for name, nested in self._nested(row, within):
            data[name] = self._data(nested, (*within, row["id"]))
        return data

    def _references_json(self, row: Row, within: Sequence[UUID]) -> JsonDict:
        return {
            name: {
                "block_document": {
                    "id": nested["id"],
                    "name": nested["name"],
                    "block_type": type_json(nested, "type"),
                    "is_anonymous": nested["is_anonymous"],
                    "block_document_references": self._references_json(nested, (*within, row["id"])),
                }
            }
            for name, nested in self._nested(row, within)
        }

    def _nested(self, row: Row, within: Sequence[UUID]) -> list[tuple[str, Row]]:
        references = self.references.get(row["id"], {})
        return [(name, self.rows[id_]) for name, id_ in references.items() if id_ in self.rows and id_ not in within]


def _schema_json(row: Row) -> JsonDict:
    schema = {name: row[f"schema_{name}"] for name in _SCHEMA_MEMBERS}
    schema["block_type"] = type_json(row, "schema_type")
    return schema
