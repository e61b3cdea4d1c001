"""What a server is asked before it is told of a deployment."""

import pytest

from ostinato import flow
from ostinato.deployments.applying import apply_plan
from ostinato.deployments.definition import RunnerDeployment
from ostinato.engine.steps import Offload, Request
from ostinato.exceptions import DeploymentApplyError, ObjectNotFound


@flow
def add(a: int) -> int:
    return a


def deployment(**options: object) -> RunnerDeployment:
    return RunnerDeployment.from_flow(add, "nightly", **options)  # pyright: ignore[reportArgumentType] - by name


def test_a_server_that_keeps_no_agreements_is_told_of_no_deployment_that_has_some() -> None:
    plan = apply_plan(deployment(_sla={"name": "quick", "duration": 60}))
    assert isinstance(next(plan), Offload)
    asked = plan.send(None)
    assert isinstance(asked, Request)
    assert asked.method == "read_slas"
    with pytest.raises(DeploymentApplyError, match=r"this server keeps none: deploy it without them"):
        plan.throw(ObjectNotFound(Exception("404 Not Found")))


@pytest.mark.parametrize("given", [None, []])
def test_no_server_is_asked_of_agreements_where_there_are_none(given: list[object] | None) -> None:
    plan = apply_plan(deployment(_sla=given))
    next(plan)
    asked = plan.send(None)
    assert isinstance(asked, Request)
    assert asked.method == "read_deployment_by_name"


@pytest.mark.parametrize("given", [{"name": "x"}, {"name": "x", "duration": 1, "within": 2}, 5, {"duration": 5}])
def test_what_is_no_agreement_is_refused_where_it_is_written(given: object) -> None:
    with pytest.raises(ValueError, match="The SLAs are not valid"):
        deployment(_sla=given)
