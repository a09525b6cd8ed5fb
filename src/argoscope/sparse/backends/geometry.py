"""Compiled walks over sorted site keys: neighbour tables, coarser sites, tiles of pairs.

Keys number the positions of all images of a batch in row-major order, with a
margin after each row, plane and event, so that "key + difference" never means
a site across a border. The sites are sorted by key, so both sides of every
search move forward only: one pass finds the neighbours of all sites.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from argoscope.sparse.backends.compile import compiled

__all__ = ["group_children", "invert_table", "neighbour_table", "pair_lists", "window_table"]

Array = NDArray[Any]


@compiled
def neighbour_table(keys: Array, lines: Array, radius: int) -> Array:
    """Row of the neighbour of every site at every offset of a cube, -1 where there is none.

    Parameters
    ----------
    keys : ndarray of int64, shape (sites,)
        Sorted keys.
    lines : ndarray of int64, shape (offsets / (2 radius + 1),)
        Key differences of the lines along the last axis that make up the cube,
        ascending; the one in the middle is 0.
    radius : int
        Half the edge of the cube.

    Returns
    -------
    ndarray of int32, shape (offsets, sites)
    """
    edge, sites = 2 * radius + 1, len(keys)
    table = np.full((len(lines) * edge, sites), -1, np.int32)
    last = len(table) - 1
    # A neighbour at +d has this site as its neighbour at -d: half of the lines give the whole table.
    for line in range(len(lines) // 2, len(lines)):
        low = 0
        for site in range(sites):
            begin = keys[site] + lines[line] - radius
            while low < sites and keys[low] < begin:
                low += 1
            other = low
            while other < sites and keys[other] < begin + edge:
                offset = line * edge + keys[other] - begin
                table[offset, site] = other
                table[last - offset, other] = site
                other += 1
    return table


@compiled
def group_children(coordinates: Array, coarse_keys: Array, order: Array, offsets: int) -> tuple[Array, Array]:
    """Table from coarse sites to their 2 x 2 (x 2) fine sites, and a fine site of each.

    `order` sorts the fine sites by the key of their coarse site.
    """
    sites, dimensions = coordinates.shape
    coarse = 0
    for position in range(1, sites):
        coarse += coarse_keys[order[position]] != coarse_keys[order[position - 1]]
    count = coarse + 1 if sites else 0
    table = np.full((offsets, count), -1, np.int32)
    member = np.empty(count, np.int64)
    coarse = -1
    for position in range(sites):
        site = order[position]
        if position == 0 or coarse_keys[site] != coarse_keys[order[position - 1]]:
            coarse += 1
            member[coarse] = site
        offset = 0
        for axis in range(dimensions):
            offset = 2 * offset + (coordinates[site, axis] & 1)
        table[offset, coarse] = site
    return table, member


@compiled
def window_table(keys: Array, starts: Array, lines: Array, edge: int) -> Array:
    """Row of the site at every offset of a window, -1 where there is none.

    `starts[j]` is the key of the first corner of window j; they are sorted.
    `lines` are the key differences of the window's lines along the last axis.
    """
    windows, sites = len(starts), len(keys)
    table = np.full((len(lines) * edge, windows), -1, np.int32)
    for line in range(len(lines)):
        low = 0
        for window in range(windows):
            begin = starts[window] + lines[line]
            while low < sites and keys[low] < begin:
                low += 1
            site = low
            while site < sites and keys[site] < begin + edge:
                table[line * edge + keys[site] - begin, window] = site
                site += 1
    return table


@compiled
def invert_table(table: Array, inputs: int) -> Array:
    """Table of the reversed map: entry [o, i] is the j with table[o, j] = i."""
    offsets, outputs = table.shape
    inverse = np.full((offsets, inputs), -1, np.int32)
    for offset in range(offsets):
        for output in range(outputs):
            if table[offset, output] >= 0:
                inverse[offset, table[offset, output]] = output
    return inverse


@compiled
def pair_lists(table: Array, tiles: Array) -> tuple[Array, Array, Array]:
    """Pairs of the map, sorted by tile of output rows, then by offset, then by row.

    Returns
    -------
    starts : ndarray of int64, shape (tiles * offsets + 1,)
        Where the pairs of each tile and offset begin.
    inputs, outputs : ndarray of int32, shape (pairs,)
        Row of the input and of the output.
    """
    offsets = len(table)
    starts = np.zeros((len(tiles) - 1) * offsets + 1, np.int64)
    group = 0
    for tile in range(len(tiles) - 1):
        for offset in range(offsets):
            count = 0
            for row in range(tiles[tile], tiles[tile + 1]):
                count += table[offset, row] >= 0
            starts[group + 1] = starts[group] + count
            group += 1
    inputs = np.empty(starts[-1], np.int32)
    outputs = np.empty(starts[-1], np.int32)
    pair = 0
    for tile in range(len(tiles) - 1):
        for offset in range(offsets):
            for row in range(tiles[tile], tiles[tile + 1]):
                if table[offset, row] >= 0:
                    inputs[pair] = table[offset, row]
                    outputs[pair] = row
                    pair += 1
    return starts, inputs, outputs
