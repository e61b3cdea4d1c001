"""The table of `CheckLeaseAtStart`."""

from datetime import timedelta
from typing import Any

import pytest

from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.rules.check_lease_at_start import CheckLeaseAtStart
from ostinato_core.orchestration.rules.slots import LEASE as MEMBER
from ostinato_core.orchestration.rules.wait_for_scheduled_time import WaitForScheduledTime
from ostinato_core.orchestration.states import wire_time
from ostinato_core.orchestration.transition import ANONYMOUS, DeploymentStanding, FlowRunFacts, Proposer, RenewLease
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import (
    DEPLOYMENT,
    LEASE,
    LIMIT,
    NOW,
    OTHER_LEASE,
    FakePorts,
    Row,
    Values,
    ask,
    check,
    flow_run,
    state,
)  # fmt: skip

S = StateType
HELD: Values = {MEMBER: str(LEASE)}
OTHER: Values = {MEMBER: str(OTHER_LEASE)}
NEW = Proposer(client_version="3.4.11")
LOST = "Deployment concurrency slot lost during provisioning - no slots available to continue execution"


def limited(**members: Any) -> dict[str, Any]:  # members of `DeploymentStanding`
    return {"deployment_id": DEPLOYMENT, "deployment": DeploymentStanding(LIMIT, **members)}


def row(**members: Any) -> Row:  # members of `Row`
    values: dict[str, Any] = {
        "current": state(S.PENDING, **HELD),
        "proposed": state(S.RUNNING, at=NOW),
        "proposer": NEW,
        "run": limited(),
        "details": HELD,
    }
    return Row(**(values | members))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row(ports=FakePorts(leases={LEASE}), asked=["has_lease"],
                after=[RenewLease(LEASE, timedelta(seconds=300))]), id="renewed"),
        pytest.param(
            row(ports=FakePorts(limit=1, free=1), current=state(S.PENDING, **OTHER),
                asked=["has_lease", "take_deployment_slot"]),
            id="taken anew",
        ),
        pytest.param(
            row(ports=FakePorts(limit=1), asked=["has_lease", "take_deployment_slot"], status=SetStateStatus.REJECT,
                reason="Deployment concurrency limit reached after lease expiry.",
                written=(S.CANCELLED, "Cancelled", LOST, None), details={MEMBER: None}),
            id="lost",
        ),
        pytest.param(row(ports=FakePorts(), asked=["has_lease", "take_deployment_slot"]), id="limit is gone"),
        pytest.param(row(proposer=ANONYMOUS), id="unknown client"),
        pytest.param(row(proposer=Proposer(client_version="3.4.10")), id="old client"),
        pytest.param(row(proposer=Proposer(client_version="3.4.11rc1")), id="before its release"),
        pytest.param(row(current=state(S.PENDING), details={MEMBER: None}), id="no lease"),
        pytest.param(row(run={}), id="no deployment"),
        pytest.param(row(run={"deployment": DeploymentStanding()}), id="no limit"),
        pytest.param(row(proposed=state(S.CANCELLING, at=NOW), details={}), id="other transitions"),
    ],
)  # fmt: skip
async def test_table(row: Row) -> None:
    await check(CheckLeaseAtStart(), flow_run(row.current), row)


@pytest.mark.parametrize(("given", "lifetime"), [(None, 300), (timedelta(seconds=60), 60)])
async def test_the_slot_is_kept_for_the_grace_period(given: timedelta | None, lifetime: int) -> None:
    asked = row(run=limited(grace_period=given), ports=FakePorts(limit=1, free=1), current=state(S.PENDING, **OTHER),
                asked=["has_lease", "take_deployment_slot"])  # fmt: skip
    await check(CheckLeaseAtStart(), flow_run(asked.current), asked)
    assert asked.ports.lifetimes == [timedelta(seconds=lifetime)]


async def test_a_slot_that_was_taken_anew_is_given_back_where_a_later_rule_decides_otherwise() -> None:
    ports = FakePorts(limit=1, free=1)
    current = state(S.PENDING, **OTHER, scheduled_time=wire_time(NOW + timedelta(seconds=60)))
    policy = Policy("two rules", (CheckLeaseAtStart(), WaitForScheduledTime[FlowRunFacts]()), ())

    outcome = await ask(flow_run(current, **limited()), state(S.RUNNING, at=NOW), policy, ports=ports, proposer=NEW)

    assert outcome.status is SetStateStatus.WAIT
    assert (ports.asked[-1], ports.leases, ports.free) == ("release_lease", set(), 1)


async def test_a_slot_that_is_held_is_kept_where_the_run_has_to_wait() -> None:
    ports = FakePorts(leases={LEASE})
    current = state(S.PENDING, **HELD, scheduled_time=wire_time(NOW + timedelta(seconds=60)))
    policy = Policy("two rules", (CheckLeaseAtStart(), WaitForScheduledTime[FlowRunFacts]()), ())

    outcome = await ask(flow_run(current, **limited()), state(S.RUNNING, at=NOW), policy, ports=ports, proposer=NEW)

    assert outcome.status is SetStateStatus.WAIT
    assert (ports.asked, ports.lifetimes) == (["has_lease", "renew_lease"], [timedelta(seconds=300)])
