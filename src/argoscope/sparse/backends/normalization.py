"""Compiled loops of batch normalization with ReLU, forward and backward.

Sums are taken in double precision over chunks of `CHUNK` rows, and the sums of
the chunks are added in order, so that the number of threads leaves the bits
alone. Each function ends in `_parallel` where it runs on several threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange
from numpy.typing import NDArray

from argoscope.sparse.backends.compile import compiled, compiled_parallel

__all__ = [
    "affine",
    "affine_parallel",
    "gradient_sums",
    "gradient_sums_parallel",
    "input_gradient",
    "input_gradient_parallel",
    "moments",
    "moments_parallel",
]

Array = NDArray[Any]
CHUNK = 512


@compiled
def _chunks(features: Array) -> int:
    """Number of chunks of rows."""
    return (len(features) + CHUNK - 1) // CHUNK


@compiled
def _affine_chunk(chunk: int, features: Array, scale: Array, shift: Array, relu: bool, out: Array) -> None:
    zero = out.dtype.type(0)
    for row in range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(features))):
        values, results = features[row], out[row]
        if relu:
            for column in range(len(values)):
                value = values[column] * scale[column] + shift[column]
                results[column] = zero if value < zero else value
        else:
            for column in range(len(values)):
                results[column] = values[column] * scale[column] + shift[column]


@compiled
def affine(features: Array, scale: Array, shift: Array, relu: bool, out: Array) -> None:
    """out = features * scale + shift by channel, negative numbers cut to 0 if `relu`."""
    for chunk in range(_chunks(features)):
        _affine_chunk(chunk, features, scale, shift, relu, out)


@compiled_parallel
def affine_parallel(features: Array, scale: Array, shift: Array, relu: bool, out: Array) -> None:
    """As `affine`."""
    for chunk in prange(_chunks(features)):
        _affine_chunk(chunk, features, scale, shift, relu, out)


@compiled
def _moments_chunk(chunk: int, features: Array, origin: Array, sums: Array) -> None:
    first, second = sums[chunk, 0], sums[chunk, 1]
    for row in range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(features))):
        values = features[row]
        for column in range(len(values)):
            deviation = np.float64(values[column]) - origin[column]
            first[column] += deviation
            second[column] += deviation * deviation


@compiled
def moments(features: Array, origin: Array) -> Array:
    """Sum of x - origin and of (x - origin)^2 by channel; shape (2, channels)."""
    sums = np.zeros((_chunks(features), 2, features.shape[1]))
    for chunk in range(len(sums)):
        _moments_chunk(chunk, features, origin, sums)
    return _total(sums)


@compiled_parallel
def moments_parallel(features: Array, origin: Array) -> Array:
    """As `moments`."""
    sums = np.zeros((_chunks(features), 2, features.shape[1]))
    for chunk in prange(len(sums)):
        _moments_chunk(chunk, features, origin, sums)
    return _total(sums)


@compiled
def _total(sums: Array) -> Array:
    """Add the sums of the chunks, first to last."""
    total = np.zeros(sums.shape[1:])
    for chunk in range(len(sums)):
        total += sums[chunk]
    return total


@compiled
def _gradient_sums_chunk(
    chunk: int, features: Array, gradient: Array, origin: Array, scale: Array, shift: Array, relu: bool, sums: Array
) -> None:
    first, second = sums[chunk, 0], sums[chunk, 1]
    zero = features.dtype.type(0)
    for row in range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(features))):
        values, slopes = features[row], gradient[row]
        for column in range(len(values)):
            cut = relu and values[column] * scale[column] + shift[column] <= zero
            slope = np.float64(0.0 if cut else slopes[column])
            first[column] += slope
            second[column] += slope * (values[column] - origin[column])


@compiled
def gradient_sums(
    features: Array, gradient: Array, origin: Array, scale: Array, shift: Array, relu: bool
) -> Array:
    """Sum of g and of g (x - origin) by channel; g is 0 where the output was cut; shape (2, channels)."""
    sums = np.zeros((_chunks(features), 2, features.shape[1]))
    for chunk in range(len(sums)):
        _gradient_sums_chunk(chunk, features, gradient, origin, scale, shift, relu, sums)
    return _total(sums)


@compiled_parallel
def gradient_sums_parallel(
    features: Array, gradient: Array, origin: Array, scale: Array, shift: Array, relu: bool
) -> Array:
    """As `gradient_sums`."""
    sums = np.zeros((_chunks(features), 2, features.shape[1]))
    for chunk in prange(len(sums)):
        _gradient_sums_chunk(chunk, features, gradient, origin, scale, shift, relu, sums)
    return _total(sums)


@compiled
def _input_gradient_chunk(
    chunk: int, features: Array, gradient: Array, scale: Array, shift: Array, relu: bool, slope: Array,
    intercept: Array, out: Array,
) -> None:  # fmt: skip
    zero = out.dtype.type(0)
    for row in range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(features))):
        values, upstream, results = features[row], gradient[row], out[row]
        for column in range(len(values)):
            cut = relu and values[column] * scale[column] + shift[column] <= zero
            passed = zero if cut else upstream[column]
            results[column] = scale[column] * passed + (slope[column] * values[column] + intercept[column])


@compiled
def input_gradient(
    features: Array, gradient: Array, scale: Array, shift: Array, relu: bool, slope: Array, intercept: Array,
    out: Array,
) -> None:  # fmt: skip
    """out = scale g + slope x + intercept by channel; g is 0 where the output was cut."""
    for chunk in range(_chunks(features)):
        _input_gradient_chunk(chunk, features, gradient, scale, shift, relu, slope, intercept, out)


@compiled_parallel
def input_gradient_parallel(
    features: Array, gradient: Array, scale: Array, shift: Array, relu: bool, slope: Array, intercept: Array,
    out: Array,
) -> None:  # fmt: skip
    """As `input_gradient`."""
    for chunk in prange(_chunks(features)):
        _input_gradient_chunk(chunk, features, gradient, scale, shift, relu, slope, intercept, out)
