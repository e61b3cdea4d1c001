"""What can be wrong with a request for a variable."""

from ostinato_core.errors import Conflict, NotFound


class VariableNotFound(NotFound):
    """No variable has the id or name."""

    def __init__(self) -> None:
        super().__init__("Variable not found.")


class VariableExists(Conflict):
    """The name is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f"A variable with the name '{name}' already exists.")
