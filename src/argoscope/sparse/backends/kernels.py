"""Compiled loops of the CPU backend: convolution and its weight gradient.

A convolution is given as pairs (input row, output row), sorted by tile of
output rows and within a tile by kernel offset (`KernelMap.pairs`). A thread
takes a tile, sets its rows to what they start from (bias, addend), adds the
products of one offset after the other, and finishes the rows (scale, shift,
ReLU) while they are still in its cache. Whoever takes a tile computes the same
bits, so tiles are dealt out as threads become free.
"""

# Compiled functions are called by position.
# ruff: noqa: PLR0917

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from argoscope.sparse.backends.compile import compiled
from argoscope.sparse.backends.registers import OUTER_ROWS, ROWS, VECTOR_BYTES, add_outer, add_products, fetch
from argoscope.sparse.backends.workers import Team, first_task, following_task, leave

__all__ = ["convolve", "transpose_blocks", "weight_gradient"]

Array = NDArray[Any]
FEW_ROWS = 4
"""Rows of the block for what remains after full blocks, before single rows."""
FETCH_FROM = 2048
"""Products for each pair from which on fetching ahead pays: 73 to 98 GFLOP/s at 64 x 64, but 105 to 87 at 32 x 32."""


@compiled
def _add_panel(
    features: Array, weight: Array, weight_row: int, sites: Array, rows: Array, first: int, last: int, out: Array,
    column: int,
) -> None:  # fmt: skip
    """Add the products of the pairs first..last to two vectors of output channels."""
    pair = first
    while pair + ROWS <= last:
        add_products(ROWS, 2, features, sites, weight, weight_row, out, rows, pair, column)
        pair += ROWS
    while pair + FEW_ROWS <= last:
        add_products(FEW_ROWS, 2, features, sites, weight, weight_row, out, rows, pair, column)
        pair += FEW_ROWS
    while pair < last:
        add_products(1, 2, features, sites, weight, weight_row, out, rows, pair, column)
        pair += 1


@compiled
def _add_last_panel(
    features: Array, weight: Array, weight_row: int, sites: Array, rows: Array, first: int, last: int, out: Array,
    column: int,
) -> None:  # fmt: skip
    """Add the products of the pairs first..last to one vector of output channels."""
    pair = first
    while pair + ROWS <= last:
        add_products(ROWS, 1, features, sites, weight, weight_row, out, rows, pair, column)
        pair += ROWS
    while pair + FEW_ROWS <= last:
        add_products(FEW_ROWS, 1, features, sites, weight, weight_row, out, rows, pair, column)
        pair += FEW_ROWS
    while pair < last:
        add_products(1, 1, features, sites, weight, weight_row, out, rows, pair, column)
        pair += 1


@compiled
def _begin_rows(out: Array, bias: Array, addend: Array, first: int, last: int) -> None:
    """Set rows first..last to the addend or zero, plus the bias; an empty array stands for none."""
    if len(addend):
        out[first:last] = addend[first:last]
    else:
        out[first:last] = 0
    if len(bias):
        for row in range(first, last):
            sums = out[row]
            for column in range(len(sums)):
                sums[column] += bias[column]


@compiled
def _finish_rows(out: Array, activated: Array, scale: Array, shift: Array, first: int, last: int) -> None:
    """Write max(0, out * scale + shift) of rows first..last into `activated`."""
    zero = out.dtype.type(0)
    for row in range(first, last):
        sums, results = out[row], activated[row]
        for column in range(len(sums)):
            value = sums[column] * scale[column] + shift[column]
            # This way round, what is not a number stays so instead of turning into 0.
            results[column] = zero if value < zero else value


@compiled
def _convolve_tile(
    tile: int, features: Array, weight: Array, tiles: Array, starts: Array, sites: Array, rows: Array, bias: Array,
    addend: Array, scale: Array, shift: Array, out: Array, activated: Array,
) -> None:  # fmt: skip
    """Compute the output rows of one tile."""
    depth, width = features.shape[1], out.shape[1]
    lanes = VECTOR_BYTES // out.itemsize
    offsets = weight.shape[0] // depth
    _begin_rows(out, bias, addend, tiles[tile], tiles[tile + 1])
    for offset in range(offsets):
        first, last = starts[tile * offsets + offset], starts[tile * offsets + offset + 1]
        column = 0
        while column + 2 * lanes <= width:
            _add_panel(features, weight, offset * depth, sites, rows, first, last, out, column)
            column += 2 * lanes
        if column < width:
            _add_last_panel(features, weight, offset * depth, sites, rows, first, last, out, column)
    if len(scale):
        _finish_rows(out, activated, scale, shift, tiles[tile], tiles[tile + 1])


@compiled
def convolve(
    team: Team, tasks: int, features: Array, weight: Array, tiles: Array, starts: Array, sites: Array,
    rows: Array, bias: Array, addend: Array, scale: Array, shift: Array, out: Array, activated: Array,
) -> None:  # fmt: skip
    """Convolve: out[j] = bias + addend[j] + sum of features[i] @ weight[o] over the pairs (o, i, j).

    A task is a tile. `weight` has shape (offsets * channels in, channels out),
    the latter a multiple of the vector length. Where `scale` is not empty,
    `activated` gets max(0, out * scale + shift); it may be `out` itself.
    """
    tile = first_task(team)
    while tile < tasks:
        _convolve_tile(
            tile, features, weight, tiles, starts, sites, rows, bias, addend, scale, shift, out, activated
        )
        tile = following_task(team)
    leave(team)


@compiled
def _add_outer_block(
    features: Array, sites: Array, gradient: Array, rows: Array, out: Array, out_row: int, first: int, last: int,
    column: int, wide: bool,
) -> None:  # fmt: skip
    """Add the outer products of the pairs first..last to one or two vectors of columns, all channels."""
    channel = 0
    while channel < features.shape[1]:
        row = out_row + channel
        if channel + OUTER_ROWS > features.shape[1]:
            if wide:
                add_outer(1, 2, features, sites, gradient, rows, out, row, first, last, channel, column)
            else:
                add_outer(1, 1, features, sites, gradient, rows, out, row, first, last, channel, column)
            channel += 1
            continue
        if wide:
            add_outer(OUTER_ROWS, 2, features, sites, gradient, rows, out, row, first, last, channel, column)
        else:
            add_outer(OUTER_ROWS, 1, features, sites, gradient, rows, out, row, first, last, channel, column)
        channel += OUTER_ROWS


@compiled
def _weight_task(
    task: int, groups: int, features: Array, gradient: Array, starts: Array, sites: Array, rows: Array, offsets: int,
    out: Array,
) -> None:  # fmt: skip
    """Weight gradient of one kernel offset and one group of output channels, over all tiles.

    Tiles come first: what a tile reads stays in the cache for all channels, and
    what the next will read is fetched meanwhile where that is worth the asking.
    """
    depth, width = features.shape[1], out.shape[1]
    lanes = VECTOR_BYTES // out.itemsize
    offset, group = task % offsets, task // offsets
    tiles = (len(starts) - 1) // offsets
    for tile in range(tiles):
        first, last = starts[tile * offsets + offset], starts[tile * offsets + offset + 1]
        if tile + 1 < tiles and depth * width >= FETCH_FROM:
            following = (tile + 1) * offsets + offset
            for pair in range(starts[following], starts[following + 1]):
                for column in range(0, depth, lanes):
                    fetch(features, sites[pair], column)
                for column in range(0, width, lanes):
                    fetch(gradient, rows[pair], column)
        for column in range(2 * lanes * group, width, 2 * lanes * groups):
            wide = column + 2 * lanes <= width
            _add_outer_block(features, sites, gradient, rows, out, offset * depth, first, last, column, wide)


@compiled
def weight_gradient(
    team: Team, tasks: int, features: Array, gradient: Array, starts: Array, sites: Array, rows: Array,
    offsets: int, out: Array,
) -> None:  # fmt: skip
    """Weight gradient: add features[i]^T gradient[j] over the pairs (o, i, j) to block o of `out`.

    `out` has shape (offsets * channels in, channels out) and comes filled with
    zeros. There are one or more groups of output channels, and a task for each
    offset and group. Each number is summed by one thread, tile after tile, so
    that the number of groups leaves the bits alone.
    """
    task = first_task(team)
    while task < tasks:
        _weight_task(task, tasks // offsets, features, gradient, starts, sites, rows, offsets, out)
        task = following_task(team)
    leave(team)


@compiled
def transpose_blocks(team: Team, tasks: int, weight: Array, mirrored: bool, out: Array) -> None:
    """Set out[o], or if `mirrored` out[-o], to weight[o]^T; a task is an offset."""
    offset = first_task(team)
    while offset < tasks:
        block, result = weight[offset], out[tasks - 1 - offset if mirrored else offset]
        for column in range(block.shape[1]):
            for row in range(block.shape[0]):
                result[column, row] = block[row, column]
        offset = following_task(team)
    leave(team)
