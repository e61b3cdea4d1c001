"""Jittered delays stay within their bounds and keep their mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.orchestration.jitter import clamped_poisson_interval

MEANS = st.floats(0.001, 1e6)
FACTORS = st.floats(0.01, 20)


@given(MEANS, FACTORS, st.floats(0, 1, exclude_max=True))
def test_a_delay_is_positive_and_clamped(mean: float, factor: float, uniform: float) -> None:
    found = clamped_poisson_interval(mean, factor, uniform)
    assert 0 <= found <= mean * (1 + factor) * (1 + 1e-9)


@given(MEANS, FACTORS)
def test_a_greater_random_number_gives_a_longer_delay(mean: float, factor: float) -> None:
    found = [clamped_poisson_interval(mean, factor, uniform / 8) for uniform in range(8)]
    assert found == sorted(found)
    assert found[0] < mean < clamped_poisson_interval(mean, factor, 0.999)


@pytest.mark.parametrize("factor", [0.1, 0.5, 1.0, 5.0])
def test_the_mean_is_kept(factor: float) -> None:
    steps = 10_000
    found = [clamped_poisson_interval(1000, factor, (step + 0.5) / steps) for step in range(steps)]
    assert sum(found) / steps == pytest.approx(1000, rel=0.001)
