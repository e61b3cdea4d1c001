"""The table of `release_tag_slots`."""

import pytest

from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.rules.release_tag_slots import release_tag_slots
from ostinato_core.orchestration.transition import ReleaseTagSlots, TaskRunFacts
from ostinato_wire.states import StateType
from tests.support.orchestration import NOW, TASK_RUN, ask, state, task_run

S = StateType
POLICY = Policy[TaskRunFacts]("one transform", (), (release_tag_slots,))


@pytest.mark.parametrize("proposed", StateType)
async def test_every_state_that_does_not_run_gives_them_back(proposed: StateType) -> None:
    outcome = await ask(task_run(state(S.RUNNING), tags=["a"]), state(proposed, at=NOW), POLICY)
    keeps = proposed in (S.RUNNING, S.CANCELLING)
    assert outcome.after == ([] if keeps else [ReleaseTagSlots(TASK_RUN)])


async def test_a_run_without_tags_or_without_a_state_holds_none() -> None:
    for run in (task_run(state(S.RUNNING)), task_run(tags=["a"])):
        assert (await ask(run, state(S.COMPLETED, at=NOW), POLICY)).after == []
