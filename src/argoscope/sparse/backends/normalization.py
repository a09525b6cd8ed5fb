"""Compiled loops of batch normalization with ReLU, forward and backward.

A task is a chunk of `CHUNK` rows. Sums are taken in double precision over each
chunk and the sums of the chunks are added in order, so that the number of
threads leaves the bits alone.
"""

# Compiled functions are called by position.
# ruff: noqa: PLR0917

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from argoscope.sparse.backends.compile import compiled
from argoscope.sparse.backends.workers import Team, first_task, following_task, leave, run_tasks

__all__ = ["affine", "chunks", "gradient_sums", "input_gradient", "join", "moments", "part", "total_of"]

Array = NDArray[Any]
CHUNK = 512


def chunks(features: Array) -> int:
    """Number of chunks of rows."""
    return -(-len(features) // CHUNK)


def total_of(kernel: Any, features: Array, *arguments: Any) -> Array:
    """Add the two sums by channel that `kernel` takes over each chunk; shape (2, channels)."""
    sums = np.zeros((chunks(features), 2, features.shape[1]))
    run_tasks(kernel, len(sums), features, *arguments, sums)
    total: Array = sums.sum(axis=0)
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
