"""Buckets: every posture and every edge of what events and time make of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.automations.triggers.buckets import (
    BEFORE,
    Bucket,
    Role,
    Terms,
    on_event,
    on_time,
    watched_from,
)
from ostinato_core.events.stored import StoredEvent
from tests.unit.core.automations.scene import at, happened

EXPECTED, STARTS, BOTH = Role(True, False), Role(False, True), Role(True, True)
ROLES = {"e": EXPECTED, "s": STARTS, "b": BOTH}


def terms(threshold: int = 1, within: float = 0, *, proactive: bool = False, **members: bool) -> Terms:
    return Terms(not proactive, threshold, timedelta(seconds=within), **members)


def play(asked: Terms, story: Sequence[tuple[str, float]]) -> list[tuple[float, str | None]]:
    """Return when a trigger fires, and by which event: (`e`xpected, `s`tarts, `b`oth or `t`ime, second) each."""
    bucket, fired = watched_from(asked, at(0)), list[tuple[float, str | None]]()
    for kind, second in story:
        if kind == "t":
            if bucket is None:
                continue
            outcome = on_time(asked, bucket, at(second))
        else:
            outcome = on_event(asked, bucket, happened(f"{kind}{second}", second), ROLES[kind])
        bucket = outcome.bucket
        if outcome.fired:
            fired.append((second, None if outcome.event is None else outcome.event.event))
    return fired


@pytest.mark.parametrize(
    ("asked", "story", "expected"),
    [
        pytest.param(terms(), [("e", 0), ("e", 1)], [0, 1], id="each event"),
        pytest.param(terms(0), [("e", 0)], [0], id="threshold 0"),
        pytest.param(terms(2), [("e", 0), ("e", 500), ("e", 501), ("e", 9)], [500, 9], id="no bound of time"),
        pytest.param(terms(1, 10), [("e", 0), ("e", 1), ("e", 10), ("e", 19)], [0, 10], id="once within the time"),
        pytest.param(terms(2, 10), [("e", 0), ("e", 9)], [9], id="two within the time"),
        pytest.param(terms(2, 10), [("e", 0), ("e", 10)], [], id="the end is not within"),
        pytest.param(terms(2, 10), [("e", 0), ("e", 11), ("e", 12)], [12], id="the late one begins anew"),
        pytest.param(terms(2, 10), [("e", 0), ("e", -300)], [-300], id="out of order"),
        pytest.param(terms(2, 10), [("e", 0), ("e", -1200), ("e", 1)], [1], id="much too old"),
        pytest.param(
            terms(2, 10),
            [("e", 0), ("e", 11), ("e", 12), ("e", 13), ("e", 23), ("e", 23.5)],
            [12, 23.5],
            id="silent for the rest of the time",
        ),
        pytest.param(terms(1, 60, has_start=True), [("e", 0), ("s", 1), ("e", 2), ("e", 3)], [2], id="after"),
        pytest.param(terms(1, 10, has_start=True), [("s", 0), ("e", 11), ("e", 12)], [], id="too long after"),
        pytest.param(terms(1, 10, has_start=True), [("s", 5), ("e", 4), ("e", 6)], [6], id="before it began"),
        pytest.param(terms(1, 0, has_start=True), [("e", 0), ("s", 1), ("e", 99)], [99], id="after, whenever"),
        pytest.param(terms(1, 60, has_start=True), [("b", n) for n in range(4)], [1, 3], id="after itself"),
        pytest.param(terms(1, 0, has_start=True), [("b", n) for n in range(4)], [], id="after itself, no time"),
    ],
)
def test_reactive(asked: Terms, story: list[tuple[str, float]], expected: list[float]) -> None:
    assert play(asked, story) == [
        (second, f"e{second}" if ("e", second) in story else f"b{second}") for second in expected
    ]


PRO: dict[str, Any] = {"proactive": True}


@pytest.mark.parametrize(
    ("asked", "story", "expected"),
    [
        pytest.param(terms(1, 10, **PRO), [("t", 9), ("t", 10), ("t", 20)], [(10, None), (20, None)], id="none comes"),
        pytest.param(terms(0, 10, **PRO), [("t", 10), ("t", 20)], [], id="threshold 0"),
        pytest.param(terms(1, 10, **PRO), [("t", 12), ("t", 21), ("t", 22)], [(12, None), (22, None)], id="late look"),
        pytest.param(terms(1, 10, **PRO), [("t", 100), ("t", 109)], [(100, None)], id="nobody looked: once"),
        pytest.param(
            terms(1, 10, **PRO),
            [("e", 1), ("e", 8), ("t", 10), ("t", 17), ("t", 18), ("t", 28)],
            [(18, "e8"), (28, None)],
            id="from the last event on",
        ),
        pytest.param(terms(1, 10, **PRO), [("e", 1), ("t", 12)], [(12, "e1")], id="from the last, looked at late"),
        pytest.param(terms(1, 10, **PRO), [("e", 12)], [(12, "e12")], id="an event too late"),
        pytest.param(
            terms(1, 10, **PRO), [("e", 12), ("t", 21), ("t", 22)], [(12, "e12"), (22, "e12")], id="and none after it"
        ),
        pytest.param(terms(2, 10, **PRO), [("e", 1), ("t", 10), ("t", 20)], [(10, "e1"), (20, None)], id="too few"),
        pytest.param(terms(2, 10, **PRO), [("e", 1), ("e", 2), ("t", 10), ("t", 20)], [(20, None)], id="enough"),
        pytest.param(
            terms(1, 10, has_start=True, **PRO), [("t", 20), ("s", 30), ("t", 40), ("t", 60)], [(40, "s30")], id="after"
        ),
        pytest.param(terms(1, 10, has_start=True, **PRO), [("s", 0), ("e", 3), ("t", 10), ("t", 30)], [], id="in time"),
        pytest.param(
            terms(1, 10, has_start=True, **PRO), [("s", 0), ("s", 4), ("t", 10)], [(10, "s4")], id="started again"
        ),
        pytest.param(
            terms(1, 10, has_start=True, **PRO),
            [("b", 0), ("b", 4), ("t", 10), ("b", 13), ("t", 22), ("t", 23)],
            [(23, "b13")],
            id="after itself",
        ),
        pytest.param(terms(1, 10, has_keys=True, **PRO), [("t", 10), ("e", 11), ("t", 21), ("t", 99)], [], id="by key"),
        pytest.param(
            terms(2, 10, has_keys=True, **PRO), [("e", 0), ("t", 10), ("t", 20)], [(10, "e0"), (20, None)], id="again"
        ),
    ],
)
def test_proactive(asked: Terms, story: list[tuple[str, float]], expected: list[tuple[float, str | None]]) -> None:
    assert play(asked, story) == expected


def test_what_does_not_count_leaves_the_bucket_as_it_is() -> None:
    bucket = Bucket(at(0), at(10), 1)
    assert on_event(terms(3, 10, has_start=True), bucket, happened("s", 1), Role(False, False)).bucket is bucket
    assert on_event(terms(3, 10), bucket, happened("e", -1), EXPECTED).bucket is bucket


stories = st.lists(st.tuples(st.sampled_from("esb"), st.integers(-2000, 2000)), max_size=40)
any_terms = st.builds(
    terms,
    st.integers(0, 4),
    st.integers(0, 600),
    proactive=st.booleans(),
    has_start=st.booleans(),
    has_keys=st.booleans(),
)


@given(any_terms, stories)
def test_buckets_last_as_long_as_they_should(asked: Terms, story: list[tuple[str, int]]) -> None:
    bucket: Bucket | None = None
    for kind, second in story:
        event = happened(kind, second)
        outcome = on_event(asked, bucket, event, ROLES[kind])
        assert outcome.event == (event if outcome.fired else None)
        bucket = outcome.bucket
        if bucket is not None:
            lasts = bucket.end - bucket.start
            assert lasts in (asked.within, asked.within + BEFORE)
            assert bucket.count >= -1


@given(st.integers(1, 4), st.integers(1, 600), stories)
def test_a_reactive_trigger_fires_only_where_enough_came(
    threshold: int, within: int, story: list[tuple[str, int]]
) -> None:
    asked = terms(threshold, within)
    times = [second for _, second in sorted(story, key=lambda each: each[1])]
    fired = [second for second, _ in play(asked, [("e", second) for second in times])]
    assert all(later - earlier > 0 for earlier, later in pairwise(fired))
    counted = [sum(1 for time in times if second - within - BEFORE.seconds <= time <= second) for second in fired]
    assert all(count >= threshold for count in counted)


@given(st.integers(0, 4), st.integers(10, 600), st.lists(st.integers(0, 3000), max_size=30))
def test_a_proactive_trigger_that_is_looked_at_fires_only_where_too_little_came(
    threshold: int, within: int, times: list[int]
) -> None:
    asked = terms(threshold, within, proactive=True)
    story: list[tuple[str, float]] = [("e", time) for time in times]
    # Looked at after each second, as soon as what came in it is counted.
    story += [("t", second + 0.5) for second in range(3100)]
    for second, _ in play(asked, sorted(story, key=lambda each: each[1])):
        came = sum(1 for time in times if second - within < time < second)
        assert came < max(threshold, 1)


def test_events_are_told_apart_by_what_they_are() -> None:
    event: StoredEvent = happened("e", 0)
    assert on_event(terms(2, 10), None, event, EXPECTED).bucket == Bucket(at(0) - BEFORE, at(10), 1, event)
    assert on_event(terms(2, 10, has_start=True), None, event, BOTH).bucket == Bucket(at(0), at(10), 0, event)
    assert on_event(terms(2, 10, has_start=True), None, event, STARTS).bucket == Bucket(at(0), at(10), 0, event)
    assert on_event(terms(2, 10, has_start=True), None, event, EXPECTED).bucket is None


MOMENTS = st.datetimes(timezones=st.just(UTC)) | st.sampled_from(
    [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
LENGTHS = st.timedeltas(min_value=timedelta(0)) | st.just(timedelta.max)


@given(
    st.booleans(),
    st.integers(0, 3),
    LENGTHS,
    st.booleans(),
    st.lists(st.tuples(MOMENTS, st.sampled_from([EXPECTED, STARTS, BOTH])), max_size=5),
)
def test_any_time_that_an_event_may_have_and_any_length_can_be_evaluated(
    is_reactive: bool, threshold: int, within: timedelta, has_start: bool, story: list[tuple[datetime, Role]]
) -> None:
    asked = Terms(is_reactive, threshold, within if is_reactive else max(within, timedelta(seconds=10)), has_start)
    bucket = watched_from(asked, at(0))
    for moment, role in story:
        bucket = on_event(asked, bucket, replace(happened("e", 0), occurred=moment), role).bucket
        if bucket is not None and not is_reactive:
            bucket = on_time(asked, bucket, max(moment, at(0))).bucket
