"""The objects that templates know: those of the event, as the API answers them."""

from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.deliver_actions import DeliverActions
from tests.integration.actions.scene import event, let_fire, new_automation, resource, runs_of
from tests.integration.loops.scene import new_deployment, new_run
from tests.support.client import Api
from tests.support.loops import tick_to_end
from tests.support.pools import new_pool, new_queue

EXPECTED = {
    "flow_run": "{{ flow_run.name }} {{ flow_run.state.name }} {{ flow_run.state.message }} {{ flow_run.state_name }}",
    "flow": "{{ flow.name }}",
    "pool": "{{ work_pool.name }} {{ work_pool.type }}",
    "queue": "{{ work_queue.name }} {{ work_queue.work_pool_name }}",
    "deployment": "{{ deployment.name }} {{ deployment.tags }}",
    "missing": "[{{ task_run.name }}{{ concurrency_limit.name }}]",
    "variable": "{{ variables.depth.metres }}",
    "link": "{{ flow_run | ui_url }}",
    "automation": "{{ automation.name }} {{ automation.trigger.type }} {{ firing.trigger.posture }}",
    "count": "{{ firings | length + events | length }}",
}


async def test_templates_know_the_objects_of_their_event(
    client: Api, database: Database, settings: ServerSettings
) -> None:
    pool = await new_pool(client)
    queue = await new_queue(client, pool, "q")
    deployment = await new_deployment(client, work_pool_name=pool["name"], tags=["t"])
    run = await new_run(client, flow_id=deployment["flow_id"], name="r1")
    await client.created("/variables/", {"name": "depth", "value": {"metres": 3}})
    automation = await new_automation(
        client, {"type": "run-deployment", "deployment_id": deployment["id"], "parameters": EXPECTED}
    )
    states = {"prefect.state-name": "Told", "prefect.state-type": "RUNNING", "prefect.state-message": "m"}
    cause = event(
        resource("flow-run", run["id"], **states),
        resource("flow", deployment["flow_id"], "flow"),
        resource("deployment", deployment["id"], "deployment"),
        resource("work-queue", queue["id"], "work-queue"),
        resource("work-pool", pool["id"], "work-pool"),
        resource("task-run", run["id"], "task-run"),
    )
    await let_fire(database, automation, cause)
    await tick_to_end(DeliverActions(database, settings))
    (made,) = await runs_of(client, deployment)
    flow = (await client.get(f"/flows/{deployment['flow_id']}")).json
    parameters = made["parameters"]
    assert parameters.pop("link").endswith(f"/runs/flow-run/{run['id']}")
    assert parameters == {
        "flow_run": "r1 Told m Running",
        "flow": flow["name"],
        "pool": f"{pool['name']} process",
        "queue": f"q {pool['name']}",
        "deployment": "d ['t']",
        "missing": "[]",
        "variable": 3,
        "automation": f"{automation['name']} event Reactive",
        "count": 2,
    }
