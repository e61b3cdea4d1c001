"""The tables of variables, artifacts, saved searches, blocks and the server's configuration."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")

TABLES = (
    "variables",
    "saved_searches",
    "artifacts",
    "artifact_collections",
    "block_types",
    "block_schemas",
    "block_documents",
    "block_document_references",
    "configuration",
)


def _is_postgres() -> bool:
    return context.get_context().dialect.name == "postgresql"


def upgrade() -> None:
    """Make everything."""
    _variables()
    _saved_searches()
    _artifacts()
    _artifact_collections()
    _block_types()
    _block_schemas()
    _block_documents()
    _block_document_references()
    _configuration()
    if _is_postgres():
        op.create_index("ix_variables__tags", "variables", ["tags"], postgresql_using="gin")
        _trigrams("ix_variables__name_trigrams", "variables", "name")
        _trigrams("ix_artifacts__key_trigrams", "artifacts", "key")


def downgrade() -> None:
    """Remove everything."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _identity() -> tuple[sa.Column, ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
    )


def _trigrams(index: str, table: str, column: str) -> None:
    op.create_index(index, table, [column], postgresql_using="gin", postgresql_ops={column: "gin_trgm_ops"})


def _variables() -> None:
    op.create_table(
        "variables",
        *_identity(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", JSON, nullable=True),
        sa.Column("tags", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_variables"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_variables__workspace_id_name"),
    )
    op.create_index("ix_variables__workspace_id_created", "variables", ["workspace_id", "created"])


def _saved_searches() -> None:
    op.create_table(
        "saved_searches",
        *_identity(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filters", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_searches"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_saved_searches__workspace_id_name"),
    )


def _content() -> tuple[sa.Column, ...]:
    return (
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("data", JSON, nullable=True),
        sa.Column("metadata_", JSON, nullable=True),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.Column("task_run_id", sa.Uuid(), nullable=True),
    )


def _artifacts() -> None:
    op.create_table(
        "artifacts",
        *_identity(),
        sa.Column("key", sa.Text(), nullable=True),
        *_content(),
        sa.PrimaryKeyConstraint("id", name="pk_artifacts"),
    )
    op.create_index("ix_artifacts__workspace_id_created", "artifacts", ["workspace_id", "created"])
    _partial("ix_artifacts__workspace_id_key_created", ["workspace_id", "key", "created"], "key IS NOT NULL")
    _partial("ix_artifacts__flow_run_id", ["flow_run_id"], "flow_run_id IS NOT NULL")
    _partial("ix_artifacts__task_run_id", ["task_run_id"], "task_run_id IS NOT NULL")


def _partial(index: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(index, "artifacts", columns, postgresql_where=where, sqlite_where=where)


def _artifact_collections() -> None:
    op.create_table(
        "artifact_collections",
        *_identity(),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("latest_id", sa.Uuid(), nullable=False),
        *_content(),
        sa.PrimaryKeyConstraint("id", name="pk_artifact_collections"),
        sa.UniqueConstraint("workspace_id", "key", name="uq_artifact_collections__workspace_id_key"),
    )
    op.create_index("ix_artifact_collections__latest_id", "artifact_collections", ["latest_id"])
    op.create_index(
        "ix_artifact_collections__workspace_id_created", "artifact_collections", ["workspace_id", "created"]
    )


def _block_types() -> None:
    op.create_table(
        "block_types",
        *_identity(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("logo_url", sa.Text(), nullable=True),
        sa.Column("documentation_url", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("code_example", sa.Text(), nullable=True),
        sa.Column("is_protected", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_block_types"),
        sa.UniqueConstraint("workspace_id", "slug", name="uq_block_types__workspace_id_slug"),
    )


def _block_schemas() -> None:
    op.create_table(
        "block_schemas",
        *_identity(),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("capabilities", JSON, nullable=False),
        sa.Column("block_type_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_block_schemas"),
        sa.ForeignKeyConstraint(
            ["block_type_id"], ["block_types.id"], name="fk_block_schemas__block_type_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "workspace_id", "checksum", "version", name="uq_block_schemas__workspace_id_checksum_version"
        ),
    )
    op.create_index("ix_block_schemas__block_type_id", "block_schemas", ["block_type_id"])


def _block_documents() -> None:
    op.create_table(
        "block_documents",
        *_identity(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("block_type_id", sa.Uuid(), nullable=False),
        sa.Column("block_schema_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_block_documents"),
        sa.ForeignKeyConstraint(
            ["block_type_id"], ["block_types.id"], name="fk_block_documents__block_type_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["block_schema_id"], ["block_schemas.id"], name="fk_block_documents__block_schema_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("block_type_id", "name", name="uq_block_documents__block_type_id_name"),
    )
    op.create_index("ix_block_documents__workspace_id_name", "block_documents", ["workspace_id", "name"])
    op.create_index("ix_block_documents__block_schema_id", "block_documents", ["block_schema_id"])
    op.create_index("ix_block_documents__key_id", "block_documents", ["key_id"])


def _block_document_references() -> None:
    op.create_table(
        "block_document_references",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("nested_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_block_document_references"),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["block_documents.id"],
            name="fk_block_document_references__parent_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["nested_id"],
            ["block_documents.id"],
            name="fk_block_document_references__nested_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("parent_id", "name", name="uq_block_document_references__parent_id_name"),
    )
    op.create_index("ix_block_document_references__nested_id", "block_document_references", ["nested_id"])


def _configuration() -> None:
    op.create_table(
        "configuration",
        *_identity(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_configuration"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_configuration__workspace_id_name"),
    )
