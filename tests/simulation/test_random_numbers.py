"""The kernels' generator: bit for bit its definition, and laws of its variates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from argoscope.simulation.random_numbers import (
    exponential,
    gamma,
    new_state,
    next_bits,
    normal,
    poisson,
    uniform,
)

SMALLEST_P_VALUE = 1e-4
MASK = 2**64 - 1


def slow_next(state: list[int]) -> int:
    """xoshiro256++ as Blackman and Vigna print it, in Python's integers."""

    def rotate(x: int, k: int) -> int:
        return ((x << k) | (x >> (64 - k))) & MASK

    out = (rotate((state[0] + state[3]) & MASK, 23) + state[0]) & MASK
    shifted = (state[1] << 17) & MASK
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = rotate(state[3], 45)
    return out


def state_of(seed: int) -> np.ndarray:
    return new_state(np.random.default_rng(seed), 1)[0]


def test_bits_equal_the_definition() -> None:
    state = state_of(1)
    slow = [int(word) for word in state]
    assert [int(next_bits(state)) for _ in range(1000)] == [slow_next(slow) for _ in range(1000)]


def test_published_first_output() -> None:
    # Of state (1, 2, 3, 4): rotl(1 + 4, 23) + 1.
    assert int(next_bits(np.array([1, 2, 3, 4], np.uint64))) == (5 << 23) + 1


def test_uniforms_exclude_both_ends() -> None:
    zeros, ones = np.zeros(4, np.uint64), np.full(4, MASK, np.uint64)
    assert 0 < uniform(zeros) < 1e-15
    assert uniform(ones) < 1


@pytest.mark.parametrize(
    ("draw", "law"), [(uniform, stats.uniform()), (exponential, stats.expon()), (normal, stats.norm())]
)
def test_variates_follow_their_law(draw, law) -> None:
    state = state_of(2)
    assert stats.kstest([draw(state) for _ in range(20_000)], law.cdf).pvalue > SMALLEST_P_VALUE


@pytest.mark.parametrize("shape", [0.1, 0.9, 1.0, 5.0, 300.0])
def test_gamma_follows_its_law(shape: float) -> None:
    state = state_of(3)
    sample = [gamma(state, shape) for _ in range(20_000)]
    assert stats.kstest(sample, stats.gamma(shape).cdf).pvalue > SMALLEST_P_VALUE


@pytest.mark.parametrize("mean", [0.0, 0.3, 5.0, 40.0])
def test_poisson_follows_its_law(mean: float) -> None:
    state = state_of(4)
    sample = np.array([poisson(state, mean) for _ in range(20_000)])
    if mean == 0.0:
        assert not sample.any()
        return
    low, high = (int(v) for v in stats.poisson(mean).ppf((2e-3, 1 - 2e-3)))
    expected = 20_000 * stats.poisson(mean).pmf(np.arange(low, high + 1))
    counts = np.bincount(np.clip(sample, low, high) - low)
    expected[0] += 20_000 * stats.poisson(mean).cdf(low - 1)
    expected[-1] += 20_000 * stats.poisson(mean).sf(high)
    assert stats.chisquare(counts, expected).pvalue > SMALLEST_P_VALUE


def test_states_of_streams_differ() -> None:
    assert len(np.unique(new_state(np.random.default_rng(5), 1000), axis=0)) == 1000
