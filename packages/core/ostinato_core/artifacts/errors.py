"""What can be wrong with a request for an artifact."""

from ostinato_core.errors import NotFound


class ArtifactNotFound(NotFound):
    """No artifact has the id, or none the key."""

    def __init__(self) -> None:
        super().__init__("Artifact not found.")
