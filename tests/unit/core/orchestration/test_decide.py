"""The order in which rules are asked, undone and followed up; what is written; and that nothing read is changed."""

from copy import deepcopy

import pytest

from ostinato_core.orchestration.decide import decide
from ostinato_core.orchestration.policies import FLOW_CORE, FLOW_RUN_TRANSFORMS
from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import Abort, BaseRule, Decision, Edge, Reject, Wait
from ostinato_core.orchestration.transition import ANONYMOUS, Change, FlowRunFacts, Transition
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import NOW, PARENT_TASK_RUN, FakePorts, ask, flow_run, state

S = StateType


class Told(BaseRule[FlowRunFacts]):
    """Decides what it is told to, and writes down what is asked of it."""

    def __init__(self, name: str, book: list[str], decision: Decision | Exception | None = None) -> None:
        self.name, self.book, self.decision = name, book, decision

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        self.book.append(f"before {self.name}")
        change.run.run_count += 100
        if isinstance(self.decision, Exception):
            raise self.decision
        return self.decision

    async def after(self, change: Change[FlowRunFacts], ports: Ports) -> None:
        self.book.append(f"after {self.name}")

    async def undo(self, change: Change[FlowRunFacts], ports: Ports) -> None:
        self.book.append(f"undo {self.name}")
        change.run.run_count -= 100


def three(book: list[str], middle: Decision | Exception | None) -> Policy[FlowRunFacts]:
    rules = (Told("a", book), Told("b", book, middle), Told("c", book))
    return Policy("three", rules, FLOW_RUN_TRANSFORMS)


async def test_without_objection_all_rules_follow_up_in_reverse_order() -> None:
    book: list[str] = []
    outcome = await ask(flow_run(state(S.PENDING)), state(S.RUNNING, at=NOW), three(book, None))
    assert book == ["before a", "before b", "before c", "after c", "after b", "after a"]
    assert outcome.status is SetStateStatus.ACCEPT
    assert outcome.changes["run_count"] == 301


async def test_a_rejection_with_another_type_skips_later_rules_and_undoes_earlier_ones() -> None:
    book: list[str] = []
    decision = Reject("no", state(S.CANCELLED, at=NOW))
    outcome = await ask(flow_run(state(S.PENDING)), state(S.RUNNING, at=NOW), three(book, decision))
    assert book == ["before a", "before b", "after b", "undo a"]
    assert (outcome.status, outcome.details) == (SetStateStatus.REJECT, {"type": "reject_details", "reason": "no"})
    assert outcome.state is not None
    assert outcome.state.type is S.CANCELLED
    assert outcome.changes["run_count"] == 100
    assert outcome.changes["end_time"] == NOW


async def test_a_rejection_with_the_same_type_goes_on_with_later_rules() -> None:
    book: list[str] = []
    decision = Reject("renamed", state(S.RUNNING, "Other", at=NOW))
    outcome = await ask(flow_run(state(S.PENDING)), state(S.RUNNING, at=NOW), three(book, decision))
    assert book == ["before a", "before b", "before c", "after c", "after b", "after a"]
    assert outcome.status is SetStateStatus.REJECT
    assert outcome.state is not None
    assert outcome.state.name == "Other"


@pytest.mark.parametrize("decision", [Reject("no"), Wait(5, "later"), Abort("never")])
async def test_without_a_state_nothing_at_all_is_written(decision: Decision) -> None:
    book: list[str] = []
    current = state(S.PENDING)
    run = flow_run(current, parent_task_run_id=PARENT_TASK_RUN)
    outcome = await ask(run, state(S.RUNNING, at=NOW), three(book, decision))
    assert book == ["before a", "before b", "undo a"]
    assert outcome.status is decision.status
    assert outcome.details == decision.details()
    assert (outcome.state, outcome.changes, outcome.after) == (None, {}, [])
    assert outcome.current() is current


async def test_an_error_in_a_rule_undoes_all_that_were_asked_and_names_the_rule() -> None:
    book: list[str] = []
    policy = three(book, ValueError("broken"))
    with pytest.raises(ValueError, match="broken") as caught:
        await ask(flow_run(state(S.PENDING)), state(S.RUNNING, at=NOW), policy)
    assert book == ["before a", "before b", "undo b", "undo a"]
    assert caught.value.__notes__ == ["Aborting orchestration due to error in Told: !ValueError('broken')"]


async def test_only_rules_whose_edge_joins_the_pair_are_asked() -> None:
    class Never(BaseRule[FlowRunFacts]):
        edge = Edge(from_={None, S.PENDING}, to={S.COMPLETED})

        async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
            return Abort("asked")

    policy = Policy[FlowRunFacts]("never", (Never(),), ())
    assert (await ask(flow_run(state(S.PENDING)), state(S.RUNNING, at=NOW), policy)).status is SetStateStatus.ACCEPT
    assert (await ask(flow_run(state(S.RUNNING)), state(S.COMPLETED, at=NOW), policy)).status is SetStateStatus.ACCEPT
    assert (await ask(flow_run(), state(S.COMPLETED, at=NOW), policy)).status is SetStateStatus.ABORT


async def test_deciding_again_gives_the_same_and_changes_nothing_that_was_read() -> None:
    run = flow_run(state(S.RUNNING), run_count=1, empirical_policy={"retries": 0, "retry_type": "in_process"})
    transition = Transition(run, state(S.FAILED, at=NOW, message="m"), NOW)
    read = deepcopy(transition)
    first = await decide(transition, FLOW_CORE, FakePorts())
    assert transition == read
    second = await decide(transition, FLOW_CORE, FakePorts())
    assert transition == read
    assert first == second
    assert first.changes["empirical_policy"] == {"retries": 0, "retry_type": None}


async def test_a_flow_run_that_starts_and_ends_asks_no_port() -> None:
    ports = FakePorts()
    run = flow_run(state(S.PENDING))
    for type_ in (S.RUNNING, S.COMPLETED):
        outcome = await ask(run, state(type_, at=NOW), FLOW_CORE, ports=ports)
        assert isinstance(outcome.run, FlowRunFacts)
        run = outcome.run
    assert ports.asked == []


def test_a_rule_that_asks_for_a_state_where_there_may_be_none_is_told_so() -> None:
    proposed = state(S.RUNNING, at=NOW)
    transition = Transition(flow_run(), proposed, NOW)
    change = Change(transition, transition.run, None, proposed, NOW, ANONYMOUS)
    with pytest.raises(LookupError, match="the edge of this rule"):
        change.current()
