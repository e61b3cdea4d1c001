"""A server that is killed in the middle of a cancellation ends it by the deadline, once it is there again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.loops.scene import (
    events_of,
    move,
    new_child,
    new_deployment,
    new_run,
    new_task_run,
    state_of,
    task_state_of,
    type_of,
)
from tests.support.client import Api
from tests.support.ports import wait_until
from tests.support.server import Server, new_server

DEADLINE = 4.0
"""Seconds after which a cancellation ends; the server is away for a part of them."""
AWAY = 3
"""How often the server is killed before that."""

SETTINGS = {
    "OSTINATO_SERVICES_CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS": str(DEADLINE),
    "OSTINATO_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "0.2",
}


@pytest.fixture
def impatient(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a short deadline."""
    process = new_server(tmp_path_factory.mktemp("impatient"), database_url, SETTINGS)
    process.start()
    yield process
    process.stop()


@pytest.mark.timeout(180)
async def test_a_cancellation_ends_by_its_deadline_however_often_the_server_is_killed(impatient: Server) -> None:
    async with Api(impatient.api_url) as api:
        deployment = await new_deployment(api, concurrency_limit=1)
        run = await new_run(api, "SCHEDULED", deployment_id=deployment["id"], flow_id=deployment["flow_id"])
        for state in ("PENDING", "RUNNING"):
            await move(api, run, state)
        child = await new_child(api, run)
        deep = await new_child(api, child, deployment_id=deployment["id"], flow_id=deployment["flow_id"])
        task = await new_task_run(api, run)
        await move(api, run, "CANCELLING")

    for _ in range(AWAY):
        impatient.kill()
        impatient.start()
    back = datetime.now(UTC)

    async with Api(impatient.api_url) as api:

        async def all_ended() -> bool:
            types = [await type_of(api, each) for each in (run, child, deep)]
            return types == ["CANCELLED"] * 3 and (await task_state_of(api, task))["type"] == "CANCELLED"

        await wait_until(all_ended, seconds=60, every=0.1, what="the end of the tree")
        began, ended = [
            datetime.fromisoformat(state["timestamp"])
            for state in (await api.get("/flow_run_states/", flow_run_id=run["id"])).json[-2:]
        ]
        deadline = began + timedelta(seconds=DEADLINE)
        assert deadline <= ended <= max(deadline, back) + timedelta(seconds=5)
        assert (await state_of(api, run))["message"].startswith("Flow run cancellation timed out")
        limit = await api.get(f"/v2/concurrency_limits/deployment:{deployment['id']}")
        assert limit.json["active_slots"] == 0
        assert (await events_of(api, "flow-run", run)).count("Cancelled") == 1
        assert (await events_of(api, "flow-run", deep)) == ["Running", "Cancelling", "Cancelled"]
