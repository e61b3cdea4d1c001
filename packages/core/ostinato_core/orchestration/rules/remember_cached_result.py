"""The result of a task run that has a cache key can be found under it."""

from datetime import datetime

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.transition import Change, InsertCache, TaskRunFacts
from ostinato_wire.states import StateType

MAXIMUM_KEY_LENGTH = 2000
"""Characters."""


class RememberCachedResult(BaseRule[TaskRunFacts]):
    """A COMPLETED state with a cache key goes into the cache; one whose key is too long is written, but not cached."""

    edge = Edge(to={StateType.COMPLETED})

    async def before(self, change: Change[TaskRunFacts], ports: Ports) -> Decision | None:
        if len(change.proposed.details["cache_key"] or "") > MAXIMUM_KEY_LENGTH:
            reason = f"Cache key exceeded maximum allowed length of {MAXIMUM_KEY_LENGTH} characters."
            return Reject(reason, change.proposed)
        return None

    async def after(self, change: Change[TaskRunFacts], ports: Ports) -> None:
        key: str = change.proposed.details["cache_key"] or ""
        if 0 < len(key) <= MAXIMUM_KEY_LENGTH:
            expiration: str | None = change.proposed.details["cache_expiration"]
            until = datetime.fromisoformat(expiration) if expiration else None
            change.after.append(InsertCache(key, until, change.proposed.id))
