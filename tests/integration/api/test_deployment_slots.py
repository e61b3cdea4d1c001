"""Runs of a deployment with a concurrency limit: who gets a slot, for how long, and what gives it back."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.integration.api.test_concurrency_limits import V2, expire
from tests.support.client import Api
from tests.support.json import Json
from tests.support.server import Server

pytestmark = pytest.mark.replicas

NEW = {"User-Agent": "prefect/3.8.4 (API 0.8.4)"}
REACHED = "Deployment concurrency limit reached."


class Deployment:
    """A deployment with a limit, and its runs."""

    def __init__(self, api: Api, stored: Json) -> None:
        self.api = api
        self.flow_id: str = stored["flow_id"]
        self.id: str = stored["id"]

    async def new_run(self) -> str:
        """Make a run that is due, and return its id."""
        body = {"flow_id": self.flow_id, "deployment_id": self.id, "state": {"type": "SCHEDULED"}}
        return (await self.api.created("/flow_runs/", body))["id"]

    async def move(self, run_id: str, type_: str, *, client: Json = NEW, force: bool = False, **state: Json) -> Json:
        """Propose a state as a client of the newest version does, or another."""
        body = {"state": {"type": type_, **state}, "force": force}
        answer = await self.api.request("POST", f"/flow_runs/{run_id}/set_state", body, headers=client)
        assert answer.status in (200, 201), answer.body
        return answer.json

    async def in_use(self) -> int:
        """Return how many slots are in use."""
        return (await self.api.get(f"{V2}/deployment:{self.id}")).json["active_slots"]


async def new_deployment(api: Api, limit: int = 1, **options: Json) -> Deployment:
    """Make a flow with a deployment that has so many slots."""
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    body = {"name": "d", "flow_id": flow["id"], "concurrency_limit": limit, "concurrency_options": options or None}
    return Deployment(api, await api.created("/deployments/", body))


def lease_in(answer: Json) -> str | None:
    return answer["state"]["state_details"]["deployment_concurrency_lease_id"]


async def test_one_run_after_the_other(api: Api) -> None:
    deployment = await new_deployment(api)
    a, b = await deployment.new_run(), await deployment.new_run()

    pending = await deployment.move(a, "PENDING")
    lease = lease_in(pending)
    assert (pending["status"], lease is not None, await deployment.in_use()) == ("ACCEPT", True, 1)
    submitting = await deployment.move(a, "PENDING", name="Submitting")
    assert (submitting["status"], lease_in(submitting)) == ("ACCEPT", lease)
    assert (await deployment.move(a, "PENDING"))["status"] == "ABORT"

    denied = await deployment.move(b, "PENDING")
    assert (denied["status"], denied["details"]["reason"]) == ("REJECT", REACHED)
    assert denied["state"]["name"] == "AwaitingConcurrencySlot"
    due = datetime.fromisoformat(denied["state"]["state_details"]["scheduled_time"])
    assert abs(due - datetime.now(UTC) - timedelta(seconds=30)) < timedelta(seconds=10)

    running = await deployment.move(a, "RUNNING")
    assert (running["status"], lease_in(running), await deployment.in_use()) == ("ACCEPT", lease, 1)
    completed = await deployment.move(a, "COMPLETED")
    assert (completed["status"], lease_in(completed), await deployment.in_use()) == ("ACCEPT", lease, 0)
    assert (await api.post(f"{V2}/leases/{lease}/renew", {})).status == 410

    assert (await deployment.move(b, "PENDING"))["status"] == "ACCEPT"


async def test_new_runs_are_cancelled_where_the_deployment_says_so(api: Api) -> None:
    deployment = await new_deployment(api, collision_strategy="CANCEL_NEW")
    a, b = await deployment.new_run(), await deployment.new_run()
    await deployment.move(a, "PENDING")
    denied = await deployment.move(b, "PENDING")
    assert (denied["status"], denied["state"]["type"], denied["state"]["message"]) == ("REJECT", "CANCELLED", REACHED)


async def test_a_limit_of_0_aborts(api: Api) -> None:
    deployment = await new_deployment(api)
    await api.request("PATCH", f"{V2}/deployment:{deployment.id}", {"limit": 0})
    denied = await deployment.move(await deployment.new_run(), "PENDING")
    assert (denied["status"], denied["state"]["type"]) == ("ABORT", "SCHEDULED")


@pytest.mark.parametrize("end", ["FAILED", "CRASHED", "CANCELLED", "PAUSED", "SCHEDULED"])
@pytest.mark.parametrize("force", [False, True])
async def test_every_end_gives_the_slot_back(api: Api, end: str, force: bool) -> None:
    deployment = await new_deployment(api)
    run = await deployment.new_run()
    for type_ in ("PENDING", "RUNNING"):
        await deployment.move(run, type_)
    await deployment.move(run, end, force=force)
    assert await deployment.in_use() == 0


async def test_cancelling_keeps_the_slot(api: Api) -> None:
    deployment = await new_deployment(api)
    run = await deployment.new_run()
    for type_ in ("PENDING", "RUNNING", "CANCELLING"):
        await deployment.move(run, type_)
    assert await deployment.in_use() == 1
    await deployment.move(run, "CANCELLED")
    assert await deployment.in_use() == 0


async def test_a_run_that_took_too_long_to_start_takes_a_slot_anew_or_is_cancelled(api: Api, server: Server) -> None:
    deployment = await new_deployment(api)
    a, b, c = [await deployment.new_run() for _ in range(3)]
    first = lease_in(await deployment.move(a, "PENDING"))
    await asyncio.to_thread(expire, server, str(first))
    assert await deployment.in_use() == 0
    await deployment.move(b, "PENDING")

    lost = await deployment.move(a, "RUNNING")

    assert (lost["status"], lost["state"]["type"]) == ("REJECT", "CANCELLED")
    assert lost["details"]["reason"] == "Deployment concurrency limit reached after lease expiry."
    await deployment.move(b, "CANCELLED")
    second = lease_in(await deployment.move(c, "PENDING"))
    await api.post(f"{V2}/decrement-with-lease", {"lease_id": second})
    running = await deployment.move(c, "RUNNING")
    assert running["status"] == "ACCEPT"
    assert lease_in(running) not in (None, second)
    assert await deployment.in_use() == 1


async def test_old_clients_keep_their_slot_without_renewal(api: Api, server: Server) -> None:
    deployment = await new_deployment(api)
    run = await deployment.new_run()
    old = {"User-Agent": "prefect/3.1.15 (API 0.8.4)"}
    lease = lease_in(await deployment.move(run, "PENDING", client=old))
    running = await deployment.move(run, "RUNNING", client=old)
    assert (running["status"], lease_in(running), await deployment.in_use()) == ("ACCEPT", lease, 1)
    await deployment.move(run, "COMPLETED", client=old)
    assert await deployment.in_use() == 0


async def test_a_slot_is_not_taken_by_a_run_whose_time_has_not_come(api: Api) -> None:
    deployment = await new_deployment(api)
    run = await deployment.new_run()
    await deployment.move(run, "PENDING")
    lease = lease_in(await deployment.move(run, "PENDING", name="Submitting"))
    await api.post(f"{V2}/decrement-with-lease", {"lease_id": lease})
    later = {"scheduled_time": (datetime.now(UTC) + timedelta(minutes=5)).isoformat()}
    await deployment.move(run, "PENDING", force=True, state_details={**later, "deployment_concurrency_lease_id": lease})
    waiting = await deployment.move(run, "RUNNING")
    assert (waiting["status"], await deployment.in_use()) == ("WAIT", 0)


async def test_deleting_a_run_gives_its_slot_back(api: Api) -> None:
    deployment = await new_deployment(api, 3)
    runs = [await deployment.new_run() for _ in range(3)]
    for run in runs:
        await deployment.move(run, "PENDING")
    assert (await api.request("DELETE", f"/flow_runs/{runs[0]}")).status == 204
    assert await deployment.in_use() == 2
    deleted = await api.post("/flow_runs/bulk_delete", {"flow_runs": {"id": {"any_": runs[1:2]}}})
    assert (deleted.json["deleted"], await deployment.in_use()) == (runs[1:2], 1)


async def test_a_deployment_that_is_gone_aborts(api: Api) -> None:
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    stored = {"id": str(uuid4()), "flow_id": flow["id"]}
    deployment = Deployment(api, stored)
    denied = await deployment.move(await deployment.new_run(), "PENDING")
    assert (denied["status"], denied["details"]["reason"]) == ("ABORT", "Deployment not found.")


async def test_of_many_runs_at_once_as_many_become_pending_as_there_are_slots(api: Api) -> None:
    deployment = await new_deployment(api, 5)
    runs = await asyncio.gather(*(deployment.new_run() for _ in range(60)))

    answers = await asyncio.gather(*(deployment.move(run, "PENDING") for run in runs))

    assert Counter(answer["status"] for answer in answers) == {"ACCEPT": 5, "REJECT": 55}
    assert await deployment.in_use() == 5
    begun = [run for run, answer in zip(runs, answers, strict=True) if answer["status"] == "ACCEPT"]
    await asyncio.gather(*(deployment.move(run, "CANCELLED") for run in begun))
    assert await deployment.in_use() == 0


async def test_one_run_that_several_workers_take_at_once_takes_one_slot(api: Api) -> None:
    deployment = await new_deployment(api, 5)
    run = await deployment.new_run()
    answers = await asyncio.gather(*(deployment.move(run, "PENDING") for _ in range(16)))
    assert Counter(answer["status"] for answer in answers) == {"ACCEPT": 1, "ABORT": 15}
    assert await deployment.in_use() == 1
