"""Keeps the code of served deployments up to date: fetched again when it is older than its storage says."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from ostinato.runner.storage import pull

if TYPE_CHECKING:
    from ostinato.runner.storage import CodeStorage

logger = logging.getLogger("ostinato.runner")


class CodeKeeper:
    """The storages of one runner, which `Flow.from_source` has fetched once already."""

    def __init__(self) -> None:
        self._fetched: dict[int, float] = {}
        self._locks: dict[int, asyncio.Lock] = {}

    async def refresh(self, storage: CodeStorage | None) -> None:
        """Fetch the code if that is due. If it fails, the log says so and the run gets the code that is there."""
        if storage is None or storage.pull_interval is None:
            return
        key = id(storage)
        async with self._locks.setdefault(key, asyncio.Lock()):
            if time.monotonic() - self._fetched.get(key, float("-inf")) < storage.pull_interval:
                return
            self._fetched[key] = time.monotonic()
            try:
                await asyncio.to_thread(pull, storage)
            except (OSError, RuntimeError, ValueError, ImportError) as error:
                logger.warning("The code in %s could not be brought up to date: %s", storage.destination, error)
