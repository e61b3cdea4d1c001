"""What notification blocks share on the wire: their data, and the HTTP requests that send a message by them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ConfigDict

from ostinato_wire.base import Json, JsonObject, WireModel

TIMEOUT = 10.0
"""Seconds that a service may take to answer."""


@dataclass(frozen=True, slots=True, repr=False)
class HttpRequest:
    """A request that sends a message; at most one of `json`, `form` and `text` is its body.

    It has no representation, because addresses and headers of such services are secrets.
    """

    url: str
    method: str = "POST"
    query: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    cookies: Mapping[str, str] | None = None
    json: Json = None
    form: Mapping[str, str] | None = None
    text: str | None = None
    basic_auth: tuple[str, str] | None = None
    timeout: float = TIMEOUT


class NotificationBlockData(WireModel, ABC):
    """The data of a notification block, of which subclasses know by which requests it sends a message."""

    model_config = ConfigDict(hide_input_in_errors=True, defer_build=True)

    slug: ClassVar[str]
    """The slug of the block type."""

    allow_private_urls: bool = True

    @abstractmethod
    def requests(self, body: str, subject: str | None) -> Sequence[HttpRequest]:
        """Return the requests that send a message."""

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:  # Any: as pydantic declares it
        """Show nothing: most members are secrets."""
        return iter(())


class TypedNotificationBlockData(NotificationBlockData):
    """The data of a block whose messages may look different by what they tell of."""

    notify_type: str = "info"


def with_subject(body: str, subject: str | None, separator: str = "\n") -> str:
    """Return subject and body in one text."""
    return f"{subject}{separator}{body}" if subject else body


def cut(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters, which shows where something was cut off."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def only_set(values: JsonObject) -> JsonObject:
    """Return the members that have a value."""
    return {name: value for name, value in values.items() if value}
