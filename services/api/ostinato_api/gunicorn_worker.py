"""gunicorn's worker for aiohttp on uvloop, which drains before it stops."""

from types import FrameType

from aiohttp.worker import GunicornUVLoopWebWorker

from ostinato_api import draining


class DrainingWorker(GunicornUVLoopWebWorker):
    """Takes a little longer to stop than its base, so that no request is lost."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain, and stop a little later; a second signal stops at once."""
        if draining.is_draining():
            super().handle_exit(sig, frame)
            return
        draining.begin()
        self.loop.call_later(draining.SECONDS, super().handle_exit, sig, frame)
