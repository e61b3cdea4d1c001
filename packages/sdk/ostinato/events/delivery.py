"""Sends an outbox through `/events/in`: connects, checkpoints by ping and pong, reconnects and sends again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from websockets.asyncio.client import ClientConnection

from ostinato.client.sockets import TRANSPORT_ERRORS, SocketAuthenticationFailed
from ostinato.events.outbox import Outbox

logger = logging.getLogger("ostinato.events")

BATCH = 100
CHECKPOINT_EVENTS = 700
WINDOW_EVENTS = 4 * CHECKPOINT_EVENTS
"""Unconfirmed events at most before sending waits for a pong."""
WARN_AFTER_FAILURES = 10
CAUTIOUS_AFTER_DROPS = 5
"""Connections lost in a row without any event confirmed, until events are sent one at a time to find the culprit."""
STRIKES = 3
"""How often the server must hang up on an event that is sent alone until the event is given up."""


class ConnectionLost(OSError):
    """The server ended the connection."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Time limits of a delivery, in seconds."""

    checkpoint: float = 30.0
    pong: float = 60.0
    quick_attempts: int = 3
    pause: float = 1.0
    longest_pause: float = 5.0
    refused_pause: float = 30.0

    def delay(self, failures: int) -> float:
        """Return the pause after so many failures in a row: none at first, then longer and longer."""
        if failures <= self.quick_attempts:
            return 0.0
        return min(self.pause * (1.3 ** (failures - self.quick_attempts - 1)), self.longest_pause)


class Delivery:
    """Carries the events of one outbox to one server, in order and at least once, for as long as it runs."""

    def __init__(
        self,
        outbox: Outbox,
        connect: Callable[[], AbstractAsyncContextManager[ClientConnection]],
        timing: Timing,
        on_return: Callable[[datetime], None] | None = None,
    ) -> None:
        """`on_return` is told since when the server was away, once it is there again after more than a moment."""
        self.outbox = outbox
        self.last_error: Exception | None = None
        self.is_refused = False
        self.was_connected = False
        self.wake = asyncio.Event()
        self._connect = connect
        self._timing = timing
        self._on_return = on_return
        self._away_since: datetime | None = None
        self._failures = 0
        self._drops = 0
        self._strikes = 0

    @property
    def is_away(self) -> bool:
        """Whether the last attempt to reach the server failed."""
        return self._away_since is not None

    async def run(self) -> None:
        """Deliver until the outbox is told to stop; connect only while there is something to send."""
        while not self.outbox.is_stopping:
            if self.outbox.count() == 0:
                await self._sleep(None)
                continue
            try:
                await self._deliver_once()
            except SocketAuthenticationFailed as error:
                self._note(error, refused=True)
                await self._sleep(self._timing.refused_pause)
            except TRANSPORT_ERRORS as error:
                self._note(error, refused=False)
                await self._pause()

    async def _deliver_once(self) -> None:
        """Deliver through one connection until it ends or there is no more to do."""
        async with self._connect() as socket:
            self._note_return()
            self.is_refused = False
            self.was_connected = True
            confirmed = self.outbox.confirmed
            watch = asyncio.create_task(self._watch(socket))
            try:
                if self._drops >= CAUTIOUS_AFTER_DROPS:
                    await self._stream_cautiously(socket)
                await self._stream(socket)
            except TRANSPORT_ERRORS:
                if self._strikes:
                    self._drops = CAUTIOUS_AFTER_DROPS
                else:
                    self._drops = self._drops + 1 if self.outbox.confirmed == confirmed else 0
                raise
            finally:
                watch.cancel()
                self.outbox.send_again()

    async def _watch(self, socket: ClientConnection) -> None:
        await socket.wait_closed()
        self.wake.set()

    async def _stream(self, socket: ClientConnection) -> None:
        last_checkpoint = time.monotonic()
        pong: asyncio.Task[None] | None = None
        try:
            while not self.outbox.is_stopping:
                self.wake.clear()
                frames = self.outbox.take(BATCH) if self.outbox.unconfirmed < WINDOW_EVENTS else []
                for frame in frames:
                    await socket.send(frame, text=True)
                if pong is not None and pong.done():
                    pong.result()
                    pong, last_checkpoint = None, time.monotonic()
                if pong is None and self._must_checkpoint(last_checkpoint, idle=not frames):
                    pong = asyncio.create_task(self._checkpoint(socket))
                    pong.add_done_callback(lambda _: self.wake.set())
                if frames:
                    await asyncio.sleep(0)
                elif socket.close_code is None:
                    await self._sleep(self._time_left(last_checkpoint))
                elif self.outbox.count() == 0:
                    return
                else:
                    raise ConnectionLost(f"the server closed the connection ({socket.close_code})")
        finally:
            if pong is not None and not pong.cancel() and not pong.cancelled():
                pong.exception()  # one that came too late to matter; asyncio complains if nobody looks at it

    async def _stream_cautiously(self, socket: ClientConnection) -> None:
        """Send what was sent before one at a time, so that an event that the server hangs up on shows itself."""
        while self.outbox.peek(1):
            if self._strikes >= STRIKES:
                frame = self.outbox.reject()
                self._strikes = 0
                logger.error("The server hangs up on an event, which is given up: %.200s", frame.decode())
                continue
            for frame in self.outbox.take(1):
                self._strikes += 1
                await socket.send(frame, text=True)
                await self._checkpoint(socket)
            self._strikes = 0
        self._drops = 0

    async def _checkpoint(self, socket: ClientConnection) -> None:
        """Ask whether the events sent so far are safe, and forget them when the server says so."""
        many = self.outbox.unconfirmed
        pong = await socket.ping()
        async with asyncio.timeout(self._timing.pong):
            await pong
        self.outbox.confirm(many)

    def _must_checkpoint(self, last: float, *, idle: bool) -> bool:
        unconfirmed = self.outbox.unconfirmed
        if unconfirmed == 0:
            return False
        if unconfirmed >= CHECKPOINT_EVENTS or time.monotonic() - last >= self._timing.checkpoint:
            return True
        return idle and (self.outbox.is_draining or self.outbox.is_pressed)

    def _time_left(self, last_checkpoint: float) -> float | None:
        """Seconds until the next checkpoint is due; None if nothing is unconfirmed."""
        if self.outbox.unconfirmed == 0:
            return None
        return max(self._timing.checkpoint - (time.monotonic() - last_checkpoint), 0.01)

    def _note(self, error: Exception, *, refused: bool) -> None:
        self.last_error = error
        self.is_refused = refused
        self._failures += 1
        if self._away_since is None:
            self._away_since = datetime.now(UTC)
        if self._failures == WARN_AFTER_FAILURES or (refused and self._failures == 1):
            logger.warning(
                "Events cannot be delivered (%s); %d wait and will be sent when the server takes them.",
                error or type(error).__name__,
                self.outbox.count(),
            )

    def _note_return(self) -> None:
        failures, self._failures = self._failures, 0
        since, self._away_since = self._away_since, None
        if since is not None and failures > self._timing.quick_attempts and self._on_return is not None:
            self._on_return(since)

    async def _pause(self) -> None:
        """Wait before the next connection; new events do not shorten it."""
        until = time.monotonic() + self._timing.delay(self._failures + self._drops)
        while not self.outbox.is_stopping and (left := until - time.monotonic()) > 0:
            await self._sleep(min(left, 0.25))

    async def _sleep(self, seconds: float | None) -> None:
        """Wait until something happens, for `seconds` at most."""
        try:
            async with asyncio.timeout(seconds):
                await self.wake.wait()
        except TimeoutError:
            pass
        self.wake.clear()
