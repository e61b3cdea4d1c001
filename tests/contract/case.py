"""What a row of the contract tests' table says: how one operation is called well, and what it says when it cannot."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tests.contract.contract import Operation
from tests.contract.world import World, path_kinds
from tests.support.json import Json

Body = Callable[[World], Json]
MissingStyle = Literal["detail", "exception_message"]


@dataclass(frozen=True)
class Case:
    """How one operation is called.

    `needs` are the kinds of object (`makers.py`) that query and body speak of; those of the path are known by it.
    `missing` is the style of the 404 for an unknown id (behaviour.md, section 2), `missing_status` where it is not 404.
    `reads_body` is False for the one operation that leaves its body unread.
    """

    operation: Operation
    status: int = 200
    body: Body | None = None
    query: Callable[[World], dict[str, str]] = field(default=lambda _world: {})
    needs: tuple[str, ...] = ()
    missing: MissingStyle | None = None
    missing_status: int = 404
    reads_body: bool = True
    media_type: str = "application/json"

    @property
    def id(self) -> str:
        """The name of this case in pytest's output."""
        return " ".join(self.operation)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of object that must exist before the call."""
        return (*path_kinds(self.operation[1]), *self.needs)


def nothing(_world: World) -> Json:
    """Return an empty object: a body that leaves everything to its defaults."""
    return {}
