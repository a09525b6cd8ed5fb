"""Random numbers inside the kernels: a generator whose state is an array.

xoshiro256++ by Blackman and Vigna; its state comes from the NumPy generator of
the stage, so that what a kernel draws is a function of its arguments alone.

References
----------
Blackman and Vigna, ACM Trans. Math. Softw. 47 (2021) 36: the generator.
Marsaglia and Tsang, ACM Trans. Math. Softw. 26 (2000) 363: gamma variates.
"""

from __future__ import annotations

import math

import numpy as np

from argoscope.simulation.compile import compiled

__all__ = ["exponential", "gamma", "new_state", "next_bits", "normal", "poisson", "uniform"]

_17, _23, _41, _45, _19, _11 = (np.uint64(n) for n in (17, 23, 41, 45, 19, 11))
_UNIT = 1.0 / 9007199254740992.0  # 2**-53
_POISSON_CHUNK = 16.0
"""Means above it are drawn in parts, so that exp(-mean) stays a good number."""


def new_state(rng: np.random.Generator, streams: int) -> np.ndarray:
    """States for `streams` independent sequences.

    Parameters
    ----------
    rng : numpy.random.Generator
    streams : int

    Returns
    -------
    ndarray, shape (streams, 4), uint64

    Examples
    --------
    >>> new_state(np.random.default_rng(1), 2).shape
    (2, 4)
    """
    return rng.integers(1, 2**64, size=(streams, 4), dtype=np.uint64)


@compiled
def next_bits(state: np.ndarray) -> np.uint64:
    """64 random bits; `state`, shape (4,), moves on."""
    total = state[0] + state[3]
    out = ((total << _23) | (total >> _41)) + state[0]
    shifted = state[1] << _17
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = (state[3] << _45) | (state[3] >> _19)
    return out


@compiled
def uniform(state: np.ndarray) -> float:
    """Uniform in (0, 1), both ends excluded."""
    return (np.float64(np.int64(next_bits(state) >> _11)) + 0.5) * _UNIT


@compiled
def exponential(state: np.ndarray) -> float:
    """Exponential of mean 1."""
    return -math.log(uniform(state))


@compiled
def normal(state: np.ndarray) -> float:
    """Gaussian of mean 0 and width 1 (polar method)."""
    while True:
        a = 2.0 * uniform(state) - 1.0
        b = 2.0 * uniform(state) - 1.0
        square = a * a + b * b
        if square < 1.0:
            return a * math.sqrt(-2.0 * math.log(square) / square)


@compiled
def poisson(state: np.ndarray, mean: float) -> int:
    """Poisson count (products of uniforms)."""
    count = 0
    while mean > 0.0:
        part = min(mean, _POISSON_CHUNK)
        limit = math.exp(-part)
        product = uniform(state)
        while product > limit:
            count += 1
            product *= uniform(state)
        mean -= part
    return count


@compiled
def gamma(state: np.ndarray, shape: float) -> float:
    """Gamma variate of unit scale (Marsaglia and Tsang)."""
    boost = 1.0
    if shape < 1.0:
        boost = uniform(state) ** (1.0 / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal(state)
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        v = v * v * v
        u = uniform(state)
        square = x * x
        if u < 1.0 - 0.0331 * square * square or math.log(u) < 0.5 * square + d * (1.0 - v + math.log(v)):
            return boost * d * v
