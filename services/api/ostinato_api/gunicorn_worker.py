"""gunicorn's worker for aiohttp on uvloop, which takes leave before it stops."""

import asyncio
from types import FrameType

from aiohttp.worker import GunicornUVLoopWebWorker

from ostinato_api import draining


class DrainingWorker(GunicornUVLoopWebWorker):
    """Takes a little longer to stop than its base, so that no request is lost."""

    _leaving: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take leave, then stop; a second signal stops at once."""
        if self._leaving is not None:
            super().handle_exit(sig, frame)
            return
        self._leaving = self.loop.create_task(draining.leave(self.sockets))
        self._leaving.add_done_callback(lambda _: super(DrainingWorker, self).handle_exit(sig, frame))
