"""A task run whose result is in the cache does not run."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.transition import Change, TaskRunFacts
from ostinato_wire.states import StateType


class RetrieveCachedResult(BaseRule[TaskRunFacts]):
    """In place of RUNNING comes a copy of the state that the cache has under the proposed key."""

    edge = Edge(to={StateType.RUNNING})

    async def before(self, change: Change[TaskRunFacts], ports: Ports) -> Decision | None:
        details = change.proposed.details
        if not details["cache_key"] or details["refresh_cache"]:
            return None
        found = await ports.find_cached_state(details["cache_key"], change.now)
        if found is None:
            return None
        cached = found.as_new(change.now)
        cached.name = "Cached"
        return Reject("Retrieved state from cache", cached)
