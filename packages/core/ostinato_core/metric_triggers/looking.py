"""Looking at metric triggers: each look measures, and what it finds is written together with the firing."""

from datetime import datetime
from functools import partial

from ostinato_core.automations import repository as automations
from ostinato_core.automations.firings import Firing, TriggerState, fire
from ostinato_core.metric_triggers import repository
from ostinato_core.metric_triggers.hysteresis import looked
from ostinato_core.metric_triggers.measuring import measure
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Database, Transaction
from ostinato_wire.metric_triggers import MetricTrigger


async def look_at(database: Database, watch: Row, late_after: float) -> bool:
    """Measure and, where that is due, fire or resolve; return False where another process has been faster.

    The measuring is a read of its own, so it holds up nobody who writes; who has claimed the look writes what it found.
    """
    workspace_id = watch["workspace_id"]
    claimed = await database.write(partial(repository.claim, watch=watch), workspace_id=workspace_id)
    if claimed is None:
        return False
    trigger = MetricTrigger.model_validate(watch["trigger"])

    async def measured(tx: Transaction) -> tuple[datetime, float | None]:
        return tx.now, await measure(tx, trigger, late_after)

    at, value = await database.read(measured, workspace_id=workspace_id)
    settled = partial(_settle, watch=watch, claimed=claimed, trigger=trigger, at=at, value=value)
    return await database.write(settled, workspace_id=workspace_id)


async def _settle(
    tx: Transaction, watch: Row, claimed: datetime, trigger: MetricTrigger, at: datetime, value: float | None
) -> bool:
    before = repository.standing_of(watch)
    after = looked(before, at, trigger.metric.firing_for, is_breached=trigger.metric.is_breached(value))
    if not await repository.write(tx, watch, claimed, after):
        return False
    if after.is_firing is not before.is_firing:
        automation = await automations.get(tx, watch["automation_id"])
        state = TriggerState.TRIGGERED if after.is_firing else TriggerState.RESOLVED
        await fire(tx, automation, Firing(trigger.id, state, at, triggering_value=value))
    return True
