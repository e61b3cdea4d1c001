"""What plans ask of a driver: a plan yields requests, an exchange yields the single steps of each. No I/O in here."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

Query: TypeAlias = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `path` is relative to the API URL, `content` is JSON text, `extra` goes to httpx unchanged."""

    method: str
    path: str
    content: bytes | None = None
    query: Query | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])  # Any: keywords of httpx that a caller chose
    check: bool = True
    """Whether a status other than 2xx is an error."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send `request` once, with `headers`; the driver answers with the response or throws the transport's error."""

    request: Request
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait."""

    seconds: float


Step: TypeAlias = Send | Sleep

Plan: TypeAlias = Generator[Request, "httpx.Response", T]
"""Requests of one client method, in order; returns the method's value."""

Exchange: TypeAlias = Generator[Step, "httpx.Response | None", T]
"""Steps of requests with their retries; a `Send` is answered with a response, a `Sleep` with None."""
