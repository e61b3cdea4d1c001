"""What rules ask of the world. All of it is reading; writes are instructions in the outcome."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import FlowRunStanding


class Ports(Protocol):
    """Answers to rules; asked only about task runs, and only on entering RUNNING. Errors pass through `decide`."""

    async def flow_run_standing(self, flow_run_id: UUID) -> FlowRunStanding:
        """Return state and run count of a flow run; raises the `FlowRunNotFound` of the caller's house."""
        ...

    async def find_cached_state(self, cache_key: str, now: datetime) -> RunState | None:
        """Return the state of the newest cache entry with this key that has no expiration or one after `now`."""
        ...
