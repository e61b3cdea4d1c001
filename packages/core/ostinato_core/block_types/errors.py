"""What can be wrong with a request for a block type."""

from ostinato_core.errors import Conflict, Forbidden, NotFound


class BlockTypeNotFound(NotFound):
    """No block type has the id or slug."""

    def __init__(self) -> None:
        super().__init__("Block type not found")


class BlockTypeExists(Conflict):
    """The slug is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f'Block type with name "{name}" already exists')


class BlockTypeNameReserved(Forbidden):
    """The name is one of the server's own."""

    def __init__(self) -> None:
        super().__init__("Block type names beginning with 'Prefect' are reserved.")


class BlockTypeProtected(Forbidden):
    """The block type belongs to the server."""

    def __init__(self) -> None:
        super().__init__("protected block types cannot be deleted.")
