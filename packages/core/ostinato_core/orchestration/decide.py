"""Ask the rules of a policy about a transition and say what is to be written and answered."""

from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision
from ostinato_core.orchestration.transition import Change, Outcome, RunT, Transition
from ostinato_wire.base import Json
from ostinato_wire.states import SetStateStatus


async def decide(transition: Transition[RunT], policy: Policy[RunT], ports: Ports) -> Outcome:
    """Return what becomes of a proposed state.

    Nothing outside is changed but slots that rules take in the caller's transaction, so a lost race is simply rolled
    back and decided again.

    Rules are asked in order until one changes the proposed type or leaves nothing to write; rules asked before it are
    then undone. An error in a rule undoes all that were asked and passes on, with the rule's name as a note.
    """
    change = _begin(transition)
    entered: list[BaseRule[RunT]] = []
    deciders: list[BaseRule[RunT]] = []
    try:
        decision = await _ask(change, policy, ports, entered, deciders)
    except BaseException as error:
        change.failed = True
        error.add_note(f"Aborting orchestration due to error in {type(entered[-1]).__name__}: !{error!r}")
        for rule in reversed(entered):
            await rule.undo(change, ports)
        raise
    if not change.refused:
        for transform in policy.transforms:
            transform(change, change.proposed)
    for rule in reversed(entered):
        if rule not in deciders and not change.intent_holds():
            await rule.undo(change, ports)
        elif not change.refused:
            await rule.after(change, ports)
    return _conclude(change, decision)


def _begin(transition: Transition[RunT]) -> Change[RunT]:
    return Change(
        asked=transition,
        run=transition.run.copy(),
        initial=transition.run.state,
        proposed=transition.proposed.copy(),
        now=transition.now,
        proposer=transition.proposer,
    )


async def _ask(
    change: Change[RunT],
    policy: Policy[RunT],
    ports: Ports,
    entered: list[BaseRule[RunT]],
    deciders: list[BaseRule[RunT]],
) -> Decision | None:
    """Ask the rules; fill `entered` and `deciders`; return the last decision."""
    verdict: Decision | None = None
    for rule in policy.rules_for(change.initial.type if change.initial else None, change.proposed.type):
        if not change.intent_holds():
            break
        entered.append(rule)
        decision = await rule.before(change, ports)
        if decision is not None:
            verdict = decision
            deciders.append(rule)
            change.refused = decision.state is None
            change.proposed = decision.state or change.proposed
    return verdict


def _conclude(change: Change[RunT], decision: Decision | None) -> Outcome:
    status = decision.status if decision else SetStateStatus.ACCEPT
    details: dict[str, Json] = decision.details() if decision else {"type": "accept_details"}
    if change.refused:
        return Outcome(status, details, None, {}, [], change.asked.run)
    change.run.state = change.proposed
    return Outcome(
        status, details, change.proposed, change.run.changes_since(change.asked.run), change.after, change.run
    )
