"""What can be wrong with a request for a work pool."""

from ostinato_core.errors import Conflict, Forbidden, Invalid, NotFound


class WorkPoolNotFound(NotFound):
    """No work pool has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f'Work pool "{name}" not found.')


class WorkPoolSlotsNotFound(NotFound):
    """No work pool has the name, told as the reference does where slots are asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Work pool '{name}' not found.")


class WorkPoolExists(Conflict):
    """A work pool has the name already."""

    def __init__(self) -> None:
        super().__init__("A work pool with this name already exists.")


class WorkPoolReserved(Forbidden):
    """Names that start with `prefect` are reserved; `and_can` ends the sentence with what is still allowed."""

    def __init__(self, and_can: str = "") -> None:
        super().__init__(f"Work pools starting with 'Prefect' are reserved for internal use{and_can}.")


class JobVariablesInvalid(Invalid):
    """The variables of a base job template are no schema, or their defaults do not fit it."""
