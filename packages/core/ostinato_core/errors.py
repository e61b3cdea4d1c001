"""Facts that operations raise. Each knows its kind; one middleware maps the kind to a status."""

from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """What a fact means for the caller."""

    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    INVALID = "invalid"
    UNACCEPTABLE = "unacceptable"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    LOCKED = "locked"
    UNAVAILABLE = "unavailable"


class Fact(Exception):
    """Base of all facts. `message` is shown to the caller and must hold no secret.

    `key` is the member of the error body: the reference uses `detail` for what a route found out and
    `exception_message` for what was found below it (behaviour.md, section 2).
    """

    kind: ClassVar[Kind]
    key: ClassVar[str] = "detail"
    retry_after: float | None = None
    """Seconds after which the caller may come again, where that is of use."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(Fact):
    """Something that was asked for by its id or name does not exist."""

    kind = Kind.NOT_FOUND


class MissingBelow(NotFound):
    """As `NotFound`, where the reference answers with `exception_message`."""

    key = "exception_message"


class Conflict(Fact):
    """The request contradicts what is stored."""

    kind = Kind.CONFLICT


class IntegrityConflict(Conflict):
    """A unique or foreign key constraint was violated."""

    def __init__(self) -> None:
        super().__init__(
            "Data integrity conflict. This usually means a unique or foreign key constraint was violated. "
            "See server logs for details."
        )


class Invalid(Fact):
    """The request is well-formed but cannot be fulfilled as it is."""

    kind = Kind.INVALID


class Unacceptable(Fact):
    """The request asks for something that the object's present condition rules out."""

    kind = Kind.UNACCEPTABLE


class Forbidden(Fact):
    """The caller may not do this."""

    kind = Kind.FORBIDDEN


class Gone(Fact):
    """Something existed and does not any more."""

    kind = Kind.GONE


class Locked(Fact):
    """What is asked for is held by others; `retry_after` in seconds, None where waiting is in vain."""

    kind = Kind.LOCKED

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(Fact):
    """The server cannot answer now and can later; `retry_after` in seconds."""

    kind = Kind.UNAVAILABLE
    key = "exception_message"

    def __init__(self, message: str = "Service Unavailable", retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LostRace(Exception):
    """Another writer changed the row between reading and writing: the whole operation is run again."""
