"""Runs that the server has already: their stored parameters, and the lease of their slot."""

import threading
from typing import Any
from uuid import uuid4

import pytest

from ostinato import flow
from ostinato.concurrency import renewal
from ostinato.engine.drivers import drive
from ostinato.engine.flow_plan import FlowRunEngine
from ostinato.engine.stored_parameters import bind_stored
from ostinato.exceptions import ParameterBindError, SignatureMismatchError, TerminationSignal
from ostinato.flows import guarded
from ostinato_wire.flow_runs import FlowRunPolicy
from ostinato_wire.states import StateCreate, StateDetails, StateType
from tests.support.engine import FakeClient, FakeServer


@flow
def many(a: int, /, b: int = 2, *rest: int, c: int = 3, **more: int):
    return a, b, rest, c, more


def test_stored_parameters_find_their_places() -> None:
    bound = bind_stored(many, {"a": 1, "rest": [7], "x": 9, "more": {"y": 8}})
    assert bound == {"a": 1, "b": 2, "rest": (7,), "c": 3, "more": {"x": 9, "y": 8}}


def test_stored_parameters_that_do_not_fit_are_told_by_name() -> None:
    @flow
    def few(a: int):
        return a

    with pytest.raises(ParameterBindError, match="'a'"):
        bind_stored(few, {})
    with pytest.raises(SignatureMismatchError, match="'b'"):
        bind_stored(few, {"a": 1, "b": 2})


def test_a_run_of_the_server_is_run_with_its_parameters_and_keeps_its_id(server: FakeServer) -> None:
    seen: list[Any] = []

    @flow(retries=1)
    def work(a: int, b: int = 2):
        seen.append((a, b))
        if len(seen) == 1:
            raise ValueError("again")

    client: Any = FakeClient(server, is_async=False)
    run = client.create_flow_run(
        flow=work, parameters={"a": "5"}, tags=[], parent_task_run_id=None, state=StateCreate(type=StateType.PENDING),
        empirical_policy=FlowRunPolicy(),
    )  # fmt: skip
    engine = FlowRunEngine(work, {}, None, False, existing=run, stored=lambda: bind_stored(work, run.parameters))
    state = drive(engine.plan())
    assert state.type is StateType.COMPLETED
    assert seen == [(5, 2), (5, 2)]
    assert server.only_flow_run.id == run.id


def test_a_lease_is_renewed_until_the_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    renewed = threading.Semaphore(0)

    def renew(_: object, lease_id: object) -> None:
        renewed.release()

    monkeypatch.setattr(renewal.LeaseRenewal, "_renew", renew)
    with renewal.LeaseRenewal(uuid4(), print, renew_after=0.001):
        assert renewed.acquire(timeout=5)
        assert renewed.acquire(timeout=5)


def refuse(_: object, lease_id: object) -> str:
    return "it is gone"


def test_a_run_that_lost_its_slot_is_ended_as_crashed(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "RENEWED_AT", 0.00001)
    monkeypatch.setattr(renewal.LeaseRenewal, "_renew", refuse)

    @flow
    def work():
        threading.Event().wait(20)

    client: Any = FakeClient(server, is_async=False)
    run = client.create_flow_run(
        flow=work, parameters={}, tags=[], parent_task_run_id=None, state=StateCreate(type=StateType.PENDING),
        empirical_policy=FlowRunPolicy(),
    )  # fmt: skip
    held = server.last_state().model_copy(
        update={"state_details": StateDetails(deployment_concurrency_lease_id=uuid4())}
    )
    engine = FlowRunEngine(work, {}, None, False, existing=run.model_copy(update={"state": held}))
    with pytest.raises(TerminationSignal), guarded():
        drive(engine.plan())
    state = server.last_state()
    assert state.type is StateType.CRASHED
    assert state.message == "The run lost its slot of the deployment's concurrency limit: it is gone"
