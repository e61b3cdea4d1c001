"""What became of something that was sent: delivered, worth another attempt, or lost for good."""

from dataclasses import dataclass, field

from ostinato_core.states.rows import JsonDict


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one attempt. `reason` and `details` are shown to people and hold no secret.

    `is_final` where it was not delivered and another attempt is useless, or unsafe because nobody knows whether this
    one arrived. `details` may have `status`, `headers`, `body` (cut) and `retry_after` (seconds) of an answer.
    """

    delivered: bool
    is_final: bool
    reason: str | None = None
    details: JsonDict = field(default_factory=JsonDict)


def delivered(details: JsonDict | None = None) -> Outcome:
    """Return that of something that arrived."""
    return Outcome(delivered=True, is_final=True, details=details or {})


def lost(reason: str, details: JsonDict | None = None) -> Outcome:
    """Return that of something that did not arrive, and for which nothing more is to be tried."""
    return Outcome(delivered=False, is_final=True, reason=reason, details=details or {})


def failed(reason: str, details: JsonDict | None = None) -> Outcome:
    """Return that of something that did not arrive, and may at another attempt."""
    return Outcome(delivered=False, is_final=False, reason=reason, details=details or {})
