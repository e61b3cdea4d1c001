"""What can be wrong with a request for a block document."""

from uuid import UUID

from ostinato_core.errors import Conflict, NotFound, Unacceptable


class BlockDocumentNotFound(NotFound):
    """No block document has the id or name."""

    def __init__(self) -> None:
        super().__init__("Block document not found")


class BlockDocumentExists(Conflict):
    """The name is taken among the documents of the block type."""

    def __init__(self) -> None:
        super().__init__("Block already exists")


class BadBlockDocumentReference(Unacceptable):
    """A reference does not say to what."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Received block reference without a block_document_id in key {name}")


class BlockDocumentCycle(Unacceptable):
    """A document would be nested in itself."""

    def __init__(self, parent_id: UUID, nested_id: UUID) -> None:
        super().__init__(
            "Cannot create block document reference: it would introduce a cycle into the block_document_reference "
            f"graph (parent={parent_id}, reference={nested_id})."
        )


class OtherBlockType(Unacceptable):
    """A document cannot change its block type."""

    def __init__(self) -> None:
        super().__init__("Must migrate block document to a block schema of the same block type.")
