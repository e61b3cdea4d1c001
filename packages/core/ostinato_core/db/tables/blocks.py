"""Blocks: types, schemas, documents (their data encrypted), and which document is nested in which."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from ostinato_core.db.tables.base import identity, metadata, workspace
from ostinato_core.db.types import Id, Json

block_types = Table(
    "block_types",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("logo_url", Text),
    Column("documentation_url", Text),
    Column("description", Text),
    Column("code_example", Text),
    Column("is_protected", Boolean, nullable=False),
    UniqueConstraint("workspace_id", "slug"),
)

block_schemas = Table(
    "block_schemas",
    metadata,
    *identity(),
    Column("checksum", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("fields", Json, nullable=False),
    Column("capabilities", Json, nullable=False),
    Column("block_type_id", Id, ForeignKey("block_types.id", ondelete="CASCADE"), nullable=False),
    UniqueConstraint("workspace_id", "checksum", "version"),
    Index(None, "block_type_id"),
)

block_documents = Table(
    "block_documents",
    metadata,
    *identity(),
    Column("name", Text, nullable=False),
    Column("is_anonymous", Boolean, nullable=False),
    # Ciphertext of the JSON text, and the id of the key that opens it: see `ostinato_core.encryption`.
    Column("data", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("block_type_id", Id, ForeignKey("block_types.id", ondelete="CASCADE"), nullable=False),
    Column("block_schema_id", Id, ForeignKey("block_schemas.id", ondelete="CASCADE"), nullable=False),
    UniqueConstraint("block_type_id", "name"),
    Index(None, "workspace_id", "name"),
    Index(None, "block_schema_id"),
    Index(None, "key_id"),
)

block_document_references = Table(
    "block_document_references",
    metadata,
    Column("id", Id, primary_key=True),
    workspace(),
    Column("name", Text, nullable=False),
    Column("parent_id", Id, ForeignKey("block_documents.id", ondelete="CASCADE"), nullable=False),
    Column("nested_id", Id, ForeignKey("block_documents.id", ondelete="CASCADE"), nullable=False),
    UniqueConstraint("parent_id", "name"),
    Index(None, "nested_id"),
)
