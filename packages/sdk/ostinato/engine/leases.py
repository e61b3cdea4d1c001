"""The slot of a run whose deployment has a concurrency limit: its lease is renewed for as long as the run goes on."""

from __future__ import annotations

import logging
import threading
from contextvars import copy_context
from typing import TYPE_CHECKING

from ostinato.engine import termination

if TYPE_CHECKING:
    from uuid import UUID

logger = logging.getLogger("ostinato.concurrency")

LEASE_SECONDS = 300.0
RENEW_AFTER = 0.75 * LEASE_SECONDS
TRIES = 3
PAUSE = 5.0
"""Seconds between two tries of a renewal that failed."""


class LeaseRenewal:
    """Renews a lease from a thread within a `with` block; if that fails, the run is ended: others may have its slot."""

    def __init__(self, lease_id: UUID | None, renew_after: float | None = None) -> None:
        self._lease_id = lease_id
        self._renew_after = RENEW_AFTER if renew_after is None else renew_after
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> None:
        if self._lease_id is not None:
            run = copy_context().run  # the settings in force here
            self._thread = threading.Thread(
                target=run, args=(self._renew_often, self._lease_id), name="ostinato-lease", daemon=True
            )
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def _renew_often(self, lease_id: UUID) -> None:
        while not self._ended.wait(self._renew_after):
            problem = self._renew(lease_id)
            if problem is not None and not self._ended.is_set():
                why = f"The run lost its slot of the deployment's concurrency limit: {problem}"
                logger.error(why)
                if not termination.end_run(why):
                    logger.warning("The run goes on without a slot: it is not the outermost flow of a main thread.")
                return

    def _renew(self, lease_id: UUID) -> str | None:
        """Return what is wrong if the lease could not be renewed."""
        import httpx

        from ostinato.client.lookup import api_url
        from ostinato.client.orchestration import SyncOstinatoClient
        from ostinato.exceptions import OstinatoError
        from ostinato.settings import get_current_settings

        problem: str | None = None
        for attempt in range(TRIES):
            if attempt and self._ended.wait(PAUSE):
                return None
            settings = get_current_settings()
            try:
                with SyncOstinatoClient(settings, api_url(settings)) as client:  # of its own: this is another thread
                    client.renew_concurrency_lease(lease_id, LEASE_SECONDS)
            except (OstinatoError, httpx.HTTPError) as error:
                problem = str(error) or type(error).__name__
            else:
                return None
        return problem
