"""The particle table against the byte layout of larcv3's HDF5 files."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.errors import InvalidArgument
from argoscope.events import PARTICLE_DTYPE, empty_particles
from argoscope.events.particles import require_particles

OFFSETS = {
    "id": 0,
    "mcst_index": 2,
    "shape": 8,
    "trackid": 16,
    "px": 24,
    "vtx": 48,
    "last_step": 144,
    "process": 200,
}
OFFSETS |= {
    "dist_travel": 176,
    "parent_trackid": 264,
    "parent_vtx": 272,
    "ancestor_trackid": 304,
    "ancestor_vtx": 312,
}


def test_layout() -> None:
    assert PARTICLE_DTYPE.itemsize == 344
    assert {name: PARTICLE_DTYPE.fields[name][1] for name in OFFSETS} == OFFSETS  # type: ignore[index]


@pytest.mark.real
def test_layout_of_the_real_file(real_data: Path) -> None:
    with h5py.File(real_data / "sbnd_larcv3_events0-2.h5") as file:
        assert file["Data/particle_sbndneutrino_group/particles"].dtype == PARTICLE_DTYPE


def test_empty_rows_hold_larcv_unknowns() -> None:
    table = empty_particles(3)
    assert table["id"].tolist() == [0, 1, 2]
    assert set(table["trackid"]) == {2**32 - 1}
    assert set(table["mct_index"]) == {2**16 - 1}
    assert set(table["shape"]) == {2}
    assert set(table["current_type"]) == set(table["interaction_type"]) == {-1}
    assert table["process"].tolist() == [b""] * 3
    assert len(empty_particles()) == 0


def test_other_layouts_with_the_same_columns_are_taken() -> None:
    packed = np.zeros(
        2, dtype=[(name, PARTICLE_DTYPE[name]) for name in reversed(PARTICLE_DTYPE.names or ())]
    )
    packed["pdg"] = [13, -11]
    packed["vtx"]["x"] = [1.5, 2.5]
    table = require_particles(packed)
    assert table.dtype == PARTICLE_DTYPE
    assert (table["pdg"].tolist(), table["vtx"]["x"].tolist()) == ([13, -11], [1.5, 2.5])
    assert require_particles(table) is table


def test_other_columns_are_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"missing: \['ancestor_pdg', .*unknown: \['momentum'\]"):
        require_particles(np.zeros(1, dtype=[("pdg", "i4"), ("momentum", "f4")]))
    with pytest.raises(InvalidArgument, match="must have larcv3's columns"):
        require_particles(np.zeros((2, 3)))
