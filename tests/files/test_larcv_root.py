"""larcv ROOT files: directions and numbers against truth on a real file, larcv2's streaming as ROOT itself wrote it.

The fixtures follow the rules told in root_fixtures/make_larcv2.py, which are
stated here a second time, as loops over all voxels.
"""

from __future__ import annotations

import builtins
import itertools
import multiprocessing
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from argoscope.errors import ArgoscopeError, InvalidArgument, UnreadableFile
from argoscope.events import (
    COSMIC,
    FIVE_CLASS,
    TRACK_SHOWER,
    Clusters,
    DenseImage,
    EventId,
    Grid,
    Voxels,
    empty_particles,
)
from argoscope.files import _root_products, _root_tables
from argoscope.files._root_events import images_of
from argoscope.files.larcv_root import LarcvRootFile, is_larcv_root

uproot = pytest.importorskip(
    "uproot", reason="reading ROOT files needs the extra: pip install argoscope[root]"
)

FIXTURES = Path(__file__).parent / "root_fixtures"
VOLUME, PLANE = FIXTURES / "larcv2_3d.root", FIXTURES / "larcv2_2d.root"
OLD = FIXTURES / "larcv1_old.root"
BOX = Grid((5, 4, 3), (2.5, 4.0, 6.0), (10.0, 20.0, 30.0), unit="cm")
CHARGED_EVENTS = (0, 2)


def plane_grid(plane: int) -> Grid:
    return Grid((6, 4), (6.0, 24.0), (100.0, 2400.0), plane, "wire-time")


def voxels_of(event: int) -> list[tuple[tuple[int, int, int], float]]:
    """Charged voxels in the order of their ids, last axis fastest."""
    everywhere = itertools.product(range(5), range(4), range(3))
    return [
        ((i, j, k), 100 * i + 10 * j + k + 0.5)
        for i, j, k in everywhere
        if (i + 2 * j + 3 * k + event) % 4 == 0
    ]


def pixels_of(event: int, plane: int) -> list[tuple[tuple[int, int], float]]:
    everywhere = itertools.product(range(6), range(4))
    return [
        ((c, r), 10 * c + r + 100 * plane + 0.5) for c, r in everywhere if (c + r + plane + event) % 3 == 0
    ]


def sparse(voxels: Any) -> list[tuple[tuple[int, ...], float]]:
    assert isinstance(voxels, Voxels)
    return [(tuple(c), v) for c, v in zip(voxels.coordinates.tolist(), voxels.values.tolist(), strict=True)]


@pytest.fixture
def sample(real_data: Path) -> Path:
    return real_data / "microboone_larcv1_5protons.root"


@pytest.fixture
def real(sample: Path) -> Any:
    with LarcvRootFile(sample) as file:
        yield file


# The real file: geometry, numbers and clusters agree with the true particles.


@pytest.mark.real
def test_true_start_and_end_of_each_proton_lie_on_its_charge(real: LarcvRootFile) -> None:
    # Collection wires are 0.3 cm apart; ticks are 0.5 us from 3200 ticks before the anode, drift 0.1114 cm/us.
    for event in real:
        image, proton = event.image(2), event.particles[0]
        charge = np.zeros(image.grid.shape)
        charge[tuple(image.coordinates.T)] = image.charge
        for point in (proton["first_step"], proton["end_pt"]):
            position = [[point["z"] / 0.3, 3200 + point["x"] / 0.1114 / 0.5]]
            wire, row = image.grid.indices_of(np.asarray(position))[0]
            assert charge[wire - 4 : wire + 5, row - 4 : row + 9].max() > 20, (event.id, wire, row)
            assert charge[wire - 4 : wire + 5, 507 - row : 516 - row].max() < 20, "rows would run downwards"


@pytest.mark.real
def test_corners_of_the_real_file_are_its_first_and_last_wire(real: LarcvRootFile) -> None:
    grid = real.event(0).images[0].grid
    assert grid == Grid((512, 512), (512.0, 3072.0), (1379.0, 3431.0), 0, "wire-time")
    assert grid.pitch == (1.0, 6.0)


@pytest.mark.real
def test_pixels_are_what_uproot_reads_by_its_own_means(real: LarcvRootFile, sample: Path) -> None:
    with uproot.open(sample, object_cache=None, array_cache=None) as file:
        stored = file["image2d_wire_tree"]["_image_v._img"].array(library="np", entry_start=3, entry_stop=4)[
            0
        ]
    planes = real.record(3)["image2d_wire"]
    for plane, image in enumerate(planes):
        assert isinstance(image, DenseImage)
        np.testing.assert_array_equal(image.pixels.ravel(), np.asarray(stored[plane], dtype=np.float32))
    event = real.event(3)
    for image, product in zip(event.images, planes, strict=True):
        assert image.voxels() == product.above(10.0)


@pytest.mark.real
def test_volume_clusters_hold_the_deposited_energy_where_the_particle_went(real: LarcvRootFile) -> None:
    for index in range(len(real)):
        record = real.record(index)
        clusters, proton = record["cluster3d_mcst"][0], record["particle_mcst"][0]
        assert isinstance(clusters, Clusters)
        # Secondaries are in the second cluster; events 1 and 2 have them. float32 sums: 1e-3.
        assert clusters.values.sum() == pytest.approx(proton["energy_deposit"], abs=2e-2)
        centres = clusters.grid.centres(clusters.coordinates)
        # In one event only the end of the track lies in the volume; voxels and steps are up to one voxel (1 cm) apart.
        points = [[proton[name][axis] for axis in "xyz"] for name in ("first_step", "end_pt", "last_step")]
        assert min(np.abs(centres - point).max(axis=1).min() for point in points) < 1.1


@pytest.mark.real
def test_plane_clusters_have_the_shape_of_the_charge_400_rows_below(real: LarcvRootFile) -> None:
    # The sample's own defect: the trigger's 2400 ticks are missing. Numbering and direction of rows are right.
    record = real.record(1)
    for plane in range(3):
        proton = record["cluster2d_mcst"][plane].cluster(0)
        wire, row = proton.coordinates.T
        pixels = record["image2d_wire"][plane].pixels
        assert pixels[wire, row + 400].mean() > 15
        assert abs(pixels[wire, row].mean()) < 1
        vertex = record["cluster2d_keypt"][plane].coordinates
        assert pixels[tuple(vertex.T)].max() > 20


@pytest.mark.real
def test_the_particle_table_has_every_column_of_the_real_file(real: LarcvRootFile, sample: Path) -> None:
    table = real.record(4)["particle_mcst"]
    assert table["process"].tolist() == [b"primary"]
    assert (int(table["pdg"][0]), int(table["mct_index"][0]), int(table["trackid"][0])) == (2212, 65535, 1)
    with uproot.open(sample, object_cache=None, array_cache=None) as file:
        tree = file["particle_mcst_tree"]
        for name in (
            "px",
            "energy_init",
            "energy_deposit",
            "dist_travel",
            "parent_trackid",
            "ancestor_trackid",
        ):
            assert table[name].tolist() == tree[f"_part_v._{name}"].array(library="np")[4].tolist()
        for name, axis in itertools.product(
            ("vtx", "end_pt", "first_step", "last_step", "parent_vtx"), "xyzt"
        ):
            assert (
                table[name][axis].tolist() == tree[f"_part_v._{name}._{axis}"].array(library="np")[4].tolist()
            )


@pytest.mark.real
def test_dead_wires_of_the_real_file(real: LarcvRootFile) -> None:
    status = real.channel_status(2)
    assert {plane: len(wires) for plane, wires in status.items()} == {0: 2400, 1: 2400, 2: 3456}
    dead = real.dead_wires(2)
    assert {plane: len(wires) for plane, wires in dead.items()} == {0: 422, 1: 95, 2: 340}
    assert (status[2][dead[2]] == 1).all()
    collection = real.event(2).image(2)
    inside = np.isin(collection.coordinates[:, 0] + int(collection.grid.origin[0]), dead[2])
    assert not inside.any(), "dead wires hold no charge"


@pytest.mark.real
def test_the_real_file_is_described(real: LarcvRootFile) -> None:
    description = real.describe()
    assert (description.format, description.events, description.planes) == ("larcv1-root", 5, 3)
    assert description.units == {"charge": "PIU", "energy": "MeV"}
    assert description.provenance == {}
    assert description.products["cluster2d_mcst"]["readable"]
    status = description.products["chstatus_wire"]
    assert (status["kind"], status["readable"]) == ("chstatus", False)
    assert "dead_wires()" in status["reason"]
    assert "chstatus_wire" not in real.record(0).products
    assert real.event(4).id == EventId(1, 0, 5)


# larcv2, as ROOT streams it.


@pytest.mark.parametrize("event", CHARGED_EVENTS)
def test_volume_ids_are_turned_round(event: int) -> None:
    with LarcvRootFile(VOLUME) as file:
        (voxels,) = file.record(event)["sparse3d_data"]
    assert voxels.grid == BOX
    assert sparse(voxels) == voxels_of(event)


@pytest.mark.parametrize("event", CHARGED_EVENTS)
@pytest.mark.parametrize("plane", [0, 1])
def test_plane_ids_run_along_the_rows(event: int, plane: int) -> None:
    with LarcvRootFile(PLANE) as file:
        voxels = file.record(event)["sparse2d_wire"][plane]
    assert voxels.grid == plane_grid(plane)
    assert sparse(voxels) == pixels_of(event, plane)


@pytest.mark.parametrize("event", CHARGED_EVENTS)
def test_volume_clusters(event: int) -> None:
    with LarcvRootFile(VOLUME) as file:
        (clusters,) = file.record(event)["cluster3d_mcst"]
    assert clusters.numbers.tolist() == [0, 1, 2]
    for number in range(3):
        want = [one for one in voxels_of(event) if number != 1 and one[0][0] % 3 == number]
        assert sparse(clusters.cluster(number)) == want


@pytest.mark.parametrize("event", CHARGED_EVENTS)
def test_plane_clusters_with_numbers_of_64_bits(event: int) -> None:
    with LarcvRootFile(PLANE) as file:
        planes = file.record(event)["cluster2d_mcst"]
    for plane, clusters in enumerate(planes):
        assert clusters.numbers.tolist() == [5, 6, 7][: 2 + plane]
        for number in range(2 + plane):
            want = [one for one in pixels_of(event, plane) if number != 1 and one[0][0] % 3 == number]
            assert sparse(clusters.cluster(number)) == want


def test_particles_of_larcv2() -> None:
    with LarcvRootFile(VOLUME) as file:
        table = file.record(0)["particle_mcst"]
        assert len(file.record(2)["particle_mcst"]) == 1
    want = empty_particles(2)
    want["id"], want["mcst_index"], want["shape"] = [0, 1], [4, 5], 3
    want["trackid"], want["pdg"], want["pz"] = [11, 12], -13, 0.25
    want["vtx"]["x"], want["vtx"]["t"], want["last_step"]["z"] = [1.5, 2.5], 2.5, 3.5
    want["energy_init"], want["energy_deposit"] = [105.5, 106.5], 55.25
    want["process"] = [b"primary", b"muIoni"]
    want["parent_trackid"], want["ancestor_pdg"], want["ancestor_vtx"]["y"] = 10, 2112, -7.0
    np.testing.assert_array_equal(table, want)


def test_dense_planes_and_their_threshold() -> None:
    with LarcvRootFile(PLANE, charge="image2d_data", threshold=15.0) as file:
        image = file.record(1)["image2d_data"][1]
        event = file.event(1)
    want = np.array([[10.0 * c + r + 80 for r in range(4)] for c in range(6)], dtype=np.float32)
    np.testing.assert_array_equal(image.pixels, want)
    assert event.images[0].charge.min() == 20
    assert len(event.images[0]) == 2 * 4
    label = event.images[0].label("semantic")
    assert label.scheme == TRACK_SHOWER
    np.testing.assert_array_equal(label.values, event.images[0].coordinates[:, 0] % 3)


@pytest.mark.parametrize(
    ("path", "options"), [(VOLUME, {}), (PLANE, {"charge": "image2d_data", "threshold": 15.0})]
)
def test_the_charge_alone_is_the_charge_of_the_event(path: Path, options: dict[str, Any]) -> None:
    with LarcvRootFile(path, **options) as file:
        whole, charge = file.event(0), file.charge_event(0)
        assert charge == file.charge_of(file.record(0))
    assert (charge.id, charge.charge_unit) == (whole.id, whole.charge_unit)
    assert [image.voxels() for image in charge.images] == [image.voxels() for image in whole.images]
    assert not any(image.labels for image in charge.images)


def test_rows_of_2016_are_turned_over() -> None:
    with LarcvRootFile(OLD) as file:
        image = file.record(0)["image2d_tpc"][1]
        description = file.describe()
    assert image.grid == plane_grid(1)
    want = np.array([[10.0 * c + (3 - r) + 80 for r in range(4)] for c in range(6)], dtype=np.float32)
    np.testing.assert_array_equal(image.pixels, want)
    assert description.format == "larcv1-root"
    assert "experimental" in description.provenance["reader"]


@pytest.mark.parametrize("event", CHARGED_EVENTS)
def test_labels_stand_on_the_charge_and_absent_ones_are_the_default(event: int) -> None:
    with LarcvRootFile(VOLUME) as volume, LarcvRootFile(PLANE) as planes:
        (image,) = volume.event(event).images
        want = [sum(c) % 5 if c[0] != 4 else FIVE_CLASS.default for c, _ in voxels_of(event)]
        assert image.label("semantic").values.tolist() == want
        assert image.label("semantic").scheme == FIVE_CLASS
        for plane, image in enumerate(planes.event(event).images):
            want = [sum(c) % 5 if c[0] != 5 else FIVE_CLASS.default for c, _ in pixels_of(event, plane)]
            assert image.label("semantic").values.tolist() == want


def label_of(ids: list[int], values: list[float], grid: Grid) -> tuple[int, ...]:
    charge = Voxels(grid, np.array([2, 9, 20]), np.ones(3, dtype=np.float32))
    label = Voxels(grid, np.array(ids), np.array(values, dtype=np.float32))
    (image,) = images_of((charge,), 0.0, (label,), FIVE_CLASS)
    return tuple(image.label("semantic").values.tolist())


def test_labels_in_any_order_find_their_pixels() -> None:
    assert label_of([20, 11, 2], [3.0, 1.0, 4.0], plane_grid(0)) == (4, FIVE_CLASS.default, 3)
    with pytest.raises(InvalidArgument, match="1 pixels of plane 0 have two labels"):
        label_of([20, 2, 20], [3.0, 1.0, 4.0], plane_grid(0))


def test_labels_on_another_grid_are_refused() -> None:
    charge = Voxels(plane_grid(0), np.array([2]), np.ones(1, dtype=np.float32))
    for grid in (Grid((4, 6)), plane_grid(1)):
        label = Voxels(grid, np.array([2]), np.ones(1, dtype=np.float32))
        with pytest.raises(
            InvalidArgument, match=r"plane 0 has charge on \(6, 4\) pixels, the labels lie on"
        ):
            images_of((charge,), 0.0, (label,), FIVE_CLASS)


@pytest.mark.parametrize("path", [VOLUME, PLANE])
def test_an_empty_event_is_an_event(path: Path) -> None:
    with LarcvRootFile(path) as file:
        event, record = file.event(1), file.record(1)
    assert event.pixels == 0
    assert event.id == record.id == EventId(3, 2, 8)
    assert len(event.particles) == 0
    assert all(len(image.label("semantic").values) == 0 for image in event.images)


def test_larcv2_is_described_as_experimental() -> None:
    with LarcvRootFile(VOLUME) as file:
        description = file.describe()
    assert (description.format, description.events, description.planes) == ("larcv2-root", 3, 1)
    assert description.schemes == {"semantic": "five-class"}
    assert description.units["charge"] == "MeV"
    assert description.provenance["reader"].startswith("experimental")
    assert set(description.products) == {
        "sparse3d_data",
        "sparse3d_fivetypes",
        "cluster3d_mcst",
        "particle_mcst",
    }


# How it is read.


def test_one_event_unpacks_only_its_own_baskets(monkeypatch: pytest.MonkeyPatch, sample: Path) -> None:
    taken = []
    unpacked = _root_tables._unpacked
    monkeypatch.setattr(
        _root_tables,
        "_unpacked",
        lambda branch, number, rows: taken.append(branch.name) or unpacked(branch, number, rows),
    )
    with LarcvRootFile(sample) as file:
        file.event(2)
        file.event(2)
    assert taken.count("_image_v._img") == 1


test_one_event_unpacks_only_its_own_baskets = pytest.mark.real(test_one_event_unpacks_only_its_own_baskets)


def pixels_in_worker(file: LarcvRootFile) -> int:
    return file.event(-1).pixels


@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_readers_travel_to_other_processes(start: str) -> None:
    with LarcvRootFile(VOLUME) as file:
        here = file.event(-1).pixels
        with multiprocessing.get_context(start).Pool(1) as pool:
            assert pool.map(pixels_in_worker, [file, file]) == [here, here]
        assert pickle.loads(pickle.dumps(file)).event(2) == file.event(2)  # noqa: S301


def test_only_root_files_with_larcv_trees_are_recognised(tmp_path: Path) -> None:
    other = tmp_path / "histograms.root"
    with uproot.recreate(other) as file:
        file["numbers_tree"] = {"x": np.arange(3.0)}
    assert is_larcv_root(VOLUME)
    assert is_larcv_root(OLD)
    assert not is_larcv_root(other)
    assert not is_larcv_root(tmp_path / "absent.root")
    assert not is_larcv_root(tmp_path)
    assert is_larcv_root(cut(tmp_path, VOLUME, 1000)), "opening it says what is wrong"
    with (
        LarcvRootFile(other) as file,
        pytest.raises(UnreadableFile, match=r"holds no larcv products.*another kind"),
    ):
        len(file)


def test_without_uproot_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    importing = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("uproot"):
            raise ImportError(name)
        return importing(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert is_larcv_root(VOLUME)
    with pytest.raises(InvalidArgument, match=r"pip install argoscope\[root\]"):
        LarcvRootFile(VOLUME).event(0)


# Bad input.


def cut(folder: Path, source: Path, size: int) -> Path:
    path = folder / f"cut_{size}.root"
    path.write_bytes(source.read_bytes()[:size])
    return path


@pytest.mark.parametrize("size", [4, 60, 1000, 20000, 31000])
def test_a_truncated_file(tmp_path: Path, size: int) -> None:
    with (
        LarcvRootFile(cut(tmp_path, VOLUME, size)) as file,
        pytest.raises(UnreadableFile, match=rf"cut_{size}.root"),
    ):
        file.record(0)


@pytest.mark.parametrize("what", ["tree", "classes"])
def test_a_length_that_takes_too_much_memory_is_refused(what: str, tmp_path: Path) -> None:
    """The length of an object before its compression, which uproot believes: two bytes took 2 GB."""
    with uproot.open(OLD) as file:
        (name,) = file.keys(cycle=False)
        length, at = file.key(name).data_uncompressed_bytes, file.file.fSeekInfo
    content = OLD.read_bytes()
    if what == "classes":
        length = int.from_bytes(content[at + 6 : at + 10], "big")
    assert 1000 < length < 100_000
    (tmp_path / "a.root").write_bytes(content.replace(length.to_bytes(4, "big"), b"\x7e\0\0\1"))
    words = name if what == "tree" else "the description of its classes"
    with (
        pytest.raises(UnreadableFile, match=f"{words} declares {0x7E000001} bytes"),
        LarcvRootFile(tmp_path / "a.root") as broken,
    ):
        broken.describe()


def test_a_basket_that_takes_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_root_tables, "MAX_BASKET", 5)
    with (
        LarcvRootFile(OLD) as file,
        pytest.raises(UnreadableFile, match=r"declares .* bytes, where 5 are allowed"),
    ):
        file.event(0)


def test_what_is_no_file_of_root(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.root"
    wrong.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    for path, message in (
        (wrong, "is no ROOT file"),
        (tmp_path, "is a directory"),
        (tmp_path / "absent.root", "does not exist"),
    ):
        with pytest.raises(UnreadableFile, match=message):
            LarcvRootFile(path).event(0)


def test_events_and_products_that_are_not_there() -> None:
    with LarcvRootFile(VOLUME) as file:
        for call in (file.event, file.record, file.channel_status):
            with pytest.raises(InvalidArgument, match=r"event \(=3\) must be one of the 3"):
                call(3)
        with pytest.raises(InvalidArgument, match="Did you mean 'sparse3d_data'"):
            file.product("sparse3d_date", 0)
        with pytest.raises(InvalidArgument, match="no chstatus product"):
            file.dead_wires(0)
    with pytest.raises(InvalidArgument, match=r"charge \(='sparse3d_date'\) must be an image.*Did you mean"):
        LarcvRootFile(VOLUME, charge="sparse3d_date").event(0)
    with pytest.raises(InvalidArgument, match="threshold"):
        LarcvRootFile(VOLUME, threshold=float("nan"))


@pytest.mark.real
def test_a_product_of_another_kind_is_refused(real: LarcvRootFile) -> None:
    with pytest.raises(InvalidArgument, match=r"chstatus_wire \(larcv::EventChStatus\) is neither"):
        real.product("chstatus_wire", 0)


def test_labels_that_mean_nothing_in_the_scheme() -> None:
    labels = {"sparse3d_fivetypes": COSMIC}
    reason = r"sparse3d_fivetypes of event 0: label .* means nothing .*'cosmic'"
    with LarcvRootFile(VOLUME, labels=labels) as file, pytest.raises(UnreadableFile, match=reason):
        file.event(0)


def changed(monkeypatch: pytest.MonkeyPatch, column: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Let one column of numbers be read otherwise than stored."""
    numbers = _root_tables.Table.numbers

    def other(table: Any, name: str, index: int) -> np.ndarray:
        values = numbers(table, name, index)
        return change(values) if name == column else values

    monkeypatch.setattr(_root_tables.Table, "numbers", other)


@pytest.mark.parametrize(
    ("column", "change", "message"),
    [
        (
            "_voxel_v._id",
            lambda x: x + np.uint64(60),
            r"16 of 16 pixel ids lie outside the \(5, 4, 3\) image",
        ),
        ("_voxel_v._id", lambda x: x[1:], "15 pixel ids and 16 values"),
        (
            "_voxel_v._value",
            lambda x: x * np.float32("nan"),
            "16 of 16 values are no numbers, the first is nan in row 0",
        ),
        ("_voxel_v._value", lambda x: x / np.float32(0), "values are no numbers, the first is inf"),
        ("_meta._unit", lambda x: x + 5, "the unit 6 is none of larcv's"),
        ("_meta._xnum", lambda x: x * np.uint64(0), r"shape \(=\(0, 4, 3\)\) must have"),
        ("_meta._p2.x", lambda x: x - 100, "must be positive along every axis"),
        ("_meta._ynum", lambda x: np.r_[x, x], "_meta._ynum has 2 values where there should be one"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_damaged_columns_are_named(
    monkeypatch: pytest.MonkeyPatch, column: str, change: Any, message: str
) -> None:
    changed(monkeypatch, column, change)
    with (
        LarcvRootFile(VOLUME) as file,
        pytest.raises(UnreadableFile, match=rf"3d.root: sparse3d_data of event 2.*{message}"),
    ):
        file.event(2)


def test_particle_columns_of_different_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    changed(monkeypatch, "_part_v._px", lambda x: x[:1])
    with (
        LarcvRootFile(VOLUME) as file,
        pytest.raises(UnreadableFile, match=r"_part_v\._px has 1 values for 2 particles"),
    ):
        file.event(0)


def test_trees_that_were_not_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    number = LarcvRootFile._number
    monkeypatch.setattr(
        LarcvRootFile,
        "_number",
        lambda file, name, index: number(file, name, index if name.startswith("sparse") else 0),
    )
    with (
        LarcvRootFile(VOLUME) as file,
        pytest.raises(UnreadableFile, match=r"event 9 in sparse3d_data and .* event 7 in cl"),
    ):
        file.record(2)


def test_trees_of_different_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    init = _root_tables.Table.__init__

    def shorter(table: Any, path: Path, name: str, tree: Any, *rest: Any) -> None:
        init(table, path, name, tree, *rest)
        table.entries -= name == "particle_mcst"

    monkeypatch.setattr(_root_tables.Table, "__init__", shorter)
    with pytest.raises(UnreadableFile, match="sparse3d_data has 3 events and particle_mcst has 2"):
        len(LarcvRootFile(VOLUME))


def test_a_missing_column_is_named_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    with LarcvRootFile(VOLUME) as file:
        branches = file.handle.tables["sparse3d_data"].branches
        branches["_voxel_v._ids"] = branches.pop("_voxel_v._id")
        with pytest.raises(
            UnreadableFile, match=r"sparse3d_data.*no column '_voxel_v._id'.*mean '_voxel_v._ids'"
        ):
            file.event(0)


def test_several_images_that_may_be_the_charge() -> None:
    with LarcvRootFile(PLANE) as file:
        tables = file.handle.tables
        tables["image2d_one"], tables["sparse2d_two"] = (
            tables.pop("image2d_data"),
            tables.pop("sparse2d_wire"),
        )
        with pytest.raises(UnreadableFile, match=r"'image2d_one'.*'sparse2d_two'.*name one with charge="):
            file.event(0)
        assert file.describe().planes == 0


@pytest.mark.parametrize("where", [4, 6, 12, 14, 16, 24])
def test_lengths_within_vectors_are_checked(where: int) -> None:
    # One set of two voxels: byte count, version with the member-wise flag, class version 0, checksum, count, ids, values.
    good = bytearray.fromhex("40000024400a00007a384fda00000002" + "0000000000000003" * 2 + "3f800000" * 2)
    assert len(good) == 4 + 0x24
    ((ids, values),) = _root_tables.Buffer(np.frombuffer(bytes(good), np.uint8)).voxels(1)
    assert (ids.tolist(), values.tolist()) == ([3, 3], [1.0, 1.0])
    with pytest.raises(ValueError, match=r"announced|missing"):
        _root_tables.Buffer(np.frombuffer(bytes(good[:where]), np.uint8)).voxels(1)
    good[15] = 1
    with pytest.raises(ValueError, match="40 bytes are announced and 28 decoded"):
        _root_tables.Buffer(np.frombuffer(bytes(good), np.uint8)).voxels(1)
    good[4] = 0
    with pytest.raises(ValueError, match="one by one"):
        _root_tables.Buffer(np.frombuffer(bytes(good), np.uint8)).voxels(1)


@pytest.mark.parametrize(
    ("extent", "shape", "unit", "want"),
    [
        ((511.0, 3071.0), (512, 512), "wire-time", (512.0, 3072.0)),
        ((512.0, 3072.0), (512, 512), "wire-time", (512.0, 3072.0)),
        ((511.0, 3071.0), (512, 512), "cm", (511.0, 3071.0)),
        ((511.0, 3072.0), (512, 512), "wire-time", (511.0, 3072.0)),
    ],
)
def test_only_corners_that_make_no_whole_pixels_are_taken_as_inside(
    extent: tuple[float, ...], shape: tuple[int, ...], unit: str, want: tuple[float, ...]
) -> None:
    assert _root_products._size(extent, shape, unit) == want


def mutant(data: bytes, rng: np.random.Generator) -> bytes:
    """A damaged copy: bytes flipped, a stretch zeroed, or the end cut off."""
    copy = bytearray(data)
    # Half of the damage goes where the structure is: the head, and the directories at the end.
    spans = ((0, len(copy)), (0, min(2000, len(copy))), (max(0, len(copy) - 8000), len(copy)))
    low, high = spans[rng.choice(3, p=[0.5, 0.2, 0.3])]
    if (kind := rng.integers(4)) == 0:
        return bytes(copy[: rng.integers(low, high)])
    at = int(rng.integers(low, high))
    for place in range(at, min(at + (1, 4, 64)[kind - 1], len(copy))):
        copy[place] = 0 if kind == 3 else rng.integers(256)
    return bytes(copy)


def read_all(path: Path) -> None:
    is_larcv_root(path)
    with LarcvRootFile(path) as file:
        file.describe()
        for index in range(min(3, len(file))):
            file.record(index)
            file.event(index)


def refusal(path: Path) -> str:
    """Why the file was refused; "" where it was read."""
    try:
        read_all(path)
    except ArgoscopeError as error:
        return str(error)
    return ""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(36))
def test_mutants_are_read_or_refused_in_one_sentence(tmp_path: Path, seed: int) -> None:
    source = (VOLUME, PLANE, OLD)[seed % 3]
    path = tmp_path / "mutant.root"
    path.write_bytes(mutant(source.read_bytes(), np.random.default_rng(seed)))
    reason = refusal(path)
    assert not reason or ("mutant.root" in reason and "\n" not in reason)


@pytest.mark.real
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(12))
def test_mutants_of_the_real_file(tmp_path: Path, sample: Path, seed: int) -> None:
    path = tmp_path / "mutant.root"
    path.write_bytes(mutant(sample.read_bytes(), np.random.default_rng(seed)))
    reason = refusal(path)
    assert not reason or ("mutant.root" in reason and "\n" not in reason)
