"""What can be wrong with a request for a work queue."""

from uuid import UUID

from ostinato_core.errors import Conflict, MissingBelow, NotFound


class WorkQueueNotFound(NotFound):
    """No work queue has the id or name."""

    def __init__(self) -> None:
        super().__init__("work queue not found")


class WorkQueueOfPoolNotFound(NotFound):
    """The pool has no queue of the name, or there is no such pool."""

    def __init__(self, pool: str, name: str) -> None:
        super().__init__(f"Work pool queue '{pool}/{name}' not found.")


class WorkQueueIdNotFound(NotFound):
    """No work queue has the id that is to be changed."""

    def __init__(self, queue_id: UUID) -> None:
        super().__init__(f"Work Queue {queue_id} not found")


class WorkQueueSlotsNotFound(NotFound):
    """No work queue has the id whose slots were asked for."""

    def __init__(self) -> None:
        super().__init__("Work queue not found.")


class WorkQueueMissing(MissingBelow):
    """No work queue has the id, told as the reference does where it finds out late."""

    def __init__(self, queue_id: UUID, end: str = "") -> None:
        super().__init__(f"Work queue with id {queue_id} not found{end}")


class WorkQueueExists(Conflict):
    """A work queue has the name already; `where` ends the sentence."""

    def __init__(self, where: str = "") -> None:
        super().__init__(f"A work queue with this name already exists{where}.")


class DefaultQueueNeeded(Conflict):
    """The default queue of a pool goes only with its pool."""

    def __init__(self, pool: str) -> None:
        super().__init__(f"The default queue of a work pool cannot be deleted: delete the work pool {pool!r} instead.")
