"""What a deployment or a work pool wants done with runs that crash. An extension: the reference's wire lacks it."""

from enum import StrEnum

from pydantic import Field

from ostinato_wire.base import WireModel


class RetryOnly(StrEnum):
    """Which crashed runs are run again: those whose flow never began, or all of them."""

    NEVER_STARTED = "never_started"
    ANY = "any"


class RetryOnCrash(WireModel):
    """A run that crashes is scheduled again, `max` times at most, `delay` seconds after the crash."""

    max: int = Field(ge=0, le=100)
    delay: float = Field(default=0.0, ge=0, le=86_400)
    only_if: RetryOnly = RetryOnly.NEVER_STARTED
