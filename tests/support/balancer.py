"""A round-robin balancer of TCP connections, in a thread of its own: what nginx is to the stack."""

import asyncio
from collections.abc import Coroutine, Sequence
from itertools import count
from threading import Thread
from typing import Any
from weakref import WeakSet

CHUNK = 65_536
GONE = (ConnectionError, TimeoutError, OSError)
"""What reading and writing raise once the other end is gone."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Balancer:
    """Gives each connection to the next of some ports of 127.0.0.1, passing over those where nobody listens."""

    def __init__(self, port: int, targets: Sequence[int]) -> None:
        """Prepare to listen on `port` for the servers on `targets`."""
        self._port = port
        self._targets = list(targets)
        self._turn = count()
        self._writers = WeakSet[asyncio.StreamWriter]()
        self._server: asyncio.Server | None = None

    def start(self) -> None:
        """Listen. Errors: OSError where the port is taken."""
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="balancer", daemon=True)
        self._thread.start()
        try:
            self._call(self._listen())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Drop all connections and end the thread."""
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for each in connections:
            each.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        # What a peer has not read yet would keep its connection open for longer than there is a loop to close it.
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if (upstream := await self._connect()) is not None:
                self._writers.add(upstream[1])
                await _join((reader, writer), upstream)
        finally:
            writer.close()

    async def _connect(self) -> Streams | None:
        """Connect to the next server that listens; None where none does."""
        first = next(self._turn)
        for turn in range(len(self._targets)):
            try:
                return await asyncio.open_connection("127.0.0.1", self._targets[(first + turn) % len(self._targets)])
            except GONE:
                continue
        return None


async def _join(one: Streams, other: Streams) -> None:
    """Pass on what either end sends, until one of them ends."""
    ways = [asyncio.create_task(_pass_on(one[0], other[1])), asyncio.create_task(_pass_on(other[0], one[1]))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        other[1].close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    except GONE:
        return
