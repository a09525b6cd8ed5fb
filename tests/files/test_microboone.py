"""MicroBooNE open data: images and labels of small files made from the published tables, checked by hand."""

from __future__ import annotations

import math
import multiprocessing
import pickle
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.events import COSMIC, OPEN_SAMPLES, Image
from argoscope.files.microboone import MicrobooneFile, WireImage, is_microboone
from argoscope.files.microboone_images import Hits, row_sums, spread_hits
from tests.files.layouts import microboone_made


@pytest.fixture
def wires(tmp_path: Path) -> Path:
    return microboone_made.make(tmp_path / "with.h5")


@pytest.fixture
def hits(tmp_path: Path) -> Path:
    return microboone_made.make(tmp_path / "without.h5", wires=False)


def pixels(image: Image) -> dict[tuple[int, ...], float]:
    return {tuple(c): float(q) for c, q in zip(image.coordinates.tolist(), image.charge, strict=True)}


def labels(image: Image, kind: Any) -> dict[tuple[int, ...], int]:
    return {
        tuple(c): int(v) for c, v in zip(image.coordinates.tolist(), image.label(kind).values, strict=True)
    }


# ---- images


def test_waveforms_are_added_in_blocks_of_six_and_cut(wires: Path) -> None:
    event = MicrobooneFile(wires)[0]
    assert [image.grid.shape for image in event.images] == [(3456, 1008)] * 3
    assert [image.grid.projection for image in event.images] == [0, 1, 2]
    assert pixels(event.images[2]) == {(100, 50): 120.0, (100, 51): 10.0, (101, 50): 24.0, (101, 51): 24.0}
    assert pixels(event.images[0]) == {(2399, 0): 30.0, (2399, 1007): 11.0}
    assert len(event.images[1]) == 0


def test_the_notebooks_recipe_clips_and_keeps_the_last_ticks(wires: Path) -> None:
    event = MicrobooneFile(wires, recipe=WireImage.notebook())[0]
    assert event.images[0].grid.shape == (3456, 1067)
    plane = pixels(event.images[0])
    assert plane[2399, 1007] == 11.0
    assert plane[2399, 1008] == 100.0
    assert pixels(event.images[2])[100, 50] == 100.0
    # 1066 is the last row: it has the ticks 6396 to 6399 only, 4 x 50 = 200, clipped.
    assert plane[2399, 1066] == 100.0


def test_ticks_beyond_the_file_count_nothing(rng: np.random.Generator) -> None:
    samples = rng.normal(size=(3, 6400)).astype(np.float32)
    recipe = WireImage(rows=1067, first_tick=100)
    sums = row_sums(samples, recipe)
    for wire, row in ((0, 0), (1, 500), (2, 1049), (2, 1066)):
        ticks = [t for t in range(100 + 6 * row, 106 + 6 * row) if t < 6400]
        # the sum of six float32 in double precision
        assert sums[wire, row] == pytest.approx(math.fsum(float(samples[wire, t]) for t in ticks), abs=1e-9)


def test_the_files_first_tick_is_the_readouts_2400() -> None:
    """X = 0 lies at tick 800 of the file and 3200 of the readout, row 133; the cathode in row 906 (physics page 1.3)."""
    grid = WireImage().grid(2)
    assert grid.indices_of(np.array([[0.5, 3200.0], [0.5, 2400 + 800 + 254.8 / 0.0548965]]))[
        :, 1
    ].tolist() == [133, 906]


def test_a_later_first_tick_moves_the_image(tmp_path: Path) -> None:
    recipe = WireImage(first_tick=12, rows=900)
    image = MicrobooneFile(microboone_made.make(tmp_path / "a.h5"), recipe=recipe)[0].images[2]
    assert image.grid.origin == (0.0, 2412.0)
    assert image.grid.size == (3456.0, 5400.0)
    assert pixels(image)[100, 48] == 120.0


def test_waveforms_read_in_small_blocks_are_the_same(wires: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    want = MicrobooneFile(wires)[0]
    monkeypatch.setattr("argoscope.files.microboone.BLOCK", 1)
    assert MicrobooneFile(wires)[0] == want


def test_rare_particles_have_no_energy(tmp_path: Path) -> None:
    """Their mass is not in our table: 0 says that nothing is known."""
    change = {"particle_table__g4_pdg": np.array([3122, 2212, 11], "<i4")}
    table = MicrobooneFile(microboone_made.make(tmp_path / "a.h5", **change))[0].particles
    assert table["energy_init"][1] == 0.0
    assert table["energy_init"][2] > 938


def slow_charge(time: float, rms: float, integral: float, row: int) -> float:
    """Gaussian over the ticks of one row of six, by the error function of the standard library."""
    low, high = 6 * row - 0.5, 6 * row + 5.5
    return (
        integral
        / 2
        * (math.erf((high - time) / rms / math.sqrt(2)) - math.erf((low - time) / rms / math.sqrt(2)))
    )


def test_hits_become_gaussians_in_time(hits: Path) -> None:
    event = MicrobooneFile(hits)[0]
    want: dict[tuple[int, int], float] = {}
    for index, _, integral, rms, plane, wire, time in microboone_made.HITS:
        for row in range(1008):
            if index == 0 and plane == 2:
                want[wire, row] = want.get((wire, row), 0.0) + slow_charge(time, rms, integral, row)
    want = {at: charge for at, charge in want.items() if charge >= 10}
    assert pixels(event.images[2]) == pytest.approx(want, rel=1e-6)  # float32


def test_charge_of_hits_is_conserved_inside_the_image(rng: np.random.Generator) -> None:
    count = 200
    made = Hits(
        rng.integers(0, 3, count), rng.integers(0, 2400, count), rng.uniform(300, 5700, count),
        rng.uniform(0, 40, count), rng.uniform(1, 1000, count),
    )  # fmt: skip
    spread = spread_hits(made, WireImage())
    total = np.bincount(spread.hit, weights=spread.charge, minlength=count)
    np.testing.assert_allclose(total, made.integral, rtol=1e-8)  # 2e-9 lie beyond six widths


def test_hits_at_the_border_keep_what_lies_inside(hits: Path) -> None:
    """A hit at tick 0: of its Gaussian, what lies after -1/2 remains."""
    plane = pixels(MicrobooneFile(hits)[0].images[0])
    assert sum(plane.values()) == pytest.approx(slow_charge(0.0, 2.0, 900.0, 0), rel=1e-3)


def test_a_hit_without_width_is_a_point() -> None:
    made = Hits(np.array([2]), np.array([7]), np.array([100.0]), np.array([0.0]), np.array([50.0]))
    spread = spread_hits(made, WireImage())
    assert spread.row[spread.charge > 0].tolist() == [16]
    assert float(spread.charge.sum()) == 50.0


# ---- labels


@pytest.mark.parametrize("source", ["wires", "hits"])
def test_a_pixel_has_the_labels_of_its_largest_hit(source: str, request: pytest.FixtureRequest) -> None:
    event = MicrobooneFile(request.getfixturevalue(source))[0]
    muon, proton = OPEN_SAMPLES.index("muon"), OPEN_SAMPLES.index("proton")
    collection = event.images[2]
    # Hit 10 belongs to particle 4, which has 0.7 of its energy; it outshines cosmic hit 13 on the same wire.
    assert labels(collection, "instance")[100, 50] == 4
    assert labels(collection, "semantic")[100, 50] == muon
    assert labels(collection, "origin")[100, 50] == COSMIC.index("neutrino")
    # In row 51 the cosmic hit, centred there, has more charge than the muon's tail.
    assert labels(collection, "instance")[100, 51] == -1
    assert labels(collection, "semantic")[100, 51] == OPEN_SAMPLES.unlabelled
    assert labels(collection, "origin")[100, 51] == COSMIC.unlabelled
    assert labels(event.images[0], "semantic")[2399, 0] == proton


def test_charge_without_truth_may_be_called_cosmic(wires: Path) -> None:
    event = MicrobooneFile(wires, no_truth="cosmic")[0]
    assert labels(event.images[2], "origin")[100, 51] == COSMIC.index("cosmic")
    # Charge under no hit is noise or the halo of signals, not a cosmic.
    assert labels(event.images[0], "origin")[2399, 1007] == COSMIC.index("background")
    assert labels(MicrobooneFile(wires)[0].images[0], "origin")[2399, 1007] == COSMIC.unlabelled


def test_a_hit_labels_only_two_widths_around_it(hits: Path) -> None:
    """Hit 11, at 310 with a width of 3, reaches the row of ticks 318 to 323 beyond its 2 widths (304 to 316)."""
    image = MicrobooneFile(hits, recipe=WireImage(threshold=0.1))[0].images[2]
    assert labels(image, "instance")[101, 52] == 4
    assert labels(image, "instance")[101, 53] == -1
    assert pixels(image)[101, 53] > 0.1


def test_files_without_truth_have_no_labels(tmp_path: Path) -> None:
    path = microboone_made.make(tmp_path / "a.h5", without=("edep_table", "particle_table", "event_table"))
    file = MicrobooneFile(path)
    assert not file.has_truth
    assert file[0].images[2].labels == {}
    assert len(file[0].particles) == 0
    assert file.describe().schemes == {}


# ---- events and particles


def test_events_missing_in_a_table_are_empty_there(wires: Path) -> None:
    file = MicrobooneFile(wires)
    assert len(file) == 3
    assert [event.id for event in file] == [(5000, 7, 300), (5000, 7, 301), (5000, 7, 302)]
    assert [event.pixels for event in file][1:] == [0, 0]
    assert file[1].particles["pdg"].tolist() == [14]
    assert file[2].particles["pdg"].tolist() == [12, 11]


def test_a_cosmic_event_has_pixels_without_truth(hits: Path) -> None:
    image = MicrobooneFile(hits, no_truth="cosmic")[1].images[1]
    assert len(image) == 2  # at the image's last rows
    assert set(labels(image, "origin").values()) == {COSMIC.index("cosmic")}


def test_the_particle_table_is_in_mev_with_the_neutrino_first(wires: Path) -> None:
    event = MicrobooneFile(wires)[0]
    assert event.energy_unit == "MeV"
    assert event.detector == "microboone"
    table = event.particles
    assert table["pdg"].tolist() == [14, 13, 2212]
    assert table["energy_init"].tolist() == pytest.approx(
        [800, math.hypot(300, 105.6584), math.hypot(400, 938.2721)], rel=1e-6
    )
    assert [float(table[0][name]) for name in ("px", "py", "pz")] == pytest.approx([0, 480, 640], rel=1e-6)
    assert table["vtx"]["x"].tolist() == [10, 1, 4]
    assert table["first_step"]["x"].tolist() == [11, 1.5, 4.5]  # after space charge
    assert table["end_pt"]["z"].tolist() == [30, 4, 7]
    assert table["current_type"].tolist() == [0, -1, -1]
    assert table["parent_pdg"].tolist() == [0, 0, 13]
    assert table["process"].tolist() == [b"", b"primary", b"hadElastic"]
    assert MicrobooneFile(wires)[1].particles["current_type"].tolist() == [1]


def test_other_tables_are_listed(wires: Path) -> None:
    description = MicrobooneFile(wires).describe()
    assert description.planes == 3
    assert description.products["opflash_table"]["rows"] == 1
    assert description.products["wire_table"]["rows"] == 4


def test_the_format_is_told_from_the_content(wires: Path, tmp_path: Path) -> None:
    with h5py.File(wires) as file:
        assert is_microboone(file)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_group("hit_table")
        assert not is_microboone(file)


def one(values: list[float], kind: str = "<f4") -> np.ndarray:
    return np.array(values, kind)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"hit_table__local_plane": one([3, 2, 0, 2, 1], "<i4")},
            r"event 0: hit 0 lies on plane 3, wire 100",
        ),
        (
            {"hit_table__local_wire": one([0, 0, 2400, 0, 0], "<i4")},
            r"event 0: hit 2 lies on plane 0, wire 2400",
        ),
        ({"hit_table__rms": one([1, -1, 1, 1, 1])}, r"event 0: hit 1 has the width -1.0"),
        (
            {"hit_table__local_time": one([1, 1, np.nan, 1, 1])},
            r"event 0: hit_table/local_time is not finite in row 2",
        ),
        ({"hit_table__integral": one([1, 1])}, r"hit_table/integral has the shape \(2, 1\) where \(5, 1\)"),
        (
            {"edep_table__hit_id": one([10, 10, 99, 12], "<i4")},
            r"event 0: row 2 of its edep_table names hit 99",
        ),
        ({"particle_table__category": one([9, 3, 4], "<i4")}, r"event 0: label 9 .*'open-samples'"),
        (
            {"wire_table__local_wire": one([100, 100, 5, 7], "<i4")},
            r"event 0: its wire_table holds a wire twice",
        ),
        ({"wire_table__adc": np.zeros((4, 6399), "<f4")}, r"wire_table/adc has the shape \(4, 6399\)"),
        (
            {"wire_table__adc": np.full((4, 6400), np.nan, "<f4")},
            r"event 0: wire_table/adc is not finite in row 0",
        ),
    ],
)
def test_damage_is_named(tmp_path: Path, change: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        MicrobooneFile(microboone_made.make(tmp_path / "a.h5", **change))[0]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[0, 4], [0, 1]], r"hit_table/event_id.seq_cnt row 1 is \[0, 1\]: events must rise"),
        (
            [[0, 4], [1, 7]],
            r"hit_table/event_id has the shape \(5, 3\) where the event counts make \(11, 3\)",
        ),
        ([[0, -4], [1, 1]], r"counts not be negative"),
        ([[0, 4, 1]], r"hit_table has no column 'event_id.seq_cnt' with two numbers"),
    ],
)
def test_wrong_event_counts_are_named(wires: Path, counts: list[list[int]], message: str) -> None:
    with h5py.File(wires, "a") as file:
        del file["hit_table/event_id.seq_cnt"]
        file["hit_table/event_id.seq_cnt"] = np.array(counts)
    with pytest.raises(UnreadableFile, match=message):
        len(MicrobooneFile(wires))


def test_missing_tables_and_columns_are_named(tmp_path: Path, hits: Path) -> None:
    with pytest.raises(UnreadableFile, match="'hit_table' is missing"):
        len(MicrobooneFile(microboone_made.make(tmp_path / "a.h5", without=("hit_table",))))
    with h5py.File(hits, "a") as file:
        del file["hit_table/rms"]
    with pytest.raises(UnreadableFile, match="hit_table has no column 'rms'"):
        MicrobooneFile(hits)[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": 0}, "rows"),
        ({"wires": 2400}, "wires"),
        ({"first_tick": 6400}, "first_tick"),
        ({"threshold": 0.0}, "threshold"),
        ({"clip": 5.0}, "clip"),
    ],
)
def test_impossible_recipes_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        WireImage(**options)
    with pytest.raises(InvalidArgument, match="no_truth"):
        MicrobooneFile("a.h5", no_truth="noise")  # type: ignore[arg-type]


def charge(file: MicrobooneFile, index: int) -> float:
    return float(sum(image.charge.sum() for image in file[index].images))


def test_a_reader_travels_to_other_processes(hits: Path) -> None:
    file = MicrobooneFile(hits, recipe=WireImage.notebook())
    here = [charge(file, index) for index in (0, 1)]
    assert pickle.loads(pickle.dumps(file)).recipe == WireImage.notebook()  # noqa: S301
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.starmap(charge, [(file, 0), (file, 1)]) == here
