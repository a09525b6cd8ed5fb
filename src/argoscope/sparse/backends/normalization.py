"""Compiled loops of batch normalization with ReLU, forward and backward.

A task is a chunk of `CHUNK` rows. Sums are taken in double precision over each
chunk and the sums of the chunks are added in order, so that the number of
threads leaves the bits alone. `batch_affine` and `batch_gradients` do the
arithmetic between the passes over the rows, by channel: one call where numpy
or torch would need twenty, hundreds of times in one training step.
"""

# Compiled functions are called by position.
# ruff: noqa: PLR0917

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from argoscope.sparse.backends.compile import compiled
from argoscope.sparse.backends.workers import Team, first_task, following_task, leave, run_tasks

__all__ = [
    "affine",
    "batch_affine",
    "batch_gradients",
    "chunk_sums",
    "chunks",
    "gradient_sums",
    "input_gradient",
    "join",
    "moments",
    "part",
    "plain_sums",
    "totals",
]

Array = NDArray[Any]
CHUNK = 512


def chunks(features: Array) -> int:
    """Number of chunks of rows."""
    return -(-len(features) // CHUNK)


def chunk_sums(kernel: Any, features: Array, *arguments: Any) -> Array:
    """Two sums by channel that `kernel` takes over each chunk; shape (chunks, 2, channels)."""
    sums = np.zeros((chunks(features), 2, features.shape[1]))
    run_tasks(kernel, len(sums), features, *arguments, sums)
    return sums


def totals(features: Array) -> Array:
    """Sum by channel in double precision, the same for any number of threads; shape (channels,)."""
    total: Array = _total(chunk_sums(plain_sums, features))[0]
    return total


@compiled
def affine(
    team: Team, tasks: int, features: Array, scale: Array, shift: Array, relu: bool, out: Array
) -> None:
    """Set out = features * scale + shift by channel, negative numbers cut to 0 if `relu`."""
    zero = out.dtype.type(0)
    chunk = first_task(team)
    while chunk < tasks:
        for row in range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(features))):
            values, results = features[row], out[row]
            for column in range(len(values)):
                value = values[column] * scale[column] + shift[column]
                results[column] = zero if relu and value < zero else value
        chunk = following_task(team)
    leave(team)


@compiled
def join(
    team: Team,
    tasks: int,
    left: Array,
    right: Array,
    scale: Array,
    shift: Array,
    joined: Array,
    activated: Array,
) -> None:
    """Put channels side by side; where `scale` is not empty, also max(0, joined * scale + shift)."""
    width = left.shape[1]
    zero = joined.dtype.type(0)
    chunk = first_task(team)
    while chunk < tasks:
        for row in range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(left))):
            values, results = joined[row], activated[row]
            values[:width] = left[row]
            values[width:] = right[row]
            for column in range(len(scale)):
                value = values[column] * scale[column] + shift[column]
                results[column] = zero if value < zero else value
        chunk = following_task(team)
    leave(team)


@compiled
def part(team: Team, tasks: int, joined: Array, left: Array, right: Array) -> None:
    """Take channels apart that `join` put side by side."""
    width = left.shape[1]
    chunk = first_task(team)
    while chunk < tasks:
        for row in range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(left))):
            values = joined[row]
            left[row] = values[:width]
            right[row] = values[width:]
        chunk = following_task(team)
    leave(team)


@compiled
def moments(team: Team, tasks: int, features: Array, origin: Array, sums: Array) -> None:
    """Sum of x - origin and of (x - origin)^2 by channel, for each chunk."""
    chunk = first_task(team)
    while chunk < tasks:
        first, second = sums[chunk, 0], sums[chunk, 1]
        for row in range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(features))):
            values = features[row]
            for column in range(len(values)):
                deviation = np.float64(values[column]) - origin[column]
                first[column] += deviation
                second[column] += deviation * deviation
        chunk = following_task(team)
    leave(team)


@compiled
def plain_sums(team: Team, tasks: int, features: Array, out: Array) -> None:
    """Sum by channel, for each chunk, as the first of the two that `chunk_sums` has room for."""
    chunk = first_task(team)
    while chunk < tasks:
        total = out[chunk, 0]
        for row in range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(features))):
            values = features[row]
            for column in range(len(values)):
                total[column] += values[column]
        chunk = following_task(team)
    leave(team)


@compiled
def gradient_sums(
    team: Team, tasks: int, features: Array, gradient: Array, origin: Array, scale: Array, shift: Array,
    relu: bool, sums: Array,
) -> None:  # fmt: skip
    """Sum of g and of g (x - origin) by channel, for each chunk; g is 0 where the output was cut."""
    zero = features.dtype.type(0)
    chunk = first_task(team)
    while chunk < tasks:
        first, second = sums[chunk, 0], sums[chunk, 1]
        for row in range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(features))):
            values, upstream = features[row], gradient[row]
            for column in range(len(values)):
                cut = relu and values[column] * scale[column] + shift[column] <= zero
                passed = np.float64(zero if cut else upstream[column])
                first[column] += passed
                second[column] += passed * (values[column] - origin[column])
        chunk = following_task(team)
    leave(team)


@compiled
def input_gradient(
    team: Team, tasks: int, features: Array, gradient: Array, scale: Array, shift: Array, relu: bool,
    slope: Array, intercept: Array, beside: Array, out: Array,
) -> None:  # fmt: skip
    """Set out = scale g + slope x + intercept by channel, + beside; g is 0 where the output was cut."""
    zero = out.dtype.type(0)
    chunk = first_task(team)
    while chunk < tasks:
        for row in range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(features))):
            values, upstream, results = features[row], gradient[row], out[row]
            for column in range(len(values)):
                cut = relu and values[column] * scale[column] + shift[column] <= zero
                passed = zero if cut else upstream[column]
                results[column] = scale[column] * passed + (
                    slope[column] * values[column] + intercept[column]
                )
            if len(beside):
                results += beside[row]
        chunk = following_task(team)
    leave(team)


@compiled
def _total(sums: Array) -> Array:
    """Add the sums of the chunks, in order; shape (2, channels)."""
    total = np.zeros(sums.shape[1:])
    for chunk in range(len(sums)):
        total += sums[chunk]
    return total


@compiled
def batch_affine(
    sums: Array, count: float, weight: Array, bias: Array, epsilon: float, momentum: float, running_mean: Array,
    running_var: Array, numbers: Array, affine: Array,
) -> None:  # fmt: skip
    """Find scale and shift from the sums of `moments` around the running mean, and move the running averages.

    `numbers` gets mean, 1 / sqrt(variance + epsilon) and scale, `affine` scale
    and shift in the precision of the features.
    """
    total = _total(sums)
    for channel in range(len(weight)):
        first = total[0, channel] / max(count, 1.0)
        mean = running_mean[channel] + first
        variance = max(total[1, channel] / max(count, 1.0) - first * first, 0.0)
        inverse = 1.0 / np.sqrt(variance + epsilon)
        scale = weight[channel] * inverse
        numbers[0, channel], numbers[1, channel], numbers[2, channel] = mean, inverse, scale
        affine[0, channel], affine[1, channel] = scale, bias[channel] - mean * scale
        if count > 1:
            unbiased = variance * (count / (count - 1.0))
            running_mean[channel] += momentum * (mean - running_mean[channel])
            running_var[channel] += momentum * (unbiased - running_var[channel])


@compiled
def batch_gradients(
    sums: Array, joint: Array, count: float, numbers: Array, for_weight: Array, for_bias: Array, line: Array
) -> None:
    """Find the gradients of weight and bias, and slope and intercept of `input_gradient`.

    `sums` are those of `gradient_sums`, `joint` those of all ranks together.
    """
    own, total = _total(sums), _total(joint)
    for channel in range(len(for_weight)):
        mean, inverse, scale = numbers[:, channel]
        for_bias[channel] = own[0, channel]
        for_weight[channel] = own[1, channel] * inverse
        slope = -scale * inverse * inverse * total[1, channel] / max(count, 1.0)
        line[0, channel] = slope
        line[1, channel] = -scale * total[0, channel] / max(count, 1.0) - slope * mean
