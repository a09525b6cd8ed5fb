"""A file whose structure is not what it should be is closed again, and refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.files import safety
from argoscope.files.safety import open_hdf5, read_rows, reading_structure


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["table"] = [1, 2]
    return tmp_path / "a.h5"


@pytest.mark.parametrize(
    ("raised", "refused"),
    [(KeyError("'info'"), UnreadableFile), (InvalidArgument("own"), InvalidArgument), (KeyboardInterrupt(), KeyboardInterrupt)],
    ids=["foreign", "own", "Ctrl-C"],
)  # fmt: skip
def test_a_file_that_fails_is_closed(path, raised, refused):
    file = open_hdf5(path)
    message = "its info cannot be read" if refused is UnreadableFile else None
    with pytest.raises(refused, match=message), reading_structure(file, path, "its info"):
        raise raised
    assert not file


def test_a_file_that_is_sound_stays_open(path):
    file = open_hdf5(path)
    with reading_structure(file, path):
        assert "table" in file
    assert file
    file.close()


def test_a_chunk_larger_than_its_file_could_fill_is_refused(tmp_path):
    """Ten numbers, but in a chunk for which HDF5 would take 2 GB."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("table", (10,), maxshape=(None,), chunks=(2**28,), dtype="f8", compression="gzip")
    with pytest.raises(UnreadableFile, match=f"/table declares {2**31} bytes"):
        open_hdf5(path)


def test_a_chunk_that_takes_too_much_memory_is_refused_though_it_may_be_true(tmp_path, monkeypatch):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("table", (2000,), chunks=(1000,), dtype="f8", compression="gzip")
    open_hdf5(path).close()
    monkeypatch.setattr(safety, "MAX_CHUNK", 7999)
    with pytest.raises(
        UnreadableFile, match=r"in chunks of 8000 bytes.*7999 are allowed.*h5repack -l /table:"
    ):
        open_hdf5(path)


def test_rows_that_take_too_much_memory_are_refused(path, monkeypatch):
    with h5py.File(path, "r") as file:
        assert read_rows(file["table"], 0, 2, path, "event 0").tolist() == [1, 2]
        monkeypatch.setattr(safety, "MAX_READ", 15)
        assert read_rows(file["table"], 0, 1, path, "event 0").tolist() == [1]
        with pytest.raises(
            UnreadableFile, match="event 0 in /table takes 16 bytes of memory, where 15 are allowed"
        ):
            read_rows(file["table"], 0, 2, path, "event 0")
