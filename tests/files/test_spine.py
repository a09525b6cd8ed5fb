"""SPINE version 2 arrays: a plain reading of the layout finds our events; what we read back is the same."""

from __future__ import annotations

import multiprocessing
import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.events import FIVE_CLASS, IDENTIFIER, SHAPE, Event, EventId, Grid, Image, LabelColumn
from argoscope.files.spine import SpineFile, is_spine, write_spine

GRID = Grid((6, 4, 9), (1.8, 1.2, 2.7), (-3.0, 0.5, 10.0), unit="cm")


def event(rng: np.random.Generator, voxels: int) -> Event:
    ids = np.sort(rng.choice(GRID.pixels, voxels, replace=False))
    labels = {
        "semantic": LabelColumn(rng.integers(0, 7, voxels), SHAPE),
        "instance": LabelColumn(rng.integers(-1, 5, voxels), IDENTIFIER),
        "ancestor": LabelColumn(rng.integers(-1, 2, voxels), IDENTIFIER),
    }
    image = Image(GRID, GRID.coordinates(ids), rng.uniform(1, 9, voxels).astype(np.float32), labels)
    return Event(EventId(3, 1, voxels), (image,), charge_unit="MeV")


@pytest.fixture
def events(rng: np.random.Generator) -> list[Event]:
    return [event(rng, n) for n in (50, 0, 1)]


@pytest.fixture
def written(tmp_path: Path, events: list[Event]) -> Path:
    assert write_spine(tmp_path / "a.h5", iter(events)) == 3
    return tmp_path / "a.h5"


def test_the_layout_is_the_published_one(written: Path, events: list[Event]) -> None:
    """Read as SPINE's version 2 reader does: attributes of /info and every product, offsets from 0, rows by event."""
    with h5py.File(written) as file:
        info = dict(file["info"].attrs)
        assert (info["format"], int(info["format_version"]), bool(info["complete"])) == (
            b"spine_hdf5",
            2,
            True,
        )
        assert {"version", "spine_version", "cfg"} <= set(info)
        assert file["events"].dtype == np.int64
        assert file["events"][:].tolist() == [0, 1, 2]
        for group in file["products"].values():
            assert group.attrs["kind"] == b"array"
            offsets = group["event_offsets"][:]
            assert (len(offsets), offsets[0], offsets[-1]) == (4, 0, len(group["values"]))
            assert (np.diff(offsets) >= 0).all()
        assert file["products/index/values"][:].tolist() == [0, 1, 2]
        assert bool(file["products/index"].attrs["scalar"])
        for number, one in enumerate(events):
            image = one.images[0]
            low, high = file["products/points/event_offsets"][number : number + 2]
            points = file["products/points/values"][low:high]
            np.testing.assert_allclose(
                points, GRID.centres(image.coordinates), atol=1e-5
            )  # float32 of tens of cm
            shape = file["products/segmentation/values"][low:high]
            semantic = image.label("semantic").values
            np.testing.assert_array_equal(shape, np.where(semantic == 6, -1, semantic))


def test_no_variable_length_data_is_written(written: Path) -> None:
    def check(name: str, item: h5py.Group | h5py.Dataset) -> None:
        assert not (isinstance(item, h5py.Dataset) and item.dtype.hasobject), name
        for key in item.attrs:
            assert h5py.check_string_dtype(item.attrs.get_id(key).dtype) is None or (
                item.attrs.get_id(key).dtype.kind == "S"
            )

    with h5py.File(written) as file:
        file.visititems(check)
        assert file["info"].attrs.get_id("format").dtype.kind == "S"


def test_reading_back_is_the_identity(written: Path, events: list[Event]) -> None:
    assert list(SpineFile(written)) == events


def test_five_classes_must_be_asked_for(tmp_path: Path) -> None:
    image = Image(
        GRID, np.array([[1, 2, 3]]), np.ones(1), {"semantic": LabelColumn(np.array([0]), FIVE_CLASS)}
    )
    with pytest.raises(InvalidArgument, match=r"event 0 .* merges or drops classes"):
        write_spine(tmp_path / "a.h5", [Event(EventId(), (image,))])
    assert list(tmp_path.iterdir()) == []
    write_spine(tmp_path / "a.h5", [Event(EventId(), (image,))], allow_lossy=True)
    assert SpineFile(tmp_path / "a.h5")[0].images[0].label("semantic").values.tolist() == [1]


def test_planes_are_refused(tmp_path: Path) -> None:
    plane = Event(EventId(), (Image.from_points(Grid((4, 4)), np.array([[1, 2]]), np.ones(1)),))
    with pytest.raises(InvalidArgument, match="holds one volume an event"):
        write_spine(tmp_path / "a.h5", [plane])


def test_the_format_is_told_from_the_content(written: Path, tmp_path: Path) -> None:
    with h5py.File(written) as file:
        assert is_spine(file)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file.create_group("info").attrs["format"] = "spine_hdf5"  # as h5py writes a str
        assert not is_spine(file)
        file.create_group("products")
        assert is_spine(file)
        file["info"].attrs["format"] = "other"
        assert not is_spine(file)


def spoil(path: Path, name: str, row: int, value: float) -> None:
    with h5py.File(path, "a") as file:
        file[f"products/{name}"][row] = value


@pytest.mark.parametrize(
    ("name", "row", "value", "message"),
    [
        ("points/event_offsets", 0, 9, None),  # not needed for reading
        (
            "depositions/event_offsets",
            1,
            99,
            r"event 0 points at rows 0 to 99 of /products/depositions/values, which has 51",
        ),
        ("depositions/values", 3, np.nan, r"event 0: charge is nan in pixel"),
        ("voxels/values", 0, 77, r"event 0: 1 of 50 pixels lie outside"),
        ("segmentation/values", 2, 9, r"event 0: label 9 \(row 2\) means nothing in the scheme 'shape'"),
        ("volume/values", 0, np.nan, r"event 0 of volume cannot be read"),
        ("event_id/event_offsets", 1, 0, r"event 0: it must have one row of event_id"),
    ],
)
def test_damage_is_named(written: Path, name: str, row: int, value: float, message: str | None) -> None:
    spoil(written, name, row, value)
    if message is None:
        assert SpineFile(written)[0].pixels == 50
        return
    with pytest.raises(UnreadableFile, match=message):
        SpineFile(written)[0]


def test_foreign_or_incomplete_files_are_refused_by_name(written: Path) -> None:
    with h5py.File(written, "a") as file:
        file.move("products/voxels", "products/objects")
    with pytest.raises(UnreadableFile, match="product 'voxels' is missing"):
        len(SpineFile(written))
    with h5py.File(written, "a") as file:
        file["info"].attrs["complete"] = False
    with pytest.raises(UnreadableFile, match="is not complete"):
        len(SpineFile(written))
    with h5py.File(written, "a") as file:
        file["info"].attrs["format_version"] = 1
    with pytest.raises(UnreadableFile, match="format version 1: only version 2"):
        len(SpineFile(written))


def test_an_interrupted_writer_leaves_nothing(tmp_path: Path, events: list[Event]) -> None:
    def broken() -> object:
        yield events[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_spine(tmp_path / "a.h5", broken())  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def pixels(file: SpineFile, index: int) -> int:
    return file[index].pixels


def test_a_reader_travels_to_other_processes(written: Path) -> None:
    file = SpineFile(written)
    assert file[0].pixels == 50
    assert pickle.loads(pickle.dumps(file)).path == file.path  # noqa: S301
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.starmap(pixels, [(file, 0), (file, 2)]) == [50, 1]
