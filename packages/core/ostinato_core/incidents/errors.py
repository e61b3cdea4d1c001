"""What can be wrong with a request for an incident."""

from ostinato_core.errors import Conflict, Invalid, NotFound


class IncidentNotFound(NotFound):
    """No incident has the id."""

    def __init__(self) -> None:
        super().__init__("Incident not found.")


class IncidentNotOpen(Conflict):
    """The incident is resolved already."""

    def __init__(self) -> None:
        super().__init__("The incident is resolved already.")


class IncidentNotResolved(Conflict):
    """The incident goes on."""

    def __init__(self) -> None:
        super().__init__("The incident is open already.")


class EndsBeforeItBegins(Invalid):
    """The end of an incident lies before its beginning."""

    def __init__(self) -> None:
        super().__init__("'end_time' must not be before 'start_time'.")
