"""edep-sim in larnd-sim's layout: voxels by hand, labels from process codes, odd events, damage."""

from __future__ import annotations

import multiprocessing
import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.events import FIVE_CLASS, Grid
from argoscope.files.edepsim import EdepsimFile, is_edepsim
from argoscope.files.event_rows import rows_by_event
from tests.files.layouts import edepsim_made


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return edepsim_made.make(tmp_path / "edep.h5")


def test_events_of_all_tables_are_counted(made: Path) -> None:
    file = EdepsimFile(made)
    assert [event.id.event for event in file] == [3, 5, 7]


def test_a_segment_is_shared_among_its_voxels(made: Path) -> None:
    """The muon's 2.8 cm at 1 cm voxels: 0.9, 1 and 0.9 cm of 6 MeV; the proton adds 4 MeV in voxel 0."""
    image = EdepsimFile(made, voxel_size_cm=1.0)[0].images[0]
    assert image.grid == Grid((3, 4, 4), (3, 4, 4), (0, 0, -3), unit="cm")
    charge = {tuple(c): float(q) for c, q in zip(image.coordinates.tolist(), image.charge, strict=True)}
    assert charge[0, 0, 3] == pytest.approx(6 * 0.9 / 2.8 + 4)
    assert charge[1, 0, 3] == pytest.approx(6 * 1.0 / 2.8 + 1 * 0.9 / 1.8)
    assert charge[2, 0, 3] == pytest.approx(6 * 0.9 / 2.8 + 3 * 0.1 / 3.0, rel=1e-5)  # positions are float32
    assert charge[2, 3, 0] == pytest.approx(0.5)
    assert sum(charge.values()) == pytest.approx(14.5, rel=1e-6)


def test_labels_follow_the_particles(made: Path) -> None:
    image = EdepsimFile(made, voxel_size_cm=1.0)[0].images[0]
    labels = {
        tuple(c): tuple(int(image.label(kind).values[row]) for kind in ("semantic", "instance", "ancestor"))
        for row, c in enumerate(image.coordinates.tolist())
    }
    assert labels[0, 0, 3] == (
        FIVE_CLASS.index("MIP"),
        9,
        41,
    )  # the proton has more energy, MIP the higher class
    assert labels[1, 1, 3] == (FIVE_CLASS.index("delta"), 2, 40)
    assert labels[2, 0, 0] == (FIVE_CLASS.index("Michel"), 3, 40)
    assert labels[2, 3, 0] == (FIVE_CLASS.index("Michel"), 4, 40)  # its bremsstrahlung
    lowest = EdepsimFile(made, voxel_size_cm=1.0, overlap="lowest")[0].images[0]
    assert lowest.label("semantic").values[0] == FIVE_CLASS.index("HIP")


def test_truth_has_a_cluster_a_trajectory(made: Path) -> None:
    truth = EdepsimFile(made)[0].images[0].truth
    assert truth is not None
    assert truth.numbers.tolist() == [1, 2, 3, 4, 9]
    energy = [float(truth.cluster(k).values.sum(dtype=np.float64)) for k in range(5)]
    assert energy == pytest.approx([6, 1, 3, 0.5, 4], rel=1e-6)


def test_particles_have_lineage_and_our_units(made: Path) -> None:
    table = EdepsimFile(made)[0].particles
    assert table["pdg"].tolist() == [13, 11, 11, 22, 2212]
    assert table["parent_pdg"].tolist() == [0, 13, 13, 11, 0]
    assert table["ancestor_trackid"].tolist() == [1, 1, 1, 1, 9]
    assert table["parent_trackid"].tolist() == [2**32 - 1, 1, 1, 3, 2**32 - 1]
    row = table[0]
    assert [float(row["vtx"][n]) for n in "xyzt"] == [1, 2, 3, 2500]  # larnd-sim's 2.5 µs
    assert [float(row[n]) for n in ("px", "py", "pz", "energy_init", "dist_travel")] == [30, 40, 0, 100, 7]


def test_odd_events(made: Path) -> None:
    file = EdepsimFile(made)
    one, none = file[1], file[2]
    assert one.pixels == 1
    assert one.images[0].charge.tolist() == [2.0]
    assert none.pixels == 0
    assert none.particles["pdg"].tolist() == [2112]


def test_a_region_leaves_out_what_lies_outside(made: Path) -> None:
    region = Grid((2, 1, 1), (2.0, 1.0, 1.0), (1.0, 0.0, 0.0), unit="cm")
    image = EdepsimFile(made, region=region)[0].images[0]
    assert image.grid == region
    assert image.charge.tolist() == pytest.approx([6 / 2.8 + 0.5, 6 * 0.9 / 2.8 + 0.1], rel=1e-5)


def test_raw_rows(made: Path) -> None:
    file = EdepsimFile(made)
    np.testing.assert_array_equal(file.segments(1)["dE"], [2.0])
    assert file.segments(0).dtype == edepsim_made.SEGMENTS
    assert file.trajectories(-1)["pdg_id"].tolist() == [2112]


def test_older_names_read_the_same(made: Path, tmp_path: Path) -> None:
    old = EdepsimFile(edepsim_made.make(tmp_path / "old.h5", old_names=True))
    for one, other in zip(EdepsimFile(made), old, strict=True):
        assert one == other


def test_without_process_codes_there_is_no_semantic_label(tmp_path: Path) -> None:
    tracks = edepsim_made.trajectories()
    names = [n for n in tracks.dtype.names or () if not n.startswith("start_")]
    bare = np.zeros(len(tracks), [(n, tracks.dtype[n]) for n in names])
    for name in names:
        bare[name] = tracks[name]
    file = EdepsimFile(edepsim_made.make(tmp_path / "a.h5", trajectories=bare))
    assert set(file[0].images[0].labels) == {"instance", "ancestor"}
    assert "semantic" not in file.describe().schemes


def test_vertices_and_packets_are_optional(made: Path, tmp_path: Path) -> None:
    path = edepsim_made.make(tmp_path / "a.h5", vertices=None, packets=np.zeros(5, [("timestamp", "u8")]))
    file = EdepsimFile(path)
    assert len(file) == 3
    assert file.describe().products["packets"] == {"rows": 5}
    with h5py.File(path) as opened:
        assert is_edepsim(opened)


def test_large_vertex_numbers_are_counted_within_the_event(tmp_path: Path) -> None:
    rows = edepsim_made.segments()
    rows["vertex_id"] += 10**12
    image = EdepsimFile(edepsim_made.make(tmp_path / "a.h5", segments=rows))[0].images[0]
    assert set(image.label("ancestor").values.tolist()) == {0, 1}


@pytest.mark.parametrize(("largest", "kept"), [(2**31 - 1, True), (2**31, False)])
def test_numbers_up_to_31_bits_are_kept(tmp_path: Path, largest: int, kept: bool) -> None:
    rows = edepsim_made.segments()
    rows["vertex_id"][4] = largest
    image = EdepsimFile(edepsim_made.make(tmp_path / "a.h5", segments=rows))[0].images[0]
    assert (largest in image.label("ancestor").values.tolist()) == kept


def test_other_tables_of_segments_are_not_taken_for_ours(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        assert not is_edepsim(file)
        file["segments"] = np.zeros(2, [("dE", "f4"), ("x_start", "f4"), ("x_end", "f4")])
        assert not is_edepsim(file)
        del file["segments"]
        file["segments"] = np.zeros(2, [("dE", "f4"), ("event_id", "u4")])
        assert not is_edepsim(file)


def test_rows_of_an_event_must_be_contiguous(tmp_path: Path) -> None:
    rows = edepsim_made.segments()[[0, 5, 1, 2, 3, 4]]
    with pytest.raises(
        UnreadableFile, match=r"rows of event 3 in /segments are not contiguous \(they go on at row 2\)"
    ):
        len(EdepsimFile(edepsim_made.make(tmp_path / "a.h5", segments=rows)))


def test_rows_are_found_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("argoscope.files.event_rows.BLOCK", 3)
    column = np.array([4, 4, 4, 4, 9, 9, 2, 5, 5, 5])
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["t"] = column.astype([("event_id", "u4")])
        rows = rows_by_event(file["t"], "event_id", tmp_path)
    assert rows.numbers.tolist() == [2, 4, 5, 9]
    assert [rows.range_of(n) for n in (4, 9, 2, 5, 3)] == [(0, 4), (4, 2), (6, 1), (7, 3), (0, 0)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"segments": None}, r"the table 'segments' is missing.*dumpTree"),
        ({"trajectories": None}, r"the table 'trajectories' is missing"),
        (
            {"segments": np.zeros(2, [("event_id", "u4"), ("dE", "f4"), ("traj_id", "u4")])},
            r"lacks the column 'x_start'",
        ),
    ],
)
def test_missing_tables_and_columns_are_named(
    tmp_path: Path, change: dict[str, np.ndarray | None], message: str
) -> None:
    with pytest.raises(UnreadableFile, match=message):
        len(EdepsimFile(edepsim_made.make(tmp_path / "a.h5", **change)))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("dE", np.nan, r"event 0:? .*segment 1 has the energy nan"),
        ("dE", -1, r"event 0:? .*segment 1 has the energy -1.0 MeV"),
        ("x_end", np.inf, r"event 0:? .*segment 1 has the end \[inf"),
        ("x_end", 1e25, r"event 0:? .*(voxel faces|more pixels)"),
    ],
)
def test_damaged_segments_are_named(tmp_path: Path, column: str, value: float, message: str) -> None:
    rows = edepsim_made.segments()
    rows[column][1] = value
    file = EdepsimFile(edepsim_made.make(tmp_path / "a.h5", segments=rows))
    with pytest.raises(UnreadableFile, match=message):
        file[0]
    assert file[1].pixels == 1


def test_rings_of_parents_are_named(tmp_path: Path) -> None:
    rows = edepsim_made.trajectories()
    rows["parent_id"][0] = 3
    with pytest.raises(UnreadableFile, match=r"event 0:? .*form a ring"):
        EdepsimFile(edepsim_made.make(tmp_path / "a.h5", trajectories=rows))[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"voxel_size_cm": 0.0}, "voxel_size_cm"),
        ({"overlap": "both"}, "overlap"),
        ({"region": Grid((4, 4))}, "region .* must be a volume in cm"),
    ],
)
def test_impossible_options_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        EdepsimFile("a.h5", **options)  # type: ignore[arg-type]


def energy(file: EdepsimFile, index: int) -> float:
    return float(file[index].images[0].charge.sum())


def test_a_reader_travels_to_other_processes(made: Path) -> None:
    file = EdepsimFile(made, voxel_size_cm=0.5)
    here = [energy(file, index) for index in (0, 1)]
    assert pickle.loads(pickle.dumps(file)).voxel_size_cm == 0.5  # noqa: S301
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.starmap(energy, [(file, 0), (file, 1)]) == here
