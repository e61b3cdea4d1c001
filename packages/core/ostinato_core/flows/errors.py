"""What can be wrong with a request for a flow."""

from ostinato_core.errors import NotFound


class FlowNotFound(NotFound):
    """No flow has the id or name."""

    def __init__(self) -> None:
        super().__init__("Flow not found")
