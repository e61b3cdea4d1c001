"""Why is my run not running: each cause by itself, several at once, and agreement with what workers are given."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from ostinato_core.loop_settings import LoopSettings
from ostinato_wire.explanations import CauseCode
from tests.integration.api.explain_scenes import SCENES, Scene, World
from tests.support.client import Api
from tests.support.json import Json
from tests.support.pools import at, move, new_flow, new_queue, new_run, poll, unique
from tests.support.server import Server, new_server

NOBODY = "00000000-0000-4000-8000-000000000001"
PATIENT = {"pending_deadline_enabled"}
"""Loops that have nothing to do here, and of which explanations tell when they will."""
LOOPS = [name for name in LoopSettings.model_fields if name.endswith("_enabled") and name not in PATIENT]


@pytest.fixture(scope="module")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without background loops: what they would put right stays for the tests to ask about."""
    off = {f"OSTINATO_SERVICES_{name.upper()}": "false" for name in LOOPS}
    process = new_server(tmp_path_factory.mktemp("server"), database_url, off)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def world(api: Api, server: Server) -> World:
    """The module's server."""
    return World(api, server)


@pytest.mark.parametrize(("scene", "codes"), SCENES, ids=lambda value: getattr(value, "__name__", ""))
async def test_cause(world: World, scene: Scene, codes: list[str]) -> None:
    run_id = await scene(world)
    told = await world.explain(run_id)

    assert [cause["code"] for cause in told["causes"]] == codes
    assert told["id"] == run_id
    first = told["causes"][0]
    assert told["verdict"].startswith(first["message"].removesuffix("."))
    for cause in told["causes"]:
        assert cause["message"].endswith(".")
        assert "None" not in cause["message"]
        assert cause["severity"] == "info" or cause["remedy"] or cause["code"] in {
            "not_due", "waiting_for_retry", "cancelling",
        }  # fmt: skip


def test_every_cause_has_a_scene() -> None:
    shown = {code for _, codes in SCENES for code in codes}
    assert shown == {code.value for code in CauseCode}


async def test_unknown_runs_are_not_found(api: Api) -> None:
    answer = await api.get(f"/flow_runs/{NOBODY}/explain")
    assert (answer.status, answer.json) == (404, {"detail": "Flow run not found"})


async def test_the_document_of_the_api_describes_it(api: Api) -> None:
    document = (await api.get("/openapi.json")).json
    answer = document["paths"]["/flow_runs/{id}/explain"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Explanation"}
    assert "deployment_limit_full" in document["components"]["schemas"]["CauseCode"]["enum"]


async def test_who_holds_the_slots_is_told(world: World) -> None:
    pool, flow = await world.served_pool(concurrency_limit=12), await new_flow(world.api)
    for number in range(12):
        await move(world.api, await new_run(world.api, flow, pool, f"holder-{number:02}"), "PENDING")
    run = await new_run(world.api, flow, pool, "r")

    details = (await world.explain(run["id"]))["causes"][0]["details"]

    assert (details["limit"], details["taken"], details["holder_count"]) == (12, 12, 12)
    assert [each["name"] for each in details["holders"]] == [f"holder-{number:02}" for number in range(10)]
    assert all(each["type"] == "flow_run" and each["since"] for each in details["holders"])


async def test_the_worker_that_took_a_run_is_named(world: World) -> None:
    run = await new_run(world.api, await new_flow(world.api), await world.served_pool(), "r")
    labels = {"prefect.worker.name": "kai"}
    assert (await world.api.request("PATCH", f"/flow_runs/{run['id']}/labels", labels)).status == 204
    await move(world.api, run, "PENDING")

    cause = (await world.explain(run["id"]))["causes"][0]

    assert (cause["code"], cause["details"]["worker"], cause["details"]["workers_online"]) == ("pending", "kai", ["w"])
    assert "by the worker 'kai'" in cause["message"]


async def test_when_a_pending_run_is_taken_back_is_told(world: World) -> None:
    run = await world.run_of(await world.deployment(await world.served_pool()))
    await move(world.api, run, "PENDING")

    told = await world.explain(run["id"])

    (cause,) = told["causes"]
    deadline = datetime.fromisoformat(cause["details"]["deadline"])
    assert deadline - datetime.fromisoformat(told["since"]) == timedelta(seconds=900)
    assert "it is scheduled again" in cause["message"]


async def test_a_full_limit_that_deployments_share_is_named_with_its_holders(world: World) -> None:
    name = unique("db")
    limit = await world.api.created("/v2/concurrency_limits/", {"name": name, "limit": 1})
    pool = await world.served_pool()
    deployments = [await world.deployment(pool, global_concurrency_limit_id=limit["id"]) for _ in range(2)]
    holder = await world.run_of(deployments[0])
    await move(world.api, holder, "PENDING")
    run = await world.run_of(deployments[1])

    cause = (await world.explain(run["id"]))["causes"][0]

    assert (cause["code"], cause["details"]["limit_name"], cause["details"]["limit"]) == (
        "deployment_limit_full", name, 1,
    )  # fmt: skip
    assert [(each["type"], each["id"]) for each in cause["details"]["holders"]] == [("flow_run", holder["id"])]
    assert holder["name"] in cause["message"]
    assert cause["since"] == cause["details"]["holders"][0]["since"]


async def test_a_limit_of_zero_is_not_to_be_waited_for(world: World) -> None:
    deployment = await world.deployment(await world.served_pool(), concurrency_limit=1)
    run = await world.run_of(deployment)
    await world.api.request("PATCH", f"/v2/concurrency_limits/deployment:{deployment['id']}", {"limit": 0})

    cause = (await world.explain(run["id"]))["causes"][0]

    assert (cause["code"], cause["severity"]) == ("deployment_limit_full", "blocking")


async def test_explanations_agree_with_what_a_worker_is_given(world: World) -> None:
    pool, flow = await world.served_pool(concurrency_limit=7), await new_flow(world.api)
    await new_queue(world.api, pool, "narrow", priority=1, concurrency_limit=2)
    await new_queue(world.api, pool, "still", is_paused=True)
    deployment, queues = await world.deployment(pool, concurrency_limit=2), ("narrow", "default", "still")
    runs: list[Json] = []
    for number in range(5):
        due = -60 + number
        runs += [await new_run(world.api, flow, pool, unique("r"), due=due, queue=queue) for queue in queues]
        runs.append(await world.run_of(deployment))
    await move(world.api, runs[1], "PENDING")

    given = set(await poll(world.api, pool, scheduled_before=at(0)))
    free: set[str] = set()
    for run in runs:
        told = await world.explain(run["id"])
        if told["state_type"] == "SCHEDULED" and not any(_holds_back(cause) for cause in told["causes"]):
            free.add(run["name"])

    assert free == given
    assert len(given) == 6


def _holds_back(cause: Json) -> bool:
    if cause["code"] == "runs_ahead":
        details = cause["details"]
        return details["free_slots"] is not None and details["free_slots"] < details["place"]
    return cause["severity"] != "info"
