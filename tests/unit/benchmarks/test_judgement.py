"""The quick benchmark's judgement: a workload is slow where it costs twice the CPU, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quick.judgement import Verdict, judge, speed

TIMES = st.lists(st.floats(min_value=0.001, max_value=10), min_size=1, max_size=6)


def test_speed_is_operations_in_the_time_of_a_calibration() -> None:
    assert speed([0.002], [0.5]) == 250


def test_only_the_best_round_of_each_counts() -> None:
    assert speed([0.009, 0.002, 0.004], [0.5, 0.8]) == 250


@given(costs=TIMES, calibrations=TIMES, slower=st.floats(min_value=0.1, max_value=10))
def test_a_slower_machine_changes_nothing(costs: list[float], calibrations: list[float], slower: float) -> None:
    there = speed([cost * slower for cost in costs], [each * slower for each in calibrations])
    assert there == pytest.approx(speed(costs, calibrations))


@given(cost=st.floats(min_value=1e-4, max_value=1), factor=st.floats(min_value=2.01, max_value=50))
def test_twice_the_cost_is_slow(cost: float, factor: float) -> None:
    stored = {"create": speed([cost], [0.5])}
    [verdict] = judge({"create": speed([cost * factor], [0.5])}, stored)
    assert not verdict.is_good


@given(cost=st.floats(min_value=1e-4, max_value=1), factor=st.floats(min_value=0.01, max_value=1.99))
def test_less_than_twice_the_cost_is_not_slow(cost: float, factor: float) -> None:
    stored = {"create": speed([cost], [0.5])}
    [verdict] = judge({"create": speed([cost * factor], [0.5])}, stored)
    assert verdict.is_good


@given(st.lists(st.floats(min_value=1, max_value=1.8), min_size=3, max_size=3))
def test_disturbed_rounds_do_not_make_a_workload_slow(disturbed: list[float]) -> None:
    """Other load lengthens some rounds of either by up to 1.8: the best ones stand, or are off by less than twice."""
    stored = {"create": speed([0.002], [0.5])}
    [verdict] = judge({"create": speed([0.002 * each for each in disturbed], [0.5])}, stored)
    assert verdict.is_good


def test_workload_without_a_stored_figure_is_told() -> None:
    assert judge({"new": 10.0}, {}) == [Verdict("new", 10.0, None)]
    assert not Verdict("new", 10.0, None).is_good


def test_stored_workload_that_was_not_measured_is_told() -> None:
    [_, gone] = judge({"create": 10.0}, {"create": 10.0, "poll": 5.0})
    assert (gone.name, gone.is_good) == ("poll", False)
