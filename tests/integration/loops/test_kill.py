"""A server that is killed while a deadline runs keeps it once it is there again: of cancellations, of agreements."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
from tests.support.json import Json
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


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of these servers, which share a database and so the key that is kept there."""
    return tmp_path_factory.mktemp("impatient")


@pytest.fixture
def impatient(database_url: str, home: Path) -> Iterator[Server]:
    """A server with a short deadline."""
    process = new_server(home, database_url, SETTINGS)
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


@pytest.mark.timeout(180)
async def test_an_agreement_is_violated_once_however_often_the_server_is_killed(impatient: Server) -> None:
    async with Api(impatient.api_url) as api:
        deployment = await new_deployment(api)
        slas = [{"name": f"within {seconds}", "duration": seconds} for seconds in (3, 6, 3600)]
        await api.post(f"/slas/apply-resource-slas/prefect.deployment.{deployment['id']}", slas)
        run = await new_run(api, deployment_id=deployment["id"], flow_id=deployment["flow_id"])

    for _ in range(AWAY):
        impatient.kill()
        impatient.start()

    async with Api(impatient.api_url) as api:

        async def violated() -> list[str]:
            wanted: Json = {"event": {"name": ["prefect.sla.violation"]}, "order": "ASC"}
            wanted["resource"] = {"id": [f"prefect.flow-run.{run['id']}"]}
            found = (await api.post("/events/filter", {"filter": wanted})).json["events"]
            return [event["payload"]["sla"]["name"] for event in found]

        async def the_last_is() -> bool:
            return "within 6" in await violated()

        await wait_until(the_last_is, seconds=60, every=0.1, what="the second violation")
        assert await violated() == ["within 3", "within 6"]
