"""What can be wrong with a request for slots."""

from collections.abc import Sequence

from ostinato_core.errors import Gone, Invalid, Locked, NotFound


class ConcurrencyLimitNotFound(NotFound):
    """No limit has the id or name."""

    def __init__(self) -> None:
        super().__init__("Concurrency Limit not found")


class TagLimitNotFound(NotFound):
    """No limit on a tag has the id, or the tag has none."""

    def __init__(self) -> None:
        super().__init__("Concurrency limit not found")


class LeaseNotFound(Gone):
    """The lease was given back, or had expired and its slots were taken."""

    def __init__(self) -> None:
        super().__init__("Lease not found - it may have expired or been revoked")


class LeaseToRevokeNotFound(NotFound):
    """There is no lease of that id to take away."""

    def __init__(self) -> None:
        super().__init__("Lease not found")


class SlotsExceedLimit(Invalid):
    """More slots are asked for than one of the limits has."""

    def __init__(self) -> None:
        super().__init__("Slots requested is greater than the limit")


class LimitsWithoutDecay(Invalid):
    """Limits whose slots do not drain cannot limit a rate."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            "Only concurrency limits with slot decay can be used for rate limiting. "
            f"The following limits do not have a decay configured: '{','.join(names)}'"
        )


class SlotsTaken(Locked):
    """Not all of the slots are free; `retry_after` in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("Locked", retry_after)


class TagLimitReached(Locked):
    """All slots on a tag are taken; `retry_after` in seconds."""

    def __init__(self, tag: str, retry_after: float) -> None:
        super().__init__(f"Concurrency limit for the {tag} tag has been reached", retry_after)


class TagLimitIsZero(Locked):
    """The tag has no slots at all: to wait is in vain."""

    def __init__(self, tag: str) -> None:
        super().__init__(f'The concurrency limit on tag "{tag}" is 0 and will deadlock if the task tries to run again.')
