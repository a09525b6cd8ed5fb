"""The `/argoscope` group: schemes and units survive, damage is found, newer versions are refused."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.errors import IntegrityError, UnreadableFile
from argoscope.events import COSMIC, Event, EventId, Grid, Image, LabelColumn, LabelScheme
from argoscope.files.header import verify
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_events

OWN = LabelScheme("my-scheme", ("noise", "signal"), unlabelled=9, default=0)


def event(number: int, scheme: LabelScheme = OWN) -> Event:
    coordinates = np.array([[0, 1], [2, 3], [7, 9]])
    image = Image(Grid((8, 10), projection=2, unit="wire-time"), coordinates, np.array([1.0, 2.0, 3.0]))
    image = image.with_labels(semantic=LabelColumn(np.array([0, 1, 1]), scheme))
    return Event(
        EventId(1, 2, number), (image,), detector="bench", charge_unit="electrons", energy_unit="GeV"
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_events(
        tmp_path / "a.h5", (event(n) for n in range(3)), provenance={"command": "test", "seeds": {"a": 1}}
    )
    return tmp_path / "a.h5"


def test_events_come_back_with_scheme_units_detector_and_provenance(path: Path) -> None:
    with Larcv3File(path) as file:
        assert [file.event(n) for n in range(3)] == [event(n) for n in range(3)]
        facts = file.describe()
    assert facts.units == {"charge": "electrons", "energy": "GeV"}
    assert facts.schemes == {"sparse2d_semantic": "my-scheme"}
    assert facts.provenance == {"command": "test", "seeds": {"a": 1}}


def test_group_holds_plain_bytes_only(path: Path) -> None:
    with h5py.File(path) as file:
        assert sorted(file["argoscope"]) == ["checksums", "header", "provenance", "seal"]
        assert {data.dtype for data in file["argoscope"].values()} == {np.dtype(np.uint8)}
        assert json.loads(bytes(file["argoscope/header"][:]))["format_version"] == "1.0"


def test_every_dataset_is_under_a_checksum(path: Path) -> None:
    with h5py.File(path) as file:
        assert verify(file, path) == count(file) - 2  # all but the list itself and its seal


def count(group: h5py.Group) -> int:
    return sum(count(item) if isinstance(item, h5py.Group) else 1 for item in group.values())


@pytest.mark.parametrize(
    "dataset",
    [
        "Data/sparse2d_wire_group/voxels",
        "Events/event_id",
        "argoscope/header",
        "argoscope/provenance",
        "argoscope/seal",
    ],
)
def test_one_changed_number_is_found(path: Path, dataset: str) -> None:
    with h5py.File(path, "r+") as file:
        raw = file[dataset][:]
        raw.view(np.uint8)[-9 if len(raw) > 9 else 0] ^= 1
        file[dataset][:] = raw
    with (
        h5py.File(path) as file,
        pytest.raises(IntegrityError, match=r"a.h5: .* does not match its (checksum|seal)"),
    ):
        verify(file, path)


def test_added_and_removed_datasets_are_found(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file["extra"] = np.zeros(3)
    with (
        h5py.File(path) as file,
        pytest.raises(IntegrityError, match=r"/extra is not both in the file and in its list"),
    ):
        verify(file, path)


def test_newer_major_version_is_refused_by_name(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        header = json.loads(bytes(file["argoscope/header"][:]))
        header["format_version"] = "2.0"
        del file["argoscope/header"]
        file["argoscope/header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    with pytest.raises(
        UnreadableFile, match=r"format version '2.0', this argoscope knows 1.0: install a newer"
    ):
        len(Larcv3File(path))


def test_known_scheme_comes_back_as_itself(tmp_path: Path) -> None:
    write_events(tmp_path / "b.h5", [event(0, COSMIC)])
    with Larcv3File(tmp_path / "b.h5") as file:
        assert file.event(0).images[0].label("semantic").scheme is COSMIC


def test_events_of_another_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"event 1 .* has other labels, units or detector than the first"):
        write_events(tmp_path / "c.h5", [event(0), event(1, COSMIC)])
    assert list(tmp_path.iterdir()) == []
