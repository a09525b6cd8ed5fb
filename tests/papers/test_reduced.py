"""Wire planes at a fraction of their resolution: charge and origins of the blocks, and nothing of the file lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.tagged_files import CHARGE, NEUTRINO, TRUTH, event, header_of, truth_itself, with_prediction, write

from argoscope.errors import InvalidArgument
from argoscope.events import Grid, Voxels
from argoscope.files.larcv3 import Larcv3File
from argoscope.papers.reduced import reduced_plane, write_reduced

GRID = Grid((8, 12), projection=1)


def plane(cells):
    """Voxels from {(wire, drift): value}."""
    ids = {GRID.shape[1] * wire + drift: value for (wire, drift), value in cells.items()}
    return Voxels(GRID, np.array(sorted(ids), np.int64), np.array([ids[i] for i in sorted(ids)], np.float32))


def dense(voxels):
    image = np.zeros(voxels.grid.shape)
    image[tuple(voxels.coordinates.T)] = voxels.values
    return image


@pytest.mark.parametrize("factor", [2, 4])
def test_blocks_are_means_and_maxima_of_dense_images(factor):
    rng = np.random.default_rng(factor)
    cells = [(int(w), int(d)) for w, d in zip(*np.nonzero(rng.random(GRID.shape) < 0.3), strict=True)]
    charge = plane({cell: float(rng.uniform(1, 9)) for cell in cells})
    origin = plane({cell: float(rng.integers(0, 3)) for cell in cells[::2]})
    small_charge, small_origin = reduced_plane(charge, origin, factor)
    blocks = [dense(v).reshape(8 // factor, factor, 12 // factor, factor) for v in (charge, origin)]
    np.testing.assert_allclose(dense(small_charge), blocks[0].mean((1, 3)), rtol=1e-6)
    np.testing.assert_array_equal(dense(small_origin), blocks[1].max((1, 3)))
    assert small_charge.grid.shape == (8 // factor, 12 // factor)
    assert small_charge.grid.projection == 1


def test_a_label_without_charge_keeps_its_place():
    charge, origin = reduced_plane(plane({(0, 0): 4.0}), plane({(0, 0): 1, (7, 11): 2}), 2)
    assert (charge.ids.tolist(), charge.values.tolist()) == ([0], [1.0])
    assert (origin.ids.tolist(), origin.values.tolist()) == ([0, 23], [1.0, 2.0])


def test_an_empty_plane_stays_empty():
    charge, origin = reduced_plane(plane({}), plane({}), 4)
    assert len(charge) == len(origin) == 0
    assert charge.grid.shape == (2, 3)


def test_a_file_keeps_events_neutrinos_and_header(tmp_path):
    records = [with_prediction(event(s, kind=kind), truth_itself) for s, kind in enumerate(("nue", "cosmic"))]
    source = write(tmp_path / "whole.h5", records)
    write_reduced(source, tmp_path / "small.h5", 2, {"seeds": {"simulation": 7}})
    with Larcv3File(source) as before, Larcv3File(tmp_path / "small.h5") as after:
        assert after.header.detector == before.header.detector
        assert after.header.energy_unit == before.header.energy_unit
        assert after.header.schemes[TRUTH] == before.header.schemes[TRUTH]
        assert after.describe().provenance["seeds"] == {"simulation": 7}
        assert set(after.products) == {CHARGE, TRUTH, NEUTRINO}
        for index in range(2):
            whole, small = before.record(index), after.record(index)
            assert whole.id == small.id
            np.testing.assert_array_equal(whole[NEUTRINO], small[NEUTRINO])
            for one, other in zip(whole[CHARGE], small[CHARGE], strict=True):
                assert other.values.sum() * 4 == pytest.approx(one.values.sum(), rel=1e-5)


def test_a_file_without_origins_is_refused(tmp_path):
    record = with_prediction(event(0), truth_itself)
    header = header_of(record.products)
    roles = {role: name for role, name in header.roles.items() if role != "origin"}
    source = write(tmp_path / "data.h5", [record], replace(header, roles=roles))
    with pytest.raises(
        InvalidArgument, match=r"no product known to be the origin: .* give a file that has them"
    ):
        write_reduced(source, tmp_path / "small.h5", 2, {})
    assert not (tmp_path / "small.h5").exists()
