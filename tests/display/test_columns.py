"""What a page stores is what it shows: packing undone by the slowest code gives the pixels back."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from argoscope.display.columns import pack_panel, rounded


def unpacked(block: bytes, pixels: int, columns: int) -> list[list[bytes]]:
    """The four bytes of each number, gathered one by one."""
    size = 4 * pixels
    return [
        [bytes(block[c * size + part * pixels + row] for part in range(4)) for row in range(pixels)]
        for c in range(columns)
    ]


def summed(column: list[bytes]) -> list[int]:
    total, out = 0, []
    for number in column:
        total += struct.unpack("<i", number)[0]
        out.append((total + 2**31) % 2**32 - 2**31)  # as 32-bit integers wrap in the browser
    return out


@pytest.mark.parametrize("pixels", [0, 1, 300])
@pytest.mark.parametrize("axes", [2, 3])
def test_packing_is_undone(pixels: int, axes: int, rng: np.random.Generator) -> None:
    coordinates = rng.integers(0, 5000, (pixels, axes)).astype(np.int32)
    charge = rng.uniform(5, 3000, pixels).astype(np.float32)
    label = rng.integers(-(2**31), 2**31, pixels).astype(np.int32)
    columns = unpacked(pack_panel(coordinates, charge, [label]), pixels, axes + 2)
    for axis in range(axes):
        assert summed(columns[axis]) == coordinates[:, axis].tolist()
    assert [struct.unpack("<f", number)[0] for number in columns[axes]] == rounded(charge).tolist()
    assert summed(columns[axes + 1]) == label.tolist()


def test_rounding_keeps_a_part_in_16000(rng: np.random.Generator) -> None:
    charge = np.concatenate([rng.uniform(-1e4, 1e4, 1000), [0.0, 5e-324, 1e-30, 3.4028235e38]]).astype(
        np.float32
    )
    near = rounded(charge)
    assert np.isfinite(near).all()
    assert (np.abs(near[:1000] - charge[:1000]) <= np.abs(charge[:1000]) / 16000).all()
