"""The table of `RememberCachedResult`."""

from datetime import UTC, datetime

import pytest

from ostinato_core.orchestration.rules.remember_cached_result import RememberCachedResult
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import InsertCache
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import NOW, Row, check, state, task_run

S = StateType


@pytest.mark.parametrize(
    ("proposed", "key", "expiration"),
    [
        (state(S.COMPLETED, at=NOW, cache_key="key"), "key", None),
        (state(S.COMPLETED, at=NOW, cache_key="k" * 2000), "k" * 2000, None),
        (
            state(S.COMPLETED, at=NOW, cache_key="key", cache_expiration="2030-01-01T00:00:00Z"),
            "key",
            datetime(2030, 1, 1, tzinfo=UTC),
        ),
    ],
)
async def test_a_key_is_remembered(proposed: RunState, key: str, expiration: datetime | None) -> None:
    row = Row(current=state(S.RUNNING), proposed=proposed)
    outcome = await check(RememberCachedResult(), task_run(row.current), row)
    assert outcome.after == [InsertCache(key, expiration, proposed.id)]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            Row(
                current=state(S.RUNNING),
                proposed=state(S.COMPLETED, "Done", at=NOW, cache_key="k" * 2001, message="m", data={"a": 1}),
                status=SetStateStatus.REJECT,
                reason="Cache key exceeded maximum allowed length of 2000 characters.",
                written=(S.COMPLETED, "Done", "m", {"a": 1}),
                details={"cache_key": "k" * 2001},
            ),
            id="a key that is too long",
        ),
        pytest.param(Row(current=state(S.RUNNING), proposed=state(S.COMPLETED, at=NOW)), id="no key"),
        pytest.param(
            Row(current=state(S.RUNNING), proposed=state(S.FAILED, at=NOW, cache_key="key")), id="not completed"
        ),
    ],
)
async def test_nothing_is_remembered(row: Row) -> None:
    outcome = await check(RememberCachedResult(), task_run(row.current), row)
    assert outcome.after == []
