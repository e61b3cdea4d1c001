"""What can be wrong with a request for a block schema."""

from uuid import UUID

from ostinato_core.errors import Conflict, Forbidden, Invalid, NotFound


class BlockSchemaNotFound(NotFound):
    """No block schema has the id or checksum."""

    def __init__(self) -> None:
        super().__init__("Block schema not found")


class BlockTypeOfSchemaNotFound(NotFound):
    """The schema is said to be of a block type that does not exist."""

    def __init__(self, type_id: UUID) -> None:
        super().__init__(f"Block type {type_id} not found.")


class NestedBlockTypeNotFound(Conflict):
    """The fields refer to a block type that does not exist."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"Cannot create block schema because block type '{slug}' was not found."
            "Did you forget to register the block type?"
        )


class NestedBlockSchemaMissing(Invalid):
    """The fields refer to a schema that is neither stored nor among their definitions."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"Cannot create block schema because its definitions do not hold the schema of block type '{slug}', "
            "which is not stored either: register that schema first."
        )


class BadBlockReference(Invalid):
    """A reference to a nested schema is not of the form that it must have."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"fields.block_schema_references.{name} must be an object with the texts block_type_slug and "
            "block_schema_checksum, or a list of such objects."
        )


class BlockSchemaProtected(Forbidden):
    """The schema is of a block type that belongs to the server."""

    def __init__(self) -> None:
        super().__init__("Block schemas for protected block types cannot be deleted.")


class BlockSchemaTooDeep(Invalid):
    """The definitions nest schemas without end."""

    def __init__(self) -> None:
        super().__init__("The definitions nest block schemas too deeply, or in themselves: register those first.")
