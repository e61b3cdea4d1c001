"""Several processes do the actions of the same firings: each is done once, in the order of the actions."""

from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.deliver_actions import DeliverActions
from tests.integration.actions.scene import deliveries_of, event, let_fire, new_automation, new_block, runs_of
from tests.integration.loops.scene import new_deployment, tick_all, twice
from tests.support.client import Api
from tests.support.ports import wait_until
from tests.support.receiver import Receiver

FIRINGS = 15


async def test_what_several_processes_find_is_done_once(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, receiver: Receiver
) -> None:
    deployment = await new_deployment(client)
    block = await new_block(client, "webhook", {"url": receiver.url})
    automation = await new_automation(
        client,
        {"type": "pause-deployment", "deployment_id": deployment["id"]},
        {"type": "call-webhook", "block_document_id": block["id"], "payload": "{{ event.id }}"},
        {"type": "run-deployment", "deployment_id": deployment["id"]},
        {"type": "resume-deployment", "deployment_id": deployment["id"]},
    )
    causes = [event() for _ in range(FIRINGS)]
    for cause in causes:
        await let_fire(database, automation, cause)
    loops = twice(DeliverActions, [database, other_database], settings)

    async def all_done() -> bool:
        await tick_all(loops)
        return all(each["state"] == "delivered" for each in await deliveries_of(client, automation))

    await wait_until(all_done, seconds=60, what="all deliveries")
    assert sorted(each.body.decode() for each in receiver.received) == sorted(str(cause.id) for cause in causes)
    assert len(await runs_of(client, deployment)) == FIRINGS
    found = await deliveries_of(client, automation)
    assert [each["attempts"] for each in found] == [1] * 4 * FIRINGS
    assert (await client.get(f"/deployments/{deployment['id']}")).json["paused"] is False
    own = [each for each in found if each["action"]["type"] != "call-webhook"]
    for firing_id in {each["firing_id"] for each in own}:
        in_order = sorted((each for each in own if each["firing_id"] == firing_id), key=lambda each: each["ended"])
        assert [each["action_index"] for each in in_order] == [0, 2, 3]
    for loop in loops:
        assert isinstance(loop, DeliverActions)
        await loop.close()
