"""Geant4 steps: ends from midpoints, units, labels; a made file by hand and a real one by its laws."""

from __future__ import annotations

import multiprocessing
import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.errors import UnreadableFile
from argoscope.events import FIVE_CLASS, Grid
from argoscope.files.geant4_steps import Geant4StepFile, _segments, is_geant4_steps
from tests.files.layouts import geant4_made

REAL = "geant4_muon_steps.h5"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return geant4_made.make(tmp_path / "steps.h5")


def test_steps_become_segments_in_cm(made: Path) -> None:
    segments = _segments(Geant4StepFile(made).steps(0))
    np.testing.assert_allclose(
        segments.start, [[0, 0.1, 0.1], [2.5, 0.1, 0], [3.5, 0.1, 0.1]], atol=1e-6
    )  # float32 angles
    np.testing.assert_allclose(segments.end, [[1, 0.1, 0.1], [2.5, 0.1, -2], [3.5, 0.1, 0.1]], atol=1e-6)


def test_energy_falls_into_voxels(made: Path) -> None:
    region = Grid((4, 1, 3), (4.0, 1.0, 3.0), (0.0, 0.0, -2.0), unit="cm")
    image = Geant4StepFile(made, region=region)[0].images[0]
    charge = {tuple(c): float(q) for c, q in zip(image.coordinates.tolist(), image.charge, strict=True)}
    # The end of a step may lie in the next voxel by rounding.
    whole = {at: q for at, q in charge.items() if q > 1e-5}
    assert whole == pytest.approx({(0, 0, 2): 2.0, (2, 0, 0): 1.5, (2, 0, 1): 1.5, (3, 0, 2): 0.25}, rel=1e-5)


def test_labels_and_lost_particles(made: Path) -> None:
    image = Geant4StepFile(made, voxel_size_cm=1.0)[0].images[0]
    lost = int(np.flatnonzero(image.label("instance").values == -1)[0])
    assert image.label("semantic").values[lost] == FIVE_CLASS.unlabelled
    assert image.label("ancestor").values[lost] == -1
    assert image.label("semantic").values[0] == FIVE_CLASS.index("MIP")
    assert set(image.label("semantic").values[image.label("instance").values == 1]) == {
        FIVE_CLASS.index("delta")
    }


def test_particles_are_in_our_units(made: Path) -> None:
    table = Geant4StepFile(made)[0].particles
    assert table["vtx"]["x"].tolist() == pytest.approx([1, 2])  # mm in the file
    assert table["end_pt"]["x"].tolist() == pytest.approx([3, 4])
    assert table["vtx"]["t"].tolist() == [5, 6]
    assert table["energy_init"].tolist() == pytest.approx([305.658, 3.511], rel=1e-6)
    assert table["process"].tolist() == [b"", b"muIoni"]
    assert table["parent_pdg"].tolist() == [0, 13]


def test_events_have_numbers_and_may_be_empty(made: Path) -> None:
    file = Geant4StepFile(made)
    assert [(event.id.run, event.id.event) for event in file] == [(4, 20), (4, 21)]
    assert file[1].pixels == 0
    assert len(file[1].particles) == 0


def test_events_without_numbers_are_unnumbered(made: Path) -> None:
    with h5py.File(made, "a") as file:
        del file["event/geant4"]
        file["event/geant4"] = np.zeros(2, [("run_id", "i4")])
    assert Geant4StepFile(made)[0].id == (-1, -1, -1)
    with h5py.File(made, "a") as file:
        del file["event/geant4"]
    assert Geant4StepFile(made)[1].id == (-1, -1, -1)


def test_the_format_is_told_from_the_content(made: Path, tmp_path: Path) -> None:
    with h5py.File(made) as file:
        assert is_geant4_steps(file)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        assert not is_geant4_steps(file)


@pytest.mark.parametrize("column", ["x", "theta", "de", "dx"])
def test_numbers_that_are_not_finite_are_named(tmp_path: Path, column: str) -> None:
    rows = geant4_made.steps()
    rows[column][1] = np.nan
    with pytest.raises(UnreadableFile, match=r"event 0:? .*segment 1 has the"):
        Geant4StepFile(geant4_made.make(tmp_path / "a.h5", [(rows, geant4_made.particles())]))[0]


def test_missing_tables_and_columns_are_named(made: Path, tmp_path: Path) -> None:
    with h5py.File(made, "a") as file:
        del file["particle/geant4"]
    with pytest.raises(UnreadableFile, match="'particle/geant4' is missing"):
        len(Geant4StepFile(made))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset(
            "pstep/lar_vol", (1,), dtype=h5py.vlen_dtype(np.dtype([("x", "f4"), ("y", "f4")]))
        )
    with pytest.raises(UnreadableFile, match="pstep/lar_vol lacks the column 'z'"):
        len(Geant4StepFile(tmp_path / "a.h5"))
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["pstep/lar_vol"] = np.zeros(3)
    with pytest.raises(UnreadableFile, match="does not hold one variable-length table an event"):
        len(Geant4StepFile(tmp_path / "b.h5"))


def test_tables_of_different_length_are_refused(made: Path) -> None:
    with h5py.File(made, "a") as file:
        del file["particle/geant4"]
        file.create_dataset("particle/geant4", (1,), dtype=h5py.vlen_dtype(geant4_made.PARTICLE))
    with pytest.raises(UnreadableFile, match="pstep/lar_vol has 2 events, particle/geant4 1"):
        len(Geant4StepFile(made))


def energy(file: Geant4StepFile, index: int) -> float:
    return float(file[index].images[0].charge.sum())


def test_a_reader_travels_to_other_processes(made: Path) -> None:
    file = Geant4StepFile(made, voxel_size_cm=0.5)
    here = [energy(file, index) for index in (0, 1)]
    assert pickle.loads(pickle.dumps(file)).voxel_size_cm == 0.5  # noqa: S301
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.starmap(energy, [(file, 0), (file, 1)]) == here


# ---- a real muon


@pytest.fixture
def real(real_data: Path) -> Geant4StepFile:
    if not (real_data / REAL).is_file():
        pytest.skip(f"{real_data / REAL} is not there")
    return Geant4StepFile(real_data / REAL)


@pytest.mark.real
def test_real_steps_join_end_to_start(real: Geant4StepFile) -> None:
    """A step's position is its midpoint: consecutive ones then meet within 10 µm, the curvature within a 0.1 mm step."""
    steps = real.steps(0)
    muon = _segments(steps[steps["track_id"] == 0])
    gap = np.linalg.norm(muon.end[:-1] - muon.start[1:], axis=1)
    assert gap.max() < 1e-3
    vertex = real.event(0).particles["vtx"][0]
    assert np.abs(muon.start[0] - [vertex["x"], vertex["y"], vertex["z"]]).max() < 1e-3


@pytest.mark.real
@pytest.mark.parametrize("pitch", [0.1, 0.3, 2.0])
def test_real_energy_is_conserved(real: Geant4StepFile, pitch: float) -> None:
    deposited = float(real.steps(0)["de"].sum(dtype=np.float64))
    image = Geant4StepFile(real.path, voxel_size_cm=pitch)[0].images[0]
    assert float(image.charge.sum(dtype=np.float64)) == pytest.approx(deposited, rel=1e-6)


@pytest.mark.real
def test_real_muon_has_a_michel_electron(real: Geant4StepFile) -> None:
    """The muon stops and its Michel electron has 40.6 MeV, below the end point of 52.8 MeV."""
    event = real[0]
    image = event.images[0]
    table = event.particles
    assert len(table) == 92
    assert table["pdg"][0] == 13
    assert (table["ancestor_pdg"] == 13).all()
    shares = [float(image.charge[image.label("semantic").values == c].sum()) for c in range(5)]
    michel = table[(table["process"] == b"muMinusCaptureAtRest") & (table["energy_init"] > 30)]
    assert michel["trackid"].tolist() == [14]
    assert shares[FIVE_CLASS.index("HIP")] == 0
    assert shares[FIVE_CLASS.index("MIP")] > 80
    assert 20 < shares[FIVE_CLASS.index("Michel")] < 52.8
