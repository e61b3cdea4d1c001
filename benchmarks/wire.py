"""A light HTTP client on bare asyncio: pre-encoded requests, so that the load generator stays cheap."""

import asyncio

TURNED_AWAY = (429, 503)
"""Statuses by which a server refuses what it could do at another time."""


class BadAnswer(Exception):
    """The server answered something else than the workload expects."""


class Refused(Exception):
    """The server turned the request away."""


FAILURES = (BadAnswer, Refused, OSError, asyncio.IncompleteReadError)
"""What a request may raise; the last two where the connection is refused or ends."""


def encode_request(method: str, path: str, body: bytes = b"") -> bytes:
    """Return the bytes of one keep-alive HTTP/1.1 request with a JSON body."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"User-Agent: ostinato-benchmark\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class HttpConnection:
    """One keep-alive connection; one request at a time."""

    def __init__(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._port = port
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "HttpConnection":
        """Connect to 127.0.0.1:`port`."""
        return cls(port, *await asyncio.open_connection("127.0.0.1", port, limit=16 * 2**20))

    async def reopen(self) -> None:
        """Connect anew after a failure; a server may close a connection on which it failed."""
        self._writer.close()
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=16 * 2**20)

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """Send an encoded request and return (status, body)."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        start = head.lower().find(b"content-length:")
        if start < 0:
            if status == 204:
                return status, b""
            raise BadAnswer(f"no Content-Length in {head!r}")
        length = int(head[start + 15 : head.index(b"\r\n", start)])
        return status, await self._reader.readexactly(length) if length else b""

    async def expect(self, request: bytes, statuses: tuple[int, ...], part: bytes = b"") -> bytes:
        """Send a request; return the body, whose status is one of `statuses` and which holds `part`.

        Errors: Refused; BadAnswer.
        """
        status, body = await self.send(request)
        if status not in statuses or part not in body:
            raise error_of(status, body)
        return body

    def close(self) -> None:
        """Drop the connection."""
        self._writer.close()


def error_of(status: int, body: bytes) -> BadAnswer | Refused:
    """Return what to raise of an answer that is not the expected one."""
    return (Refused if status in TURNED_AWAY else BadAnswer)(f"{status} {body[:300]!r}")
