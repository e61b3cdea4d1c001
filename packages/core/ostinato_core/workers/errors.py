"""What can be wrong with a request for a worker."""

from ostinato_core.errors import NotFound


class WorkerNotFound(NotFound):
    """The pool has no worker of the name."""

    def __init__(self) -> None:
        super().__init__("Worker not found.")
