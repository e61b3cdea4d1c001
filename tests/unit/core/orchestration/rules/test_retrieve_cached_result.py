"""The table of `RetrieveCachedResult`."""

import pytest

from ostinato_core.orchestration.rules.retrieve_cached_result import RetrieveCachedResult
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import NOW, FakePorts, Row, check, state, task_run

S = StateType
CACHED = state(S.COMPLETED, "Done", message="m", data={"type": "ref"}, cache_key="key")


def cache() -> FakePorts:
    return FakePorts(cache={"key": CACHED})


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.PENDING),
                proposed=state(S.RUNNING, at=NOW, cache_key="key"),
                ports=cache(),
                asked=["find_cached_state"],
                status=SetStateStatus.REJECT,
                reason="Retrieved state from cache",
                written=(S.COMPLETED, "Cached", "m", {"type": "ref"}),
                details={"cache_key": "key"},
            ),
            id="found",
        ),
        pytest.param(
            Row(
                current=state(S.PENDING),
                proposed=state(S.RUNNING, at=NOW, cache_key="other"),
                ports=cache(),
                asked=["find_cached_state"],
            ),
            id="not found",
        ),
        pytest.param(
            Row(
                current=state(S.PENDING),
                proposed=state(S.RUNNING, at=NOW, cache_key="key", refresh_cache=True),
                ports=cache(),
            ),
            id="to be refreshed",
        ),
        pytest.param(Row(current=state(S.PENDING), proposed=state(S.RUNNING, at=NOW), ports=cache()), id="no key"),
        pytest.param(
            Row(current=state(S.RUNNING), proposed=state(S.COMPLETED, at=NOW, cache_key="key"), ports=cache()),
            id="not to running",
        ),
    ],
)
async def test_table(row: Row) -> None:
    outcome = await check(RetrieveCachedResult(), task_run(row.current), row)
    if row.status is SetStateStatus.REJECT:
        assert outcome.state is not None
        assert outcome.state.id != CACHED.id
        assert outcome.state.timestamp == NOW
        assert CACHED.name == "Done"
