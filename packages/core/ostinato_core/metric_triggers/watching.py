"""Which metric triggers are watched: those of enabled automations, from their making or changing on."""

from ostinato_core.metric_triggers import repository
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.metric_triggers import MetricTrigger


async def watch_anew(tx: Transaction, automation: Row) -> None:
    """Watch the metric trigger of an automation that was made or changed, if it has one and is enabled.

    What was found before is forgotten: it was found of another trigger.
    """
    trigger: JsonDict = automation["trigger"]
    await repository.end(tx, automation["id"])
    if automation["enabled"] and trigger["type"] == "metric":
        await repository.begin(tx, automation["id"], MetricTrigger.model_validate(trigger).id)
