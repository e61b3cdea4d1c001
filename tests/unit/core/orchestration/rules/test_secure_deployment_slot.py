"""The table of `SecureDeploymentSlot`."""

from datetime import timedelta
from typing import Any

import pytest

from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import Abort, BaseRule, Decision
from ostinato_core.orchestration.rules.secure_deployment_slot import SecureDeploymentSlot
from ostinato_core.orchestration.rules.slots import LEASE as MEMBER
from ostinato_core.orchestration.states import wire_time
from ostinato_core.orchestration.transition import Change, DeploymentStanding, FlowRunFacts, Proposer
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import DEPLOYMENT, LEASE, LIMIT, NOW, FakePorts, Row, ask, check, flow_run, state

S = StateType
REACHED = "Deployment concurrency limit reached."
ASKED = ["take_deployment_slot"]


def limited(**members: Any) -> dict[str, Any]:  # members of `DeploymentStanding`
    return {"deployment_id": DEPLOYMENT, "deployment": DeploymentStanding(LIMIT, **members)}


def client(version: str) -> Proposer:
    return Proposer(client_version=version)


def row(**members: Any) -> Row:  # members of `Row`
    values: dict[str, Any] = {
        "current": state(S.SCHEDULED),
        "proposed": state(S.PENDING, at=NOW),
        "run": limited(),
        "ports": FakePorts(limit=1, free=1),
        "asked": [],
    }
    return Row(**(values | members))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row(asked=ASKED, details={MEMBER: str(LEASE)}), id="taken"),
        pytest.param(row(current=state(S.PAUSED), asked=ASKED, details={MEMBER: str(LEASE)}), id="resuming"),
        pytest.param(row(current=None, asked=ASKED, details={MEMBER: str(LEASE)}), id="no state yet"),
        pytest.param(
            row(ports=FakePorts(limit=1), asked=ASKED, status=SetStateStatus.REJECT, reason=REACHED,
                written=(S.SCHEDULED, "AwaitingConcurrencySlot", None, None),
                details={"scheduled_time": wire_time(NOW + timedelta(seconds=30)), MEMBER: None}),
            id="full: waits",
        ),
        pytest.param(
            row(run=limited(cancels_new=True), ports=FakePorts(limit=1), asked=ASKED, status=SetStateStatus.REJECT,
                reason=REACHED, written=(S.CANCELLED, "Cancelled", REACHED, None)),
            id="full: cancelled",
        ),
        pytest.param(
            row(ports=FakePorts(limit=0), asked=ASKED, status=SetStateStatus.ABORT,
                reason="The deployment concurrency limit is 0. The flow will deadlock if submitted again."),
            id="no slots at all",
        ),
        pytest.param(
            row(run={"deployment_id": DEPLOYMENT}, status=SetStateStatus.ABORT, reason="Deployment not found."),
            id="deployment is gone",
        ),
        pytest.param(row(run={"deployment_id": None}), id="no deployment"),
        pytest.param(row(run={"deployment_id": DEPLOYMENT, "deployment": DeploymentStanding()}), id="no limit"),
        pytest.param(row(ports=FakePorts(), asked=ASKED), id="limit is gone"),
        pytest.param(row(proposer=client("3.0.0rc20")), id="client before slots"),
        pytest.param(row(proposer=client("3.0.3")), id="last client before slots"),
        pytest.param(
            row(proposer=client("3.0.4"), asked=ASKED, details={MEMBER: str(LEASE)}), id="first one with them"
        ),
        pytest.param(row(current=state(S.RUNNING)), id="has one already"),
        pytest.param(row(current=state(S.PENDING)), id="refines its name"),
    ],
)  # fmt: skip
async def test_table(row: Row) -> None:
    await check(SecureDeploymentSlot(), flow_run(row.current), row)


@pytest.mark.parametrize(("given", "lifetime"), [(None, 300), (timedelta(seconds=60), 60)])
async def test_the_slot_is_kept_for_the_grace_period(given: timedelta | None, lifetime: int) -> None:
    asked = row(run=limited(grace_period=given), asked=ASKED, details={MEMBER: str(LEASE)})
    await check(SecureDeploymentSlot(), flow_run(asked.current), asked)
    assert asked.ports.lifetimes == [timedelta(seconds=lifetime)]


class Refuse(BaseRule[FlowRunFacts]):
    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        return Abort("no")


class Fail(BaseRule[FlowRunFacts]):
    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        raise LookupError("broken")


async def test_the_slot_is_given_back_where_a_later_rule_decides_otherwise() -> None:
    ports = FakePorts(limit=1, free=1)
    policy = Policy("two rules", (SecureDeploymentSlot(), Refuse()), ())
    await ask(flow_run(state(S.SCHEDULED), **limited()), state(S.PENDING, at=NOW), policy, ports=ports)
    assert (ports.asked, ports.leases, ports.free) == (["take_deployment_slot", "release_lease"], set(), 1)


async def test_a_failed_transaction_takes_the_slot_back_by_itself() -> None:
    ports = FakePorts(limit=1, free=1)
    policy = Policy("two rules", (SecureDeploymentSlot(), Fail()), ())
    with pytest.raises(LookupError):
        await ask(flow_run(state(S.SCHEDULED), **limited()), state(S.PENDING, at=NOW), policy, ports=ports)
    assert ports.asked == ["take_deployment_slot"]
