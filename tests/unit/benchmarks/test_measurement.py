"""Latencies: what a percentile says."""

import math

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measurement import Measurement, milliseconds, percentile

SECONDS = st.lists(st.floats(min_value=0, max_value=1e6), min_size=1)


def test_percentile_is_the_value_that_so_many_do_not_exceed() -> None:
    hundred = [float(number) for number in range(1, 101)]
    assert [percentile(hundred, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]


def test_few_values_do_not_hide_the_slowest() -> None:
    assert percentile([1.0, 2.0, 30.0], 0.99) == 30.0


def test_no_values_have_no_percentile() -> None:
    assert percentile([], 0.5) is None
    assert milliseconds([], 0.5) == "-"


@given(SECONDS, st.floats(min_value=0.01, max_value=1))
def test_at_least_the_share_does_not_exceed_the_percentile(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found is not None
    assert found in values
    assert sum(value <= found for value in values) >= math.floor(share * len(values))
    assert sum(value < found for value in values) <= share * len(values)


def test_refusals_and_failures_count_apart_and_the_first_is_kept() -> None:
    result = Measurement()
    result.refuse("503")
    result.fail("wrong sum", 3)
    assert (result.refused, result.failures, result.first_failure) == (1, 3, "503")


def test_nothing_measured_has_no_throughput() -> None:
    assert Measurement().throughput == 0.0
