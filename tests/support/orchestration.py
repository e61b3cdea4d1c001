"""Runs, states and ports for tests of the orchestration, and one row of a rule's table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from ostinato_core.orchestration.decide import decide
from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.ports import DeploymentSlot, Ports, SlotTimes, TagSlots
from ostinato_core.orchestration.rule import BaseRule
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import (
    ANONYMOUS,
    FlowRunFacts,
    FlowRunStanding,
    Instruction,
    Outcome,
    Proposer,
    RunT,
    TaskRunFacts,
    Transition,
)
from ostinato_wire.states import SetStateStatus, StateType

NOW = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
EARLIER = NOW - timedelta(seconds=10)
DEPLOYMENT = UUID("00000000-0000-7000-8000-0000000000d0")
FLOW_RUN = UUID("00000000-0000-7000-8000-0000000000f0")
TASK_RUN = UUID("00000000-0000-7000-8000-0000000000a0")
LIMIT = UUID("00000000-0000-7000-8000-0000000000c0")
LEASE = UUID("00000000-0000-7000-8000-0000000000e0")
OTHER_LEASE = UUID("00000000-0000-7000-8000-0000000000e1")
PARENT_TASK_RUN = UUID("00000000-0000-7000-8000-0000000000b0")

Values = dict[str, Any]  # values of columns, or members of JSON, of any type


def state(type_: StateType, name: str | None = None, *, at: datetime = EARLIER, **members: Any) -> RunState:
    """Return a state; `message` and `data` are the state's, other members its details."""
    message, data = members.pop("message", None), members.pop("data", None)
    return RunState.make(type_, at, name=name, message=message, data=data, details=members)


def flow_run(current: RunState | None = None, **columns: Any) -> FlowRunFacts:
    """Return a flow run in this state."""
    values: Values = {"id": FLOW_RUN, "name": "quiet-otter", "state": current}
    return FlowRunFacts(**(values | columns))


def task_run(current: RunState | None = None, **columns: Any) -> TaskRunFacts:  # any column
    """Return a task run in this state, within `FLOW_RUN`."""
    values: Values = {"id": TASK_RUN, "name": "add-0", "state": current, "flow_run_id": FLOW_RUN, "task_key": "add"}
    return TaskRunFacts(**(values | columns))


class FakePorts:
    """Answers what it is told to, and remembers how often it was asked.

    `limit` and `free` are the slots of the only limit, None where there is none; `leases` the leases that are there.
    """

    slot_times = SlotTimes()

    def __init__(
        self,
        flow: FlowRunStanding | None = None,
        cache: dict[str, RunState] | None = None,
        *,
        limit: int | None = None,
        free: int = 0,
        leases: set[UUID] | None = None,
        tag_slots: TagSlots | None = None,
    ) -> None:
        self.flow = flow
        self.cache = cache or {}
        self.limit = limit
        self.free = free
        self.leases = leases or set()
        self.tag_slots = tag_slots or TagSlots()
        self.lifetimes: list[timedelta] = []
        self.asked: list[str] = []

    async def take_deployment_slot(self, limit_id: UUID, flow_run_id: UUID, lifetime: timedelta) -> DeploymentSlot:
        self.asked.append("take_deployment_slot")
        assert (limit_id, flow_run_id) == (LIMIT, FLOW_RUN)
        if self.limit is None or self.free <= 0:
            return DeploymentSlot(None, self.limit)
        self.free -= 1
        self.lifetimes.append(lifetime)
        self.leases.add(LEASE)
        return DeploymentSlot(LEASE, self.limit)

    async def is_full(self, limit_id: UUID) -> bool:
        self.asked.append("is_full")
        assert limit_id == LIMIT
        return self.limit is not None and self.free <= 0

    async def take_tag_slots(self, tags: Sequence[str], task_run_id: UUID) -> TagSlots:
        self.asked.append(f"take_tag_slots {' '.join(tags)}")
        assert task_run_id == TASK_RUN
        if self.tag_slots.lease_id:
            self.leases.add(self.tag_slots.lease_id)
        return self.tag_slots

    async def has_lease(self, lease_id: UUID) -> bool:
        self.asked.append("has_lease")
        return lease_id in self.leases

    async def renew_lease(self, lease_id: UUID, lifetime: timedelta) -> bool:
        self.asked.append("renew_lease")
        self.lifetimes.append(lifetime)
        return lease_id in self.leases

    async def release_lease(self, lease_id: UUID) -> None:
        self.asked.append("release_lease")
        self.leases.remove(lease_id)
        self.free += 1

    async def flow_run_standing(self, flow_run_id: UUID) -> FlowRunStanding:
        self.asked.append("flow_run_standing")
        assert flow_run_id == FLOW_RUN
        if self.flow is None:
            raise LookupError("no such flow run")
        return self.flow

    async def find_cached_state(self, cache_key: str, now: datetime) -> RunState | None:
        self.asked.append("find_cached_state")
        return self.cache.get(cache_key)


async def ask(
    run: RunT,
    proposed: RunState,
    policy: Policy[RunT],
    *,
    ports: Ports | None = None,
    proposer: Proposer = ANONYMOUS,
) -> Outcome:
    """Decide on a state that is proposed at its own timestamp."""
    transition = Transition(run, proposed, proposed.timestamp, proposer)
    return await decide(transition, policy, ports or FakePorts())


@dataclass(kw_only=True)
class Row:
    """One row of a rule's table: the question, then everything that may come of it. The rule is asked alone.

    `written` is (type, name, message, data) of the state to write: by default what was proposed if it is accepted, else
    nothing. `details` are the members of the written state's details that differ from what was proposed.
    """

    current: RunState | None
    proposed: RunState
    run: Values = field(default_factory=dict[str, Any])
    proposer: Proposer = ANONYMOUS
    ports: FakePorts = field(default_factory=FakePorts)

    status: SetStateStatus = SetStateStatus.ACCEPT
    reason: str | None = None
    delay: int | None = None
    written: tuple[StateType, str, str | None, Any] | None = None
    details: Values = field(default_factory=dict[str, Any])
    changes: Values = field(default_factory=dict[str, Any])
    asked: list[str] = field(default_factory=list[str])
    after: list[Instruction] | None = None
    """What else is to be written; None: not looked at."""


async def check(rule: BaseRule[RunT], run: RunT, row: Row) -> Outcome:
    """Ask only this rule, without transforms, and compare the whole outcome with the row."""
    for column, value in row.run.items():
        setattr(run, column, value)
    policy = Policy("one rule", (rule,), ())
    outcome = await ask(run, row.proposed, policy, ports=row.ports, proposer=row.proposer)
    assert outcome.status is row.status
    assert outcome.details == _expected_details(row)
    assert row.ports.asked == row.asked
    _check_written(outcome, row)
    assert outcome.changes == row.changes
    assert row.after is None or outcome.after == row.after
    return outcome


def _expected_details(row: Row) -> Values:
    details: Values = {"type": f"{row.status.value.lower()}_details"}
    if row.status is not SetStateStatus.ACCEPT:
        details["reason"] = row.reason
    if row.delay is not None:
        details["delay_seconds"] = row.delay
    return details


def _check_written(outcome: Outcome, row: Row) -> None:
    proposed, written = row.proposed, row.written
    if row.status is SetStateStatus.ACCEPT and written is None:
        written = (proposed.type, proposed.name, proposed.message, proposed.data)
    if written is None:
        assert outcome.state is None
        assert outcome.current() is row.current
        return
    found = outcome.state
    assert found is not None
    assert outcome.current() is found
    assert (found.type, found.name, found.message, found.data) == written
    if row.status is SetStateStatus.ACCEPT:
        assert found.id == proposed.id
        assert found.details == proposed.details | row.details
    else:
        assert {member: found.details[member] for member in row.details} == row.details
