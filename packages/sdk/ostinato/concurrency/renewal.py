"""Keeping a lease: it is renewed from a thread for as long as a block runs, and its loss is told."""

from __future__ import annotations

import logging
import threading
from contextvars import copy_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

logger = logging.getLogger("ostinato.concurrency")

LEASE_SECONDS = 300.0
RENEWED_AT = 0.75
"""Share of a lease's time after which it is renewed."""
TRIES = 3
PAUSE = 5.0
"""Seconds between two tries of a renewal that failed."""


class LeaseRenewal:
    """Renews a lease from a thread within a `with` block; `on_lost` is told, in that thread, why it could not be."""

    def __init__(
        self,
        lease_id: UUID | None,
        on_lost: Callable[[str], None],
        seconds: float = LEASE_SECONDS,
        renew_after: float | None = None,
    ) -> None:
        """`seconds` is the time of the lease; without a lease nothing is done."""
        self._lease_id = lease_id
        self._on_lost = on_lost
        self._seconds = seconds
        self._renew_after = RENEWED_AT * seconds if renew_after is None else renew_after
        self._ended = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Renew the lease from now on."""
        if self._lease_id is not None:
            run = copy_context().run  # the settings in force here
            threading.Thread(
                target=run, args=(self._renew_often, self._lease_id), name="ostinato-lease", daemon=True
            ).start()

    def stop(self) -> None:
        """Renew it no more."""
        self._ended.set()

    def _renew_often(self, lease_id: UUID) -> None:
        while not self._ended.wait(self._renew_after):
            problem = self._renew(lease_id)
            if problem is not None and not self._ended.is_set():
                self._on_lost(problem)
                return

    def _renew(self, lease_id: UUID) -> str | None:
        """Return what is wrong if the lease could not be renewed."""
        import httpx

        from ostinato.client.lookup import api_url
        from ostinato.client.orchestration import SyncOstinatoClient
        from ostinato.exceptions import ObjectNotFound, OstinatoError
        from ostinato.settings import get_current_settings

        problem: str | None = None
        for attempt in range(TRIES):
            if attempt and self._ended.wait(PAUSE):
                return None
            settings = get_current_settings()
            try:
                with SyncOstinatoClient(settings, api_url(settings)) as client:  # of its own: this is another thread
                    client.renew_concurrency_lease(lease_id, self._seconds)
            except ObjectNotFound:
                return "the server does not know the lease any more"
            except (OstinatoError, httpx.HTTPError) as error:
                problem = str(error) or type(error).__name__
            else:
                return None
        return problem
