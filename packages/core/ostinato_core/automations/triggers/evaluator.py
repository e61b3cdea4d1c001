"""Evaluating the log: a page of events, what comes of it, and the place up to which it is read, in one transaction."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from ostinato_core.automations.triggers import cursors
from ostinato_core.automations.triggers.cursors import LogCursor
from ostinato_core.automations.triggers.index import TriggerIndex
from ostinato_core.automations.triggers.pages import PageEvaluation
from ostinato_core.clock import utc_now
from ostinato_core.errors import LostRace, Unavailable
from ostinato_core.events.stored import StoredEvent
from ostinato_core.transaction import Database

logger = logging.getLogger("ostinato.server.automations")

PAGE: Final = 100
"""Events of one transaction, at most: in one process with the API, others wait for it."""
GRACE: Final = timedelta(seconds=1)
"""How long after its time an event may become visible; the absence of events is judged so much later."""
ATTEMPTS: Final = 3
"""How often an event is tried that fails alone, before it is passed over so that those after it are evaluated."""
REST: Final = 0.8
"""Seconds without a look at the database where no automation is enabled, however often somebody tells of events."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """How many events were evaluated, and how many automations fired; whether there is more to do at once, and since
    when the last of these events was there.
    """

    events: int = 0
    fired: int = 0
    is_more: bool = False
    since: datetime | None = None


class Evaluator:
    """Evaluates the log of all workspaces, as far as no other process does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[UUID, tuple[int, TriggerIndex]] = {}
        """Of each workspace the triggers at a revision of its automations."""
        self._failed: dict[UUID, tuple[UUID, int]] = {}
        """Of a workspace the event that failed alone, and how often."""
        self._rests_until = 0.0

    async def evaluate(self) -> list[Evaluated]:
        """Evaluate a page of each workspace, and let time pass for its triggers.

        What fails in one workspace is raised once all others have had their turn.
        """
        if time.monotonic() < self._rests_until:
            return []
        active = await self._database.lookup(cursors.find_active)
        if not active:
            self._rests_until = time.monotonic() + REST
        done: list[Evaluated] = []
        failures: list[Exception] = []
        for cursor in active:
            try:
                done.append(await self._evaluate(cursor, PAGE))
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - raised below; one workspace's events must not stop all others
                failures.append(error)
        if failures:
            raise failures[0]
        return done

    async def _evaluate(self, cursor: LogCursor, size: int) -> Evaluated:
        """Evaluate a page; where that fails, the half of it, down to the one event with which it does."""
        now = utc_now()
        page = await self._database.lookup(partial(cursors.read_page, cursor=cursor, most=size))
        try:
            return await self._evaluate_page(cursor, page, now, is_full=len(page) == size)
        except (Unavailable, LostRace):
            raise
        except Exception:
            if len(page) > 1:
                return await self._evaluate(cursor, len(page) // 2)
            if not page or not self._gives_up(cursor.workspace_id, page[0]):
                raise
            logger.exception("The event %s cannot be evaluated; it fires no automation.", page[0].id)
            await self._database.write(partial(cursors.pass_over, cursor, page[0]), workspace_id=cursor.workspace_id)
            return Evaluated(1, is_more=True, since=page[0].received)

    async def _evaluate_page(
        self, cursor: LogCursor, page: Sequence[StoredEvent], now: datetime, *, is_full: bool
    ) -> Evaluated:
        # By the clock of the events: what is not read yet may have come in time.
        until = (min(event.received for event in page) if is_full else now) - GRACE
        known = self._known.get(cursor.workspace_id)
        is_known = known is not None and known[0] == cursor.revision
        if not page and is_known and not cursor.is_due(now, until):
            return Evaluated()
        operation = PageEvaluation(cursor, page, until, known)
        fired = await self._database.write(operation, workspace_id=cursor.workspace_id)
        if fired is None:
            return Evaluated()
        if operation.known is not None:
            self._known[cursor.workspace_id] = operation.known
        return Evaluated(len(page), fired, is_full, page[-1].received if page else None)

    def _gives_up(self, workspace_id: UUID, event: StoredEvent) -> bool:
        """Whether an event that failed alone has done so often enough."""
        before = self._failed.pop(workspace_id, None)
        attempts = 1 + (before[1] if before is not None and before[0] == event.id else 0)
        if attempts < ATTEMPTS:
            self._failed[workspace_id] = event.id, attempts
        return attempts >= ATTEMPTS
