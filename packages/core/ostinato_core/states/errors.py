"""What can be wrong with a request for a state."""

from ostinato_core.errors import NotFound


class StateNotFound(NotFound):
    """No state has the id. The reference speaks of flow runs for both histories, and clients compare the text."""

    def __init__(self) -> None:
        super().__init__("Flow run state not found")
