"""Doing something to what a loop has found, workspace by workspace; what cannot be done does not hold up the rest."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from ostinato_core.errors import Fact, Unavailable
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Database, Transaction

AT_ONCE: Final = 100
"""Objects of a transaction, at most: in one process with the API, others wait for it."""

logger = logging.getLogger("ostinato.server.loops")

Act = Callable[[Transaction, list[UUID]], Awaitable[int]]
"""Does something to the objects of these ids, in one transaction, and returns to how many."""


async def act_on(
    database: Database, found: Sequence[Row], act: Act, *, key: str = "id", log_field: str | None = None
) -> int:
    """Do something to all objects that were found, in transactions of one workspace; return to how many it was done.

    Where a transaction is refused, its objects are halved until the ones that cannot be done are alone; these are
    logged and left. `log_field`: what the log calls the id of one. Errors: Unavailable where nothing can be done now.
    """
    by_workspace: dict[UUID, set[UUID]] = {}
    for row in found:
        by_workspace.setdefault(row["workspace_id"], set()).add(row[key])
    done = 0
    for workspace_id in sorted(by_workspace):
        ids = sorted(by_workspace[workspace_id])
        for start in range(0, len(ids), AT_ONCE):
            done += await _act(database, workspace_id, ids[start : start + AT_ONCE], act, log_field)
    return done


async def _act(database: Database, workspace_id: UUID, ids: list[UUID], act: Act, log_field: str | None) -> int:
    try:
        return await database.write(lambda tx: act(tx, ids), workspace_id=workspace_id)
    except Unavailable:
        raise
    except Fact as fact:
        if len(ids) == 1:
            extra = {} if log_field is None else {log_field: ids[0]}
            logger.warning("%s is left as it is: %s", ids[0], fact.message, extra=extra)
            return 0
    middle = len(ids) // 2
    return sum([await _act(database, workspace_id, half, act, log_field) for half in (ids[:middle], ids[middle:])])
