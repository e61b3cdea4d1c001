"""The client for all HTTP requests that leave the server: bounded in time and size, and only to allowed machines.

The address is checked where the socket is made that connects to it, so no resolver can change its mind in between.
Redirects are not followed: they would lead a request, with its secrets, to where nobody has sent it.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError
from importlib.metadata import version
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import orjson

from ostinato_core.outbound.allowed import PUBLIC_ONLY, AllowList
from ostinato_wire.notifications import HttpRequest

if TYPE_CHECKING:
    import aiohttp
    from aiohttp.abc import AbstractResolver

MAXIMUM_ANSWER: Final = 64 * 1024
"""Bytes of an answer that are read."""
_AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]  # Any: as the socket module has it


@dataclass(frozen=True, slots=True)
class Answer:
    """What a machine answered; `text` is the beginning of its body."""

    status: int
    headers: Mapping[str, str]
    text: str


class NotAnswered(Exception):
    """A request got no answer. `is_final` where another attempt is useless, or unsafe: this one may have arrived."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final


class HttpClient:
    """Sends requests to machines that are public or on the list; `timeout` in seconds bounds each of them."""

    def __init__(self, allowed: AllowList, timeout: float, resolver: "AbstractResolver | None" = None) -> None:
        self._allowed = allowed
        self._timeout = timeout
        self._resolver = resolver

    async def send(self, request: HttpRequest, *, allow_private: bool = True, verify: bool = True) -> Answer:
        """Send a request and return the answer, whatever its status; `allow_private=False` voids the list.

        Errors: NotAnswered.
        """
        host = host_of(request.url)
        _check_headers(request)
        attempt = _Attempt(host, self._allowed if allow_private else PUBLIC_ONLY, min(request.timeout, self._timeout))
        return await attempt.run(request, verify, self._resolver)


def host_of(url: str) -> str:
    """Return the host of an address, the only part of it that may be shown. Errors: NotAnswered."""
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0):
            return parts.hostname
    except ValueError:
        pass
    raise NotAnswered("The address does not begin with http:// or https:// and the name of a host.", is_final=True)


def _check_headers(request: HttpRequest) -> None:
    """Refuse headers that would end early and begin others."""
    for given in (request.headers, request.cookies):
        for part in (text for pair in (given or {}).items() for text in pair):
            if not part.isprintable():
                raise NotAnswered("The request has headers that HTTP does not allow.", is_final=True)


class _Attempt:
    """One request: what is known about how far it got."""

    def __init__(self, host: str, allowed: AllowList, timeout: float) -> None:
        self._host = host
        self._allowed = allowed
        self._timeout = timeout
        self._is_refused = False
        self._is_sent = False

    async def run(self, request: HttpRequest, verify: bool, resolver: "AbstractResolver | None") -> Answer:
        """Send it, and say in words what went wrong."""
        import aiohttp

        try:
            async with self._session(resolver, verify) as session:
                return await _exchange(session, request)
        except TimeoutError:
            if self._is_sent:
                raise self._unknown(f"did not answer within {self._timeout:g} seconds") from None
            raise self._unreached(f"could not be reached within {self._timeout:g} seconds") from None
        except (aiohttp.ClientError, OSError, ValueError, CookieError) as error:
            raise self._explained(error) from None

    def _session(self, resolver: "AbstractResolver | None", verify: bool) -> "aiohttp.ClientSession":
        import aiohttp

        connector = aiohttp.TCPConnector(
            ssl=verify,
            resolver=resolver or aiohttp.ThreadedResolver(),
            use_dns_cache=False,
            force_close=True,
            socket_factory=self._socket,
        )
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(self._note_sent)
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._timeout),
            trace_configs=[trace],
            trust_env=False,
            auto_decompress=False,
        )

    def _socket(self, info: _AddressInfo) -> socket.socket:
        """Make the socket that connects to an address, if that may be called."""
        family, kind, protocol, _, place = info
        if not self._allowed.permits(self._host, ip_address(place[0])):
            self._is_refused = True
            raise PermissionError("The address may not be called.")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    async def _note_sent(self, *_: object) -> None:
        self._is_sent = True

    def _explained(self, error: Exception) -> NotAnswered:
        import aiohttp

        match error:
            case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
                return NotAnswered("The address is not one of HTTP.", is_final=True)
            case aiohttp.ClientConnectorDNSError():
                return self._unreached("is not known to the resolver")
            case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
                return self._unreached("has no certificate that is trusted")
            case _ if self._is_sent:
                return self._unknown("ended the connection before it answered")
            case _ if self._is_refused:
                return NotAnswered(
                    f"{self._host} is not a public machine; OSTINATO_OUTBOUND_ALLOWED may allow it.", is_final=True
                )
            case aiohttp.ClientError() | OSError():
                return self._unreached(f"could not be reached ({type(error).__name__})")
            case _:
                return NotAnswered(f"{self._host} cannot be sent such a request.", is_final=True)

    def _unreached(self, what: str) -> NotAnswered:
        return NotAnswered(f"{self._host} {what}.", is_final=False)

    def _unknown(self, what: str) -> NotAnswered:
        return NotAnswered(f"{self._host} {what}; it may have received the request.", is_final=True)


async def _exchange(session: "aiohttp.ClientSession", request: HttpRequest) -> Answer:
    import aiohttp
    from multidict import CIMultiDict

    headers = CIMultiDict(request.headers or {})
    headers.setdefault("User-Agent", f"Ostinato/{version('ostinato-core')}")
    headers["Accept-Encoding"] = "identity"
    body: dict[str, Any] = {}  # Any: keywords of aiohttp
    if request.json is not None:
        body["data"] = orjson.dumps(request.json)
        headers.setdefault("Content-Type", "application/json")
    elif request.form is not None:
        body["data"] = request.form
    elif request.text is not None:
        body["data"] = request.text.encode()
        headers.setdefault("Content-Type", "text/plain; charset=utf-8")
    if request.basic_auth is not None:
        headers["Authorization"] = aiohttp.encode_basic_auth(*request.basic_auth, encoding="utf-8")
    async with session.request(
        request.method,
        request.url,
        params=request.query,
        headers=headers,
        cookies=request.cookies,
        allow_redirects=False,
        **body,
    ) as answer:
        return Answer(
            answer.status, {str(name): value for name, value in answer.headers.items()}, await _beginning(answer)
        )


async def _beginning(answer: "aiohttp.ClientResponse") -> str:
    """Return the beginning of the body; once there is a status, a body that breaks off changes nothing."""
    import aiohttp

    read = bytearray()
    try:
        while len(read) < MAXIMUM_ANSWER and (chunk := await answer.content.read(MAXIMUM_ANSWER - len(read))):
            read += chunk
    except (aiohttp.ClientError, TimeoutError):
        pass
    return read.decode(errors="replace")
