"""Runs that wait for a slot of their deployment: in which order they start, and how soon after a slot is free."""

from collections.abc import Awaitable, Callable

import pytest

from tests.support.client import Api
from tests.support.json import Json
from tests.support.pools import at, move, new_flow, new_pool, new_queue, new_run, poll, unique

Ask = Callable[[Api, Json, Json], Awaitable[list[str]]]


async def ask_as_worker(api: Api, pool: Json, deployment: Json) -> list[str]:
    """Return the names of the runs that a worker of the pool may start now."""
    return await poll(api, pool, scheduled_before=at(10))


async def ask_as_runner(api: Api, pool: Json, deployment: Json) -> list[str]:
    """Return the names of the runs that a process that serves the deployment may start now."""
    body = {"deployment_ids": [deployment["id"]], "scheduled_before": at(10)}
    answer = await api.post("/deployments/get_scheduled_flow_runs", body)
    assert answer.status == 200, answer.body
    return [run["name"] for run in answer.json]


either = pytest.mark.parametrize("ask", [ask_as_worker, ask_as_runner])


async def limited(api: Api, pool: Json, limit: int = 1, strategy: str = "ENQUEUE") -> Json:
    """Make a deployment of the pool with so many slots."""
    body = {"name": unique("d"), "flow_id": await new_flow(api), "work_pool_name": pool["name"]}
    options = {"collision_strategy": strategy}
    return await api.created("/deployments/", body | {"concurrency_limit": limit, "concurrency_options": options})


async def due_runs(api: Api, pool: Json, deployment: Json, names: str) -> dict[str, Json]:
    """Make a run for each letter, due one after the other, the last one a second ago."""
    return {
        name: await new_run(
            api, deployment["flow_id"], pool, name, due=number - len(names), deployment_id=deployment["id"]
        )
        for number, name in enumerate(names)
    }


async def start(api: Api, run: Json) -> None:
    """Start a run as a worker does; no step of it has to wait."""
    for state in ("PENDING", "RUNNING"):
        answer = await move(api, run, state)
        assert answer["status"] == "ACCEPT", answer


async def refuse(api: Api, run: Json) -> None:
    """Propose to start a run for which there is no slot: it is to come again in half a minute."""
    answer = await move(api, run, "PENDING")
    assert (answer["status"], answer["state"]["name"]) == ("REJECT", "AwaitingConcurrencySlot")
    assert answer["state"]["state_details"]["scheduled_time"] > at(20)


@either
async def test_a_slot_that_is_given_back_goes_to_the_run_that_was_due_first(api: Api, ask: Ask) -> None:
    pool = await new_pool(api)
    deployment = await limited(api, pool)
    runs = await due_runs(api, pool, deployment, "abcd")
    await start(api, runs["a"])
    # Whoever asks last, and twice, keeps the place in which the run was due.
    for name in ("d", "b", "c"):
        await refuse(api, runs[name])
    assert await ask(api, pool, deployment) == []

    for done, due in ("ab", "bc", "cd"):
        await move(api, runs[done], "COMPLETED")
        assert await ask(api, pool, deployment) == [due]
        await start(api, runs[due])
        assert await ask(api, pool, deployment) == []
    await move(api, runs["d"], "FAILED")
    assert await ask(api, pool, deployment) == []


@either
async def test_a_run_that_was_refused_twice_keeps_its_place(api: Api, ask: Ask) -> None:
    pool = await new_pool(api)
    deployment = await limited(api, pool)
    runs = await due_runs(api, pool, deployment, "abc")
    await start(api, runs["a"])
    for name in ("b", "b", "c", "b"):
        await refuse(api, runs[name])

    await move(api, runs["a"], "CRASHED")
    assert await ask(api, pool, deployment) == ["b"]


@either
async def test_a_run_that_was_never_refused_does_not_overtake_one_that_was(api: Api, ask: Ask) -> None:
    pool = await new_pool(api)
    deployment = await limited(api, pool, limit=2)
    runs = await due_runs(api, pool, deployment, "abcde")
    await start(api, runs["a"])
    await start(api, runs["b"])
    await refuse(api, runs["c"])
    assert await ask(api, pool, deployment) == []

    await move(api, runs["b"], "CANCELLED")
    assert await ask(api, pool, deployment) == ["c"]
    await move(api, runs["a"], "COMPLETED")
    assert await ask(api, pool, deployment) == ["c", "d"]


@either
async def test_a_higher_limit_lets_waiting_runs_go_at_once(api: Api, ask: Ask) -> None:
    pool = await new_pool(api)
    deployment = await limited(api, pool)
    runs = await due_runs(api, pool, deployment, "abcd")
    await start(api, runs["a"])
    for name in "dcb":
        await refuse(api, runs[name])

    answer = await api.request("PATCH", f"/deployments/{deployment['id']}", {"concurrency_limit": 3})
    assert answer.status == 204
    assert await ask(api, pool, deployment) == ["b", "c"]
    answer = await api.request("PATCH", f"/deployments/{deployment['id']}", {"concurrency_limit": None})
    assert answer.status == 204
    assert await ask(api, pool, deployment) == ["b", "c", "d"]


@either
async def test_runs_that_are_to_be_cancelled_do_not_wait(api: Api, ask: Ask) -> None:
    pool = await new_pool(api)
    deployment = await limited(api, pool, strategy="CANCEL_NEW")
    runs = await due_runs(api, pool, deployment, "abc")
    await start(api, runs["a"])

    assert await ask(api, pool, deployment) == ["b", "c"]


async def test_waiting_runs_are_in_order_within_a_priority(api: Api) -> None:
    pool = await new_pool(api)
    await new_queue(api, pool, "urgent", priority=1)
    deployment = await limited(api, pool)
    place = {"deployment_id": deployment["id"]}
    runs = await due_runs(api, pool, deployment, "ab")
    flow = deployment["flow_id"]
    runs |= {name: await new_run(api, flow, pool, name, due=-1, queue="urgent", **place) for name in "c"}
    await start(api, runs["a"])
    for name in "bc":
        await refuse(api, runs[name])

    await move(api, runs["a"], "COMPLETED")
    assert await ask_as_worker(api, pool, deployment) == ["c"]
    await start(api, runs["c"])
    await move(api, runs["c"], "COMPLETED")
    assert await ask_as_worker(api, pool, deployment) == ["b"]


async def test_other_deployments_do_not_wait(api: Api) -> None:
    pool = await new_pool(api)
    narrow, free = await limited(api, pool), await limited(api, pool, limit=5)
    runs = await due_runs(api, pool, narrow, "abc")
    await due_runs(api, pool, free, "xy")
    await start(api, runs["a"])
    await refuse(api, runs["b"])

    assert await ask_as_worker(api, pool, narrow) == ["x", "y"]
    body = {"deployment_ids": [narrow["id"], free["id"]]}
    found = (await api.post("/deployments/get_scheduled_flow_runs", body)).json
    assert [run["name"] for run in found] == ["x", "y"]
