"""Why an action could not be done: in the words of the reference where it has some (behaviour.md, section 19.6)."""

from collections.abc import Mapping
from typing import Final

from ostinato_core.errors import Fact, Kind
from ostinato_core.parameters.errors import TemplateInvalid
from ostinato_core.states.rows import JsonDict

_STATUSES: Final[Mapping[Kind, int]] = {
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.INVALID: 422,
    Kind.UNACCEPTABLE: 400,
    Kind.FORBIDDEN: 403,
    Kind.GONE: 410,
    Kind.LOCKED: 423,
    Kind.UNAVAILABLE: 503,
}
"""How the reference tells of a fact: by the status with which a request would have been answered."""


class ActionFailed(Exception):
    """An action is not done, and will not be. `details` go into the event that tells of it."""

    def __init__(self, reason: str, details: JsonDict | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details: JsonDict = details or {}


def refused(action_type: str, fact: Fact) -> ActionFailed:
    """Return the failure of an action that an operation refused."""
    status = _STATUSES[fact.kind]
    if fact.kind in (Kind.CONFLICT, Kind.INVALID):
        reason = f"Validation error occurred for '{action_type}' - {fact.message}"
    else:
        reason = f"Unexpected status from '{action_type}' action: {status}"
    return ActionFailed(reason, {"status_code": status, "detail": fact.message})


def not_rendered(source: str, error: TemplateInvalid) -> ActionFailed:
    """Return the failure of an action whose template failed."""
    why = str(error.__cause__.__repr__() if error.__cause__ else error.message)
    return ActionFailed(
        f"Template rendering failed: {why}", {"template_error": error.message, "template_source": source}
    )
