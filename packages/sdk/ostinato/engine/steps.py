"""The steps of a plan. A plan is a generator of steps; a driver carries each out and sends its outcome back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    from ostinato.context import RunContext
    from ostinato.futures import OstinatoFuture

T = TypeVar("T")

# Any below: these steps carry arguments and outcomes of users' functions, or of client methods with many types.


class Request(NamedTuple):
    """Call `method` of the API client; the outcome is what it returns."""

    method: str
    arguments: Mapping[str, Any]


class Sleep(NamedTuple):
    """Wait for `seconds`."""

    seconds: float


class Emit(NamedTuple):
    """Hand `event` (a JSON-ready dict) to the events worker; never waits."""

    event: dict[str, Any]


class Call(NamedTuple):
    """Call a user's function inside `context`; the outcome is what it returns, awaited if it is awaitable.

    A run that lasts longer than `timeout` seconds raises `UserCodeTimeout`.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] | None = None
    context: RunContext | None = None
    timeout: float | None = None
    log_prints: bool = False


class NextItem(NamedTuple):
    """Take the next item of a user's generator inside `context`; the outcome is the item, or `EXHAUSTED`."""

    items: Iterator[Any] | AsyncIterator[Any]
    context: RunContext | None = None
    timeout: float | None = None
    log_prints: bool = False


class Deliver(NamedTuple):
    """Hand one item of a generator run to its consumer. Raises `ConsumerGone` if the consumer stops reading."""

    item: Any


class Wait(NamedTuple):
    """Wait until `future` is final."""

    future: OstinatoFuture[Any]


class Offload(NamedTuple):
    """Call a function of the SDK that may block; an event loop goes on meanwhile."""

    function: Callable[[], Any]


class Either(NamedTuple):
    """Wait for what has a function of its own for threads and for event loops; the outcome is what it returns."""

    blocking: Callable[[], Any]
    awaiting: Callable[[], Awaitable[Any]]


class ConsumerGone(BaseException):
    """The consumer of a generator run closed it before its end. A signal to the plan, not an error."""


class Exhausted:
    """The type of `EXHAUSTED`."""


EXHAUSTED = Exhausted()
"""The outcome of `NextItem` at the end of a generator."""

Step: TypeAlias = Request | Sleep | Emit | Call | NextItem | Deliver | Wait | Offload | Either
Plan: TypeAlias = Generator[Step, Any, T]
"""A generator of steps that returns T."""
