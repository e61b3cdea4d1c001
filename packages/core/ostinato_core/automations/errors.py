"""What can be wrong with a request for an automation."""

from collections.abc import Sequence
from uuid import UUID

from ostinato_core.errors import Invalid, MissingBelow, NotFound


class AutomationNotFound(MissingBelow):
    """No automation has the id."""

    def __init__(self) -> None:
        super().__init__("Automation not found")


class ActionDeploymentNotFound(NotFound):
    """An action with job variables selects a deployment that does not exist."""

    def __init__(self) -> None:
        super().__init__("Deployment not found.")


class ActionInvalid(Invalid):
    """An action of an automation holds a template or a parameter that cannot be used."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")


class ActionJobVariablesInvalid(Invalid):
    """Job variables of actions do not fit the templates of the work pools."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"Error creating automation: {' '.join(problems)}")


class AutomationInvalid(Invalid):
    """A stored automation does not fit its schema any more."""


class NotTestable(Invalid):
    """An automation has no event trigger, and only those are tried out on stored events."""

    def __init__(self) -> None:
        super().__init__("Only event, compound and sequence triggers can be tested on stored events.")


class EventToExplainNotFound(NotFound):
    """The event that a back-test is to explain is not stored, or not any more."""

    def __init__(self, event_id: UUID) -> None:
        super().__init__(f"Event {event_id} is not stored.")
