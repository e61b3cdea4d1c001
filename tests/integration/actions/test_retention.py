"""What became of actions is forgotten after a while, and what is still to be done is not."""

from ostinato_core.retention.policy import Policy
from ostinato_core.retention.preview import Preview
from ostinato_core.retention.sweep import Retention
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.deliver_actions import DeliverActions
from tests.integration.actions.scene import deliveries_of, event, let_fire, new_automation
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.loops import tick_to_end

DAY = 86_400


async def test_deliveries_that_have_ended_go_after_thirty_days(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    automation = await new_automation(client, {"type": "do-nothing"}, {"type": "cancel-flow-run"})
    await let_fire(database, automation, event())
    await tick_to_end(DeliverActions(database, settings))
    await let_fire(database, automation, event())
    policy = Policy.of(settings)

    async def sweep() -> list[tuple[str, int]]:
        found = [each async for each in Retention(database, policy).round()]
        return [(each.kind, each.rows) for each in found if each.kind == "action deliveries" and each.rows]

    clock.forward(29 * DAY)
    assert await sweep() == []
    clock.forward(2 * DAY)
    lines = [(line.kind, line.rows) for line in await Preview(database, policy).look()]
    assert ("action deliveries", 2) in lines
    assert await sweep() == [("action deliveries", 2)]
    assert [each["state"] for each in await deliveries_of(client, automation)] == ["pending"] * 2
