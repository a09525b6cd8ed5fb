"""larcv3 files: what others wrote is read rightly, what we write is theirs to the byte."""

from __future__ import annotations

import multiprocessing
import pickle
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.events import (
    COSMIC,
    Boxes,
    Clusters,
    DenseImage,
    EventId,
    Grid,
    Record,
    Voxels,
    empty_particles,
)
from argoscope.files.header import Header
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_records
from tests.files.layouts import larcv3_made

SBND = "sbnd_larcv3_events0-2.h5"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return larcv3_made.write(tmp_path / "made.h5")


def test_published_layout_is_read_as_it_was_written(made: Path) -> None:
    with Larcv3File(made) as file:
        assert len(file) == 2
        assert file.record(0).id == EventId(12, 3, 4567)
        assert file.record(1).id == EventId(-1, -1, -1)
        for index in range(2):
            record = file.record(index)
            for plane, (ids, values) in zip(record["sparse2d_wire"], larcv3_made.PIXELS[index], strict=True):
                assert plane.ids.tolist() == ids
                assert plane.values.tolist() == values
                assert plane.grid.shape == larcv3_made.SHAPE
                assert plane.grid.size == (19.2, 20.0)
                assert plane.grid.origin == (-1.5, 2.0)
            assert [plane.grid.projection for plane in record["sparse2d_wire"]] == [0, 1, 2]
            for plane, clusters in zip(record["cluster2d_segment"], larcv3_made.CLUSTERS[index], strict=True):
                assert len(plane) == len(clusters)
                for position, (ids, values) in enumerate(clusters):
                    assert plane.cluster(position).ids.tolist() == ids
                    assert plane.cluster(position).values.tolist() == values
        assert file.record(0)["particle_mcst"]["pdg"].tolist() == [13, 11]
        assert file.record(1)["particle_mcst"]["energy_init"].tolist() == [80.0]


def test_coordinates_run_with_the_last_axis_fastest(made: Path) -> None:
    with Larcv3File(made) as file:
        plane = file.record(0)["sparse2d_wire"][0]
    assert plane.coordinates.tolist() == [[0, 3], [17, 20], [63, 39]]


def test_only_the_products_asked_for_are_read(made: Path) -> None:
    with Larcv3File(made) as file:
        assert list(file.record(0, ["particle_mcst"]).products) == ["particle_mcst"]
        with pytest.raises(
            InvalidArgument, match=r"no product 'sparse2d_wires'. Did you mean 'sparse2d_wire'"
        ):
            file.record(0, ["sparse2d_wires"])


def test_what_is_written_is_read_back_and_has_the_same_tables(made: Path, tmp_path: Path) -> None:
    with Larcv3File(made) as file:
        records = [file.record(index) for index in range(len(file))]
    write_records(tmp_path / "again.h5", records)
    with Larcv3File(tmp_path / "again.h5") as again:
        assert [again.record(index) for index in range(2)] == records
    assert_same_tables(made, tmp_path / "again.h5")


@pytest.mark.real
def test_sbnd_sample_is_written_back_as_it_was_read(real_data: Path, tmp_path: Path) -> None:
    with Larcv3File(real_data / SBND) as file:
        assert sorted(file.products) == [
            "cluster2d_sbndneutrino",
            "cluster2d_sbndsegmerged",
            "particle_sbndneutrino",
            "sparse2d_sbnd_cosmicseg",
            "sparse2d_sbndwire",
        ]
        records = [file.record(index) for index in range(3)]
    write_records(tmp_path / "once.h5", records)
    with Larcv3File(tmp_path / "once.h5") as once:
        again = [once.record(index) for index in range(3)]
    assert again == records
    write_records(tmp_path / "twice.h5", again)
    assert (tmp_path / "once.h5").read_bytes() == (tmp_path / "twice.h5").read_bytes()
    assert_same_tables(real_data / SBND, tmp_path / "once.h5")


def assert_same_tables(one: Path, other: Path) -> None:
    """Check that h5py sees the same tables: types with offsets, chunks, compression, rows."""
    with h5py.File(one) as a, h5py.File(other) as b:
        names: list[str] = []
        a.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        assert names
        for name in names:
            theirs, ours = a[name], b[name]
            assert ours.dtype == theirs.dtype, name
            assert ours.dtype.itemsize == theirs.dtype.itemsize, name
            assert ours.dtype.fields == theirs.dtype.fields, name
            assert (ours.chunks, ours.compression, ours.compression_opts, ours.maxshape) == (
                theirs.chunks,
                theirs.compression,
                theirs.compression_opts,
                theirs.maxshape,
            ), name
            assert (ours.shuffle, ours.fletcher32) == (theirs.shuffle, theirs.fletcher32), name
            assert (ours[:] == theirs[:]).all(), name


@pytest.mark.real
def test_sbnd_sample_holds_what_was_measured(real_data: Path) -> None:
    with Larcv3File(real_data / SBND) as file:
        event = file.event(0)
        # Pixels of the planes of event 0, and of event 1's plane 0 and 2 (formats page and engine page).
        assert [len(image) for image in event.images] == [23223, 23171, 10084]
        assert [len(file.event(1).image(plane)) for plane in (0, 2)] == [25094, 10191]
        assert event.detector == "sbnd-2018"
        assert event.energy_unit == "GeV"
        assert int(event.particles["pdg"][0]) == 14
        for image in event.images:
            assert float(image.charge.min()) >= 5.0
            assert image.label("origin").scheme == COSMIC
        values, counts = np.unique(event.image(0).label("origin").values, return_counts=True)
        assert dict(zip(values.tolist(), counts.tolist(), strict=True)) == {0: 12958, 1: 9890, 2: 375}


@pytest.mark.real
def test_instance_of_a_pixel_is_the_particle_with_the_largest_share(real_data: Path) -> None:
    with Larcv3File(real_data / SBND) as file:
        image = file.event(2).image(2)
    shares: dict[int, tuple[float, int]] = {}
    for position in range(len(image.truth)):
        cluster = image.truth.cluster(position)
        for pixel, value in zip(cluster.ids.tolist(), cluster.values.tolist(), strict=True):
            if value > shares.get(pixel, (0.0, -1))[0]:
                shares[pixel] = (value, int(image.truth.numbers[position]))
    expected = [shares.get(pixel, (0.0, -1))[1] for pixel in image.ids.tolist()]
    assert image.label("instance").values.tolist() == expected


def test_every_kind_of_product_survives_the_round_trip(tmp_path: Path) -> None:
    plane, volume = Grid((4, 6), projection=1), Grid((3, 4, 5), size=(3.0, 4.0, 5.0), unit="unknown")
    empty = np.zeros(0, dtype=np.int64)
    square = np.eye(2)[None]
    record = Record(
        EventId(1, 2, 3),
        {
            "sparse3d_data": (Voxels(volume, np.array([0, 59]), np.array([1.0, 2.0], np.float32)),),
            "cluster3d_mcst": (
                Clusters(
                    volume, np.array([7]), np.array([1.0], np.float32), np.array([0, 0, 1]), np.array([4, 9])
                ),
            ),
            "image2d_wire": (DenseImage(plane, np.arange(24, dtype=np.float32).reshape(4, 6)),),
            "bbox2d_truth": (Boxes(plane, np.ones((1, 2)), np.full((1, 2), 0.5), square),),
            "tensor1d_flash": (DenseImage(Grid((32,)), np.arange(32, dtype=np.float32)),),
            "sparse2d_wire": (Voxels(plane, empty, empty.astype(np.float32)),),
            "particle_mcst": empty_particles(0),
        },
    )
    write_records(tmp_path / "kinds.h5", [record, record])
    with Larcv3File(tmp_path / "kinds.h5") as file:
        assert file.record(1) == record


def test_file_without_events_and_event_without_pixels(tmp_path: Path) -> None:
    write_records(tmp_path / "none.h5", [])
    with Larcv3File(tmp_path / "none.h5") as file:
        assert len(file) == 0
        assert file.describe().events == 0
        with pytest.raises(InvalidArgument, match=r"event \(=0\) must be one of the 0"):
            file.event(0)


def test_same_events_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    with Larcv3File(made) as file:
        records = [file.record(index) for index in range(2)] * 700
    for name in ("a.h5", "b.h5"):
        write_records(tmp_path / name, records)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_reader_travels_to_another_process_as_a_path(made: Path) -> None:
    file = Larcv3File(made)
    expected = file.event(0)
    assert pickle.loads(pickle.dumps(file)).event(0) == expected  # noqa: S301 - our own object
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(file.event, [0, 1, 0]) == [expected, file.event(1), expected]


def test_events_of_one_file_have_the_same_products(tmp_path: Path) -> None:
    records = [Record(EventId(), {"particle_mcst": empty_particles(1)}), Record(EventId(), {})]
    with pytest.raises(InvalidArgument, match=r"event 1 .*'particle_mcst' must be in every event or in none"):
        write_records(tmp_path / "x.h5", records)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "product", "message"),
    [
        ("wire", empty_particles(1), "must be named KIND_PRODUCER"),
        ("sparse2d_wire", empty_particles(1), "can only be a particle product"),
        (
            "sparse3d_data",
            (Voxels(Grid((2, 2)), np.array([0]), np.ones(1, np.float32)),),
            "must hold Voxels with 3 axes",
        ),
        ("cluster2d_x", (Voxels(Grid((2, 2)), np.array([0]), np.ones(1, np.float32)),), "must hold Clusters"),
    ],
)
def test_products_that_do_not_fit_their_name_are_refused(
    tmp_path: Path, name: str, product: object, message: str
) -> None:
    with pytest.raises(InvalidArgument, match=message):
        write_records(tmp_path / "x.h5", [Record(EventId(), {name: product})])
    assert list(tmp_path.iterdir()) == []


def test_interrupted_writing_leaves_nothing_behind(made: Path, tmp_path: Path) -> None:
    with Larcv3File(made) as file:
        record = file.record(0)

    def broken() -> object:
        yield record
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_records(tmp_path / "x.h5", broken())
    assert [path.name for path in tmp_path.iterdir()] == ["made.h5"]


@pytest.mark.parametrize("events", [0, 1, 2])
def test_a_role_whose_product_is_not_written_is_refused_and_leaves_no_file(
    made: Path, tmp_path: Path, events: int
) -> None:
    """The reader refuses such a file, so it must not be made; an older one of that name stays."""
    with Larcv3File(made) as file:
        record, header = file.record(0), file.header
    bare = Record(record.id, {"particle_mcst": record["particle_mcst"]})
    wanted = Header(roles={"charge": "sparse2d_wire", "particles": "particle_mcst"})
    before = made.read_bytes()
    for name, overwrite in (("x.h5", False), ("made.h5", True)):
        with pytest.raises(
            InvalidArgument, match=r"header's role '\w+' is given to the product '\w+', which"
        ):
            write_records(tmp_path / name, [bare] * events, wanted, overwrite=overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["made.h5"]
    assert made.read_bytes() == before
    write_records(tmp_path / "x.h5", [record] * 2, header)
    with Larcv3File(tmp_path / "x.h5") as file:
        assert file.header.roles == header.roles


def test_a_role_without_product_is_named_alike_in_writing_and_in_reading(made: Path) -> None:
    said = r"role 'charge' is given to the product 'sparse2d_wires'.* Did you mean 'sparse2d_wire'"
    with (
        Larcv3File(made, roles={"charge": "sparse2d_wires"}) as misread,
        pytest.raises(UnreadableFile, match=said),
    ):
        len(misread)
    with Larcv3File(made) as file:
        record = file.record(0)
    with pytest.raises(InvalidArgument, match=said):
        write_records(made.with_name("x.h5"), [record], Header(roles={"charge": "sparse2d_wires"}))


def test_existing_output_is_kept_unless_asked(made: Path) -> None:
    before = made.read_bytes()
    with pytest.raises(
        InvalidArgument, match=r"exists: choose another name, or overwrite it with --overwrite"
    ):
        write_records(made, [])
    assert made.read_bytes() == before
    write_records(made, [], overwrite=True)
    assert made.read_bytes() != before


def edited(made: Path, name: str, column: str | None, row: int, value: float) -> Path:
    """Change one number of the file."""
    with h5py.File(made, "r+") as file:
        rows = file[name][:]
        if column is None:
            rows[row] = value
        else:
            rows[column][row] = value
        file[name][:] = rows
    return made


WIRE = "Data/sparse2d_wire_group"


@pytest.mark.parametrize(
    ("table", "column", "row", "value", "message"),
    [
        (f"{WIRE}/voxels", "value", 1, np.nan, r"sparse2d_wire, event 0: value 1 is nan; values must be finite"),
        (f"{WIRE}/voxels", "value", 0, np.inf, r"sparse2d_wire, event 0: value 0 is inf"),
        (f"{WIRE}/voxels", "id", 2, 64 * 40, r"sparse2d_wire, event 0: 1 of 3 pixel ids lie outside .* is 2560 in row 2"),
        (f"{WIRE}/voxels", "id", 0, 2**63 + 5, r"sparse2d_wire, event 0: 1 of 3 pixel ids lie outside"),
        (f"{WIRE}/extents", "first", 0, 99, r"sparse2d_wire, event 0 points at rows 99 to 102 of .*, which has 6"),
        (f"{WIRE}/voxel_extents", "N", 2, 5000, r"sparse2d_wire, event 0 points at rows 0 to 5003 of .*voxels"),
        (f"{WIRE}/voxel_extents", "first", 2, 1, r"sparse2d_wire, event 0: the rows of voxels for its part 2 do not follow"),
        (f"{WIRE}/image_meta", "valid", 0, 0, r"sparse2d_wire, event 0: its image_meta is marked invalid"),
        (f"{WIRE}/image_meta", "number_of_voxels", 1, 0, r"sparse2d_wire, event 0: shape \(=\(0, 0\)\) must have"),
        (f"{WIRE}/image_meta", "origin", 0, np.nan, r"sparse2d_wire, event 0: origin .* must have one finite number"),
        ("Data/cluster2d_segment_group/cluster_extents", "N", 0, 9, r"cluster2d_segment, event 0.*"),
    ],
)  # fmt: skip
def test_damage_is_named_with_file_product_and_event(
    made: Path, table: str, column: str, row: int, value: float, message: str
) -> None:
    path = edited(made, table, column, row, value)
    with Larcv3File(path) as file, pytest.raises(UnreadableFile, match=rf"made.h5: {message}"):
        file.record(0)
    with Larcv3File(path) as file:
        assert file.record(1).id == EventId()


def test_label_that_means_nothing_is_named(made: Path) -> None:
    edited(made, "Data/sparse2d_sbnd_cosmicseg_group/voxels", "value", 0, 7.0)
    renamed(made, "sparse2d_wire", "sparse2d_sbndwire")
    with Larcv3File(made) as file, pytest.raises(UnreadableFile) as error:
        file.event(0)
    assert "made.h5: event 0: sparse2d_sbnd_cosmicseg, projection 0: label 7.0 (row 0) means nothing" in str(
        error.value
    )


def renamed(path: Path, product: str, name: str) -> None:
    """Give a product another name."""
    with h5py.File(path, "r+") as file:
        file.move(f"Data/{product}_group", f"Data/{name}_group")


def test_missing_tables_and_columns_are_named(made: Path, tmp_path: Path) -> None:
    for change, message in (
        (lambda f: f.__delitem__(f"{WIRE}/voxels"), r"/Data/sparse2d_wire_group/voxels is missing"),
        (
            lambda f: f.__delitem__("Events"),
            r"is HDF5 but not larcv3: it lacks /Events/event_id or /Data. It has Data",
        ),
        (_drop_id_column, r"sparse2d_wire_group/voxels lacks the column 'id'"),
        (lambda f: f[f"{WIRE}/extents"].resize((1,)), r"extents has 1 rows for 2 events"),
    ):
        path = shutil.copy(made, tmp_path / "changed.h5")
        with h5py.File(path, "r+") as file:
            change(file)
        with pytest.raises(UnreadableFile, match=message):
            Larcv3File(path).record(0)


def _drop_id_column(file: h5py.File) -> None:
    del file[f"{WIRE}/voxels"]
    file[f"{WIRE}/voxels"] = np.zeros(8, dtype=[("value", "<f4")])
