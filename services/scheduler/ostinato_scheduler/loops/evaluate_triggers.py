"""Evaluates the log of events: whether what automations wait for has come about."""

from ostinato_core.automations.triggers.evaluator import Evaluator
from ostinato_core.clock import utc_now
from ostinato_core.coordination import EVENTS
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Work


class EvaluateTriggers:
    """Fires automations by events, and by their absence. One process does it at a time; the others look on."""

    name = "evaluate-triggers"
    setting = "triggers"
    description = "Fires automations by events, and by their absence."
    wakes_on = EVENTS

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._evaluator = Evaluator(database)

    async def tick(self) -> Work:
        """Evaluate a page of events of each workspace."""
        evaluated = await self._evaluator.evaluate()
        since = [each.since for each in evaluated if each.since is not None]
        lag = (utc_now() - min(since)).total_seconds() if since else 0.0
        return Work(sum(each.events for each in evaluated), any(each.is_more for each in evaluated), lag)
