"""What a check says: a status, what was found, and the remedy in a line."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Verdict:
    """What a check found; a warning or failure has a remedy."""

    status: Status
    found: str
    remedy: str | None = None


@dataclass(frozen=True)
class Finding:
    """A verdict with the name of its check."""

    check: str
    status: Status
    found: str
    remedy: str | None = None


def ok(found: str) -> Verdict:
    """All is well."""
    return Verdict(Status.OK, found)


def warning(found: str, remedy: str) -> Verdict:
    """It works, but not as well as it might, or not for long."""
    return Verdict(Status.WARNING, found, remedy)


def failed(found: str, remedy: str) -> Verdict:
    """It does not work, and what needs it will not either."""
    return Verdict(Status.FAILED, found, remedy)


def skipped(found: str) -> Verdict:
    """There is nothing to look at here."""
    return Verdict(Status.SKIPPED, found)
