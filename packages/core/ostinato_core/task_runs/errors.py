"""What can be wrong with a request for a task run."""

from ostinato_core.errors import NotFound


class TaskRunNotFound(NotFound):
    """No task run has the id. `what` is what the reference calls it: clients compare the text."""

    def __init__(self, what: str = "Task") -> None:
        super().__init__(f"{what} not found")
